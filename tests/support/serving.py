"""The application on a real port, in threads of the test's own process."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

# How soon a server that is told to stop notices; the library's half second adds up over a run.
POLL_SECONDS = 0.02


class QuietHandler(WSGIRequestHandler):
    """A line for every request would drown what a failed test has to say."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def whole(application: Flask) -> WSGIApplication:
    """Answers read to their end and closed before they are sent.

    The server forgets to close a file when a browser that goes away resets the connection.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with closing(ClosingIterator(application(environ, start_response))) as parts:
            return list(parts)

    return answer


@contextmanager
def serving(application: Flask) -> Iterator[str]:
    """Serve on a free port; gives the address."""
    server = make_server(
        "localhost", 0, whole(application), threaded=True, request_handler=QuietHandler
    )
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
