"""What goes wrong in a browser while nobody looks at its console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# A report to the server says nothing to the page; this event does.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


class Watch:
    """Collects errors of the console and of scripts, policy reports and requests that failed."""

    def __init__(self, context: BrowserContext) -> None:
        self.faults: list[str] = []
        self._is_server_away = False
        self._statuses: set[int] = set()
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)

    @contextmanager
    def server_away(self) -> Iterator[None]:
        """While this lasts requests may fail, as they must; anything else is still a fault."""
        self._is_server_away = True
        yield
        self._is_server_away = False

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """While this lasts the server may answer so."""
        self._statuses = set(statuses)
        yield
        self._statuses = set()

    def _on_console(self, message: ConsoleMessage) -> None:
        # The browser repeats every failed request here; those are judged below. So does htmx.
        repeated = ("Failed to load resource", "htmx:" if self._is_server_away else "Failed")
        if message.type == "error" and not message.text.startswith(repeated):
            self.faults.append(f"console: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _on_failed(self, request: Request) -> None:
        # What a page asked for when it was left is aborted; the page is not there to miss it.
        is_left = request.failure == "net::ERR_ABORTED"
        if not is_left and not self._is_server_away:
            self.faults.append(f"request: {request.method} {request.url} {request.failure}")

    def _on_response(self, response: Response) -> None:
        is_bad = response.status >= 400 and response.status not in self._statuses
        if is_bad and not self._is_server_away:
            self.faults.append(f"answer: {response.status} {response.url}")
