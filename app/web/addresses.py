"""Addresses: which ones are our own, and the present one with other arguments."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LONGEST_PATH = 2_000


def local_path(target: str | None) -> str | None:
    """`target` if it is a plain path on this host, else None.

    Browsers read "\\" as "/", drop control characters and take "//host" as another host, so all
    of them are refused rather than repaired.
    """
    if not target or len(target) > LONGEST_PATH or not target.startswith("/"):
        return None
    if "\\" in target or any(ord(character) <= 32 for character in target):
        return None
    parts = urlsplit(target)
    if target.startswith("//") or parts.scheme or parts.netloc:
        return None
    return target


def endpoint_at(path: str) -> str | None:
    """The endpoint that answers GET on a path, or None where nothing does."""
    try:
        endpoint, _ = current_app.url_map.bind("localhost").match(path, "GET")
    except (HTTPException, RequestRedirect):
        return None
    return str(endpoint)


def has_path(path: str) -> bool:
    """Whether the application answers GET on this path: links are drawn only where they lead."""
    return endpoint_at(path) is not None


def with_filters(path: str) -> str:
    """Another address of our own with this page's filters, from the beginning."""
    return path + here_with().removeprefix(request.path)


def here_with(**changes: object) -> str:
    """This page's address with other query arguments; None removes one, paging starts again."""
    merged = {**request.args.to_dict(), "after": None, **changes}
    arguments = {key: str(value) for key, value in merged.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(arguments)}" if arguments else request.path
