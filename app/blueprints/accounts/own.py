"""One's own account: who I am, what I may do where, asking for more, a new password."""

from __future__ import annotations

from typing import Any

from flask import Response, flash

from app.blueprints.accounts.forms import PasswordForm, WishForm
from app.blueprints.accounts.sessions import begin_session
from app.core.errors import DomainError
from app.domain.accounts import commands
from app.domain.accounts.models import User
from app.domain.accounts.people_queries import list_grants, list_places_of_work, list_roles
from app.domain.accounts.request_queries import list_requests_of
from app.extensions import limiter
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import signed_in
from app.web.responses import page, see_other

SHOWN_MAX = 50
REQUESTS_MAX = 10


def _whoever_asks() -> str:
    return f"user:{current_actor().user_id}"


@signed_in
def show() -> Response:
    """The page."""
    return _page()


@signed_in
@limiter.limit("20 per hour", key_func=_whoever_asks)
def ask() -> Response:
    """Ask for another role."""
    form, places = WishForm(), list_places_of_work(reading())
    form.offer(list_roles(reading()), places)
    if not form.validate():
        return _page(wish=form)
    try:
        unit_of_work(
            lambda session: commands.ask_for_role(
                session, actor=current_actor(), wish=form.wish(places)
            )
        )
    except DomainError as error:
        form.refuse(error)
        return _page(wish=form)
    flash("Your request was sent.", "ok")
    return see_other("/account/")


@signed_in
@limiter.limit("6 per 5 minutes", key_func=_whoever_asks)
def change_password() -> Response:
    """Change the password; this session goes on, the others end."""
    form, actor = PasswordForm(), current_actor()
    if not form.validate():
        return _page(password=form)
    try:
        password = commands.prepare_change(
            reading(), actor=actor, present=form.present.data, password=form.password.data
        )
        user = unit_of_work(
            lambda session: commands.change_password(session, actor=actor, password=password)
        )
    except DomainError as error:
        form.refuse(error)
        return _page(password=form)
    begin_session(actor, user.session_epoch)
    flash("Your password is changed. Your other sessions have ended.", "ok")
    return see_other("/account/")


def _page(*, wish: WishForm | None = None, password: PasswordForm | None = None) -> Response:
    """The page; with a form that was refused, its errors."""
    user = reading().get_one(User, current_actor().user_id)
    grants = list_grants(reading(), user_id=user.id, limit=SHOWN_MAX)
    context: dict[str, Any] = {
        "user": user,
        "grants": [one for one in grants if not one.is_over],
        "requests": list_requests_of(reading(), user_id=user.id, limit=REQUESTS_MAX),
        "wish": wish or _empty_wish(),
        "password": password or PasswordForm(formdata=None),
    }
    return page("accounts/own.html", status=422 if wish or password else 200, **context)


def _empty_wish() -> WishForm:
    form = WishForm(formdata=None)
    form.offer(list_roles(reading()), list_places_of_work(reading()))
    return form
