"""Errors as people and programs need them: a page, a fragment, or problem+json (RFC 9457).

A page says what happened, what is safe and how to go on. Domain errors bring their own
sentence; everything else takes it from EXPLANATIONS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core.errors import DomainError
from app.web.current import is_signed_in
from app.web.responses import wants_fragment


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened, what is safe, how to go on."""

    title: str
    safe: str
    go_on: str


NOTHING_CHANGED = "Nothing was changed."
EXPLANATIONS = {
    400: Explanation(
        "The request could not be read", NOTHING_CHANGED, "Go back, reload the page, try again."
    ),
    401: Explanation("Please log in first", NOTHING_CHANGED, "Log in, then repeat it."),
    403: Explanation(
        "You may not do this", NOTHING_CHANGED, "Ask an administrator for a role that includes it."
    ),
    404: Explanation(
        "There is nothing at this address",
        "Labels that were printed stay valid; the address may be mistyped or out of date.",
        "Search for the code or name, or start from the dashboard.",
    ),
    405: Explanation("This address does not do that", NOTHING_CHANGED, "Go back and try again."),
    409: Explanation("This does not fit what is booked", NOTHING_CHANGED, "Look, then decide."),
    413: Explanation(
        "The file or text is too large", NOTHING_CHANGED, "Split it and send the parts."
    ),
    422: Explanation("Something was not understood", NOTHING_CHANGED, "Correct it and try again."),
    429: Explanation(
        "Too many tries in a short time",
        NOTHING_CHANGED,
        "Wait a few minutes, then try again.",
    ),
    500: Explanation(
        "Something went wrong on our side",
        "What was booked before is safe. This act was not booked; scans stay on the device.",
        "Try again. If it happens again, give an administrator the number below.",
    ),
    503: Explanation(
        "The system is busy or starting",
        "Nothing was written. Scans stay on the device and are sent later, once.",
        "Wait a few seconds and try again.",
    ),
}


def init_app(app: Flask) -> None:
    """Answer every error in one of the three forms."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)


def explanation(status: int) -> Explanation:
    """The words for a status; unlisted ones take their class's."""
    return EXPLANATIONS.get(status) or EXPLANATIONS[500 if status >= 500 else 400]


def problem(status: int, code: str, detail: str, **facts: Any) -> Response:
    """An error for a program."""
    body = {"type": f"urn:rollcall:problem:{code}", "title": explanation(status).title}
    response = jsonify(
        body | facts | {"status": status, "code": code, "detail": detail, "request_id": _id()}
    )
    response.status_code = status
    response.content_type = "application/problem+json"
    return response


def _domain_error(error: DomainError) -> Response:
    response = _answer(error.status, error.code, error.message, field=error.field)
    if error.status == 503:
        response.headers["Retry-After"] = "2"
    return response


def _csrf_error(_error: CSRFError) -> Response:
    return _answer(
        400, "csrf", "This page was open for too long or in another log-in. Reload it and repeat."
    )


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None and status < 400:
        return make_response(error.response)
    if status == 401 and not _wants_problem():
        return _to_login()
    words = explanation(status)
    response = _answer(status, error.name.lower().replace(" ", "_"), words.title + ".")
    for name, value in error.get_headers(None, None):
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _answer(status: int, code: str, message: str, *, field: str | None = None) -> Response:
    if _wants_problem():
        return problem(status, code, message, **({"field": field} if field else {}))
    context = {
        "status": status,
        "message": message,
        "words": explanation(status),
        "request_id": _id(),
    }
    if wants_fragment():
        response = make_response(render_template("errors/_notice.html", **context), status)
        # The page stays as it is; the notice lies over it (js/ui/fragment_errors.js).
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        response = make_response(render_template(_template(status), **context), status)
    response.vary.add("HX-Request")
    return response


def _template(status: int) -> str:
    # The shell asks the database who is there; after a crash nothing may be asked.
    return "errors/show.html" if status < 500 and is_signed_in() else "errors/bare.html"


def _to_login() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else _page_before()
    if wants_fragment():
        here = _path_of(request.headers.get("HX-Current-URL", "")) or "/"
    login = f"/login/?next={quote(here, safe='/')}" if here != "/" else "/login/"
    if wants_fragment():
        response = make_response("", 401)
        response.headers["HX-Redirect"] = login
        return response
    return make_response(redirect(login, 303))


def _page_before() -> str:
    return _path_of(request.referrer or "") or "/"


def _path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _wants_problem() -> bool:
    accepts = request.accept_mimetypes
    return request.path.startswith("/api/") or (
        accepts.best_match(["text/html", "application/json"]) == "application/json"
    )


def _id() -> str:
    return str(g.get("request_id", ""))
