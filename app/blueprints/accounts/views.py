"""Logging in and out with the session cookie.

Nobody learns from an answer, or from how long it takes, whether a user name exists.
"""

from __future__ import annotations

import structlog
from flask import Response, current_app, request, session
from flask_login import logout_user

from app.blueprints.accounts.forms import LoginForm
from app.blueprints.accounts.sessions import begin_session, record_session, was_refused
from app.domain.accounts.queries import load_actor, verify_password
from app.extensions import limiter
from app.web.addresses import local_path
from app.web.current import current_actor, is_signed_in
from app.web.database import reading
from app.web.guards import public
from app.web.navigation import landing_path
from app.web.responses import back_to, page, see_other

log = structlog.get_logger(__name__)

REFUSAL = "User name and password do not match."


def _typed_username() -> str:
    return "user:" + request.form.get("username", "").strip().lower()[:80]


def _typed_username_here() -> str:
    """Name and address: wrong tries from elsewhere must not shut a person out."""
    return f"{_typed_username()}@{request.remote_addr}"


@public
def login() -> Response:
    """The form; whoever is logged in already goes on."""
    if is_signed_in():
        return back_to(landing_path())
    return _form(LoginForm())


@public
@limiter.limit("30 per 5 minutes", deduct_when=was_refused)
@limiter.limit("50 per 5 minutes", key_func=_typed_username, deduct_when=was_refused)
@limiter.limit("6 per 5 minutes", key_func=_typed_username_here, deduct_when=was_refused)
def log_in() -> Response:
    """Check name and password, and begin a session that knows nothing of an earlier one."""
    form = LoginForm()
    if not form.validate():
        return _form(form, status=422)
    user = verify_password(reading(), username=form.username.data, password=form.password.data)
    actor = load_actor(reading(), user.id, origin=request.remote_addr) if user else None
    if user is None or actor is None:
        log.warning("log-in refused", address=request.remote_addr)
        return _form(form, status=422, refusal=REFUSAL)
    begin_session(actor, user.session_epoch)
    return back_to(landing_path())


@public
def log_out() -> Response:
    """End the session. Doing it twice is no error."""
    if is_signed_in():
        record_session(current_actor(), "session.ended")
    logout_user()
    session.clear()
    return see_other("/login/")


def _form(form: LoginForm, *, status: int = 200, refusal: str | None = None) -> Response:
    return page(
        "accounts/login.html",
        status=status,
        form=form,
        refusal=refusal,
        next_path=local_path(request.values.get("next")),
        may_register=current_app.extensions["settings"].self_registration,
    )
