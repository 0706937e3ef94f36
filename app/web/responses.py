"""Answers: a page or its fragment, a form with errors, a redirect after an act.

htmx asks for a fragment with HX-Request; everybody else gets the page. Both stand under one
URL, so each answer says that it varies.
"""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, redirect, render_template, request

from app.web.addresses import local_path


def wants_fragment() -> bool:
    """Whether htmx asked for a part of the page (and is not restoring its history)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in headers


def page(template: str, *, status: int = 200, **context: Any) -> Response:
    """A whole page."""
    response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def page_or_fragment(whole: str, fragment: str, *, status: int = 200, **context: Any) -> Response:
    """The fragment for htmx, else the page that includes it."""
    return page(fragment if wants_fragment() else whole, status=status, **context)


def invalid(whole: str, fragment: str | None = None, **context: Any) -> Response:
    """The form again, with what was typed and what is wrong (422)."""
    return page_or_fragment(whole, fragment or whole, status=422, **context)


def see_other(location: str) -> Response:
    """After an act: go on to `location` (303; htmx is told to load it as a page)."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = location
    else:
        response = make_response(redirect(location, 303))
    response.vary.add("HX-Request")
    return response


def changed(fragment: str, *, location: str, **context: Any) -> Response:
    """After an act on a page: its new fragment for htmx, else a redirect to the page."""
    return page(fragment, **context) if wants_fragment() else see_other(location)


def back_to(default: str) -> Response:
    """Where `next` says, if that is a path of our own; else to `default`."""
    return see_other(local_path(request.values.get("next")) or default)
