"""Setting a password with a link. Looking at the page does not use the link up."""

from __future__ import annotations

import uuid

from flask import Response, current_app, flash, request

from app.blueprints.accounts.forms import NewPasswordForm
from app.blueprints.accounts.sessions import was_refused
from app.core.errors import Invalid
from app.core.signing import unsign
from app.domain.accounts.commands import gone, prepare_reset, use_password_reset
from app.domain.accounts.people_queries import find_reset
from app.domain.accounts.rules import PASSWORD_PURPOSE
from app.extensions import limiter
from app.web.database import reading, unit_of_work
from app.web.guards import public
from app.web.responses import page, see_other


@public
@limiter.limit("60 per 5 minutes")
def new_password(token: str) -> Response:
    """The form, while the link works."""
    return _page(_uid(token), NewPasswordForm())


@public
@limiter.limit("30 per 5 minutes", deduct_when=was_refused)
def set_password(token: str) -> Response:
    """Set the password; the link is used up."""
    uid, form = _uid(token), NewPasswordForm()
    if not form.validate():
        return _page(uid, form, status=422)
    try:
        password = prepare_reset(reading(), uid=uid, password=form.password.data)
        unit_of_work(
            lambda session: use_password_reset(
                session, uid=uid, password=password, origin=request.remote_addr
            )
        )
    except Invalid as error:
        form.refuse(error)
        return _page(uid, form, status=422)
    flash("Your password is set. Log in with it.", "ok")
    return see_other("/login/")


def _uid(token: str) -> uuid.UUID:
    secret = current_app.config["SECRET_KEY"]
    uid = unsign(token, secret=secret, purpose=PASSWORD_PURPOSE)
    if uid is None:
        raise gone()
    return uid


def _page(uid: uuid.UUID, form: NewPasswordForm, *, status: int = 200) -> Response:
    found = find_reset(reading(), uid=uid)
    if found is None:
        raise gone()
    return page("accounts/password.html", status=status, form=form, user=found[1])
