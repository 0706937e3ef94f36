"""One log line per request, and an id that ties together everything the request logged."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger("request")
_GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
# An address that is itself a secret is logged by its rule.
SECRET_PREFIX = "/password/"
QUIET_PREFIXES = ("/static/", "/healthz", "/readyz")


def init_app(app: Flask) -> None:
    """Give each request an id, log it when it is answered."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers["X-Request-ID"] = g.request_id
    # The path without its query: what people search for is nobody's business.
    level = log.debug if request.path.startswith(QUIET_PREFIXES) else log.info
    level(
        "answered",
        method=request.method,
        path=_loggable_path(),
        status=response.status_code,
        milliseconds=round((time.perf_counter() - g.started) * 1000, 1),
        user_id=g.actor.user_id if "actor" in g else None,
    )
    return response


def _loggable_path() -> str:
    if not request.path.startswith(SECRET_PREFIX):
        return request.path
    return request.url_rule.rule if request.url_rule else SECRET_PREFIX
