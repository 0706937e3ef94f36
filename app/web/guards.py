"""Who may call a route. Every view says it with one decorator; a view that says nothing is shut.

The decorators only mark the view. `init_app` installs the one place that reads the mark, checks
the caller and, for everything that a browser sends with a cookie, the CSRF token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request
from werkzeug.exceptions import Unauthorized

from app.core.errors import Forbidden
from app.core.rights import Permission
from app.extensions import csrf
from app.web.bearer import take_bearer_grant
from app.web.current import current_actor, is_signed_in

View = TypeVar("View", bound=Callable[..., Any])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class Guard:
    """`caller` is public, machine, signed_in or bearer; any one of `permissions` is enough."""

    caller: str
    permissions: tuple[Permission, ...] = ()


def public(view: View) -> View:
    """Anybody."""
    return _mark(view, Guard("public"))


def machine(view: View) -> View:
    """Anybody, also programs that cannot hold a CSRF token (browsers' own reports)."""
    return _mark(view, Guard("machine"))


def signed_in(view: View) -> View:
    """Whoever has logged in, whatever their rights."""
    return _mark(view, Guard("signed_in"))


def allow(*permissions: Permission) -> Callable[[View], View]:
    """Whoever is logged in and has one of these permissions somewhere.

    For which site and department is decided by the command, or by the query's own filter.
    """
    return lambda view: _mark(view, Guard("signed_in", permissions))


def bearer_grant(view: View) -> View:
    """A device with a submit grant in its Authorization header; no cookie, so no CSRF."""
    return _mark(view, Guard("bearer"))


def guard_of(view: Callable[..., Any]) -> Guard | None:
    """What the view says about its callers."""
    return cast("Guard | None", getattr(view, "guard", None))


def init_app(app: Flask) -> None:
    """Check every request before its view."""
    app.before_request(_enforce)


def _mark(view: View, guard: Guard) -> View:
    view.guard = guard  # type: ignore[attr-defined]
    return view


def _enforce() -> None:
    if request.endpoint is None:
        return
    guard = guard_of(current_app.view_functions[request.endpoint])
    if guard is None:
        raise RuntimeError(f"{request.endpoint} does not say who may call it")
    if guard.caller == "bearer":
        take_bearer_grant()
        return
    # First who is asking: a form that was sent after its session ended is led to the log-in, and
    # its token, which ended with the session, is of no interest.
    if guard.caller == "signed_in":
        _require_sign_in(guard)
    if request.method not in SAFE_METHODS and guard.caller != "machine":
        csrf.protect()


def _require_sign_in(guard: Guard) -> None:
    if not is_signed_in():
        raise Unauthorized
    actor = current_actor()
    if guard.permissions and not any(actor.may(permission) for permission in guard.permissions):
        raise Forbidden(
            f"{actor.name} does not have the right to open this. "
            "Ask an administrator for a role that includes it.",
            permission=str(guard.permissions[0]),
        )
