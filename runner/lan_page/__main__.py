"""Serves the guide, its style and the authority's certificate over http, and nothing else."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Guide(BaseHTTPRequestHandler):
    """Answers GET for three addresses."""

    authority: Path

    def do_GET(self) -> None:
        """Send one of the three files, or 404."""
        files = {
            "/": (HERE / "guide.html", "text/html; charset=utf-8"),
            "/guide.css": (HERE / "guide.css", "text/css; charset=utf-8"),
            "/rollcall-ca.crt": (self.authority, "application/x-x509-ca-cert"),
        }
        found = files.get(self.path)
        if found is None:
            self.send_error(404)
            return
        content = found[0].read_bytes()
        self.send_response(200)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", found[1])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    Guide.authority = Path(sys.argv[1])
    ThreadingHTTPServer(("0.0.0.0", int(sys.argv[2])), Guide).serve_forever()  # noqa: S104
