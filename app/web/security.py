"""Headers and cookies that keep the pages ours: a strict policy without anything inline.

The policy holds for every answer, also errors and files, so that no page is the exception.
"""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'",
    # The label decoder is WebAssembly; this word allows compiling it and no eval.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "worker-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "report-uri /csp-reports",
)
HEADERS = {
    "Content-Security-Policy": "; ".join(POLICY),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONE_YEAR = 31_536_000
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})


def init_app(app: Flask) -> None:
    """Send the headers with every answer."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    # Not request.host, which refuses an unknown name: this runs for its error page as well.
    host = request.environ.get("HTTP_HOST", "").partition(":")[0]
    if request.is_secure or host in LOCAL_HOSTS:
        # Elsewhere a browser ignores it and logs an error on every page.
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}")
    if "Cache-Control" not in response.headers:
        # Tablets are shared: what one person saw must not come back for the next.
        response.headers["Cache-Control"] = "no-store"
    return response
