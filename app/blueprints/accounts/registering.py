"""Registering: an account that may do nothing until somebody approves its request.

That a user name is taken is the one thing that a stranger learns here, and tries are counted.
"""

from __future__ import annotations

from flask import Response, current_app, request

from app.blueprints.accounts.forms import RegisterForm
from app.blueprints.accounts.sessions import begin_session, was_done, was_refused
from app.core.errors import DomainError, NotFound
from app.domain.accounts.commands import prepare_registration, register_user
from app.domain.accounts.people_queries import PlaceOfWork, list_places_of_work, list_roles
from app.domain.accounts.queries import load_actor
from app.extensions import limiter
from app.web.current import is_signed_in
from app.web.database import reading, unit_of_work
from app.web.guards import public
from app.web.responses import page, see_other


@public
def register() -> Response:
    """The form; whoever is logged in already has an account."""
    _require_open()
    if is_signed_in():
        return see_other("/account/")
    form, places = _form()
    return _page(form, places)


@public
@limiter.limit("20 per hour", deduct_when=was_done)
@limiter.limit("30 per 5 minutes", deduct_when=was_refused)
def send_registration() -> Response:
    """Make the account, ask for the role, and log the person in."""
    _require_open()
    form, places = _form()
    if not form.validate():
        return _page(form, places, status=422)
    try:
        wish = form.wish(places)
        password = prepare_registration(
            reading(), username=form.username.data, password=form.password.data, key=wish.key
        )
        user = unit_of_work(
            lambda session: register_user(
                session,
                username=form.username.data,
                name=form.name.data,
                password=password,
                email=form.email.data,
                wish=wish,
                origin=request.remote_addr,
            )
        )
    except DomainError as error:
        form.refuse(error)
        return _page(form, places, status=422)
    actor = load_actor(reading(), user.id, origin=request.remote_addr)
    if actor is not None:
        begin_session(actor, user.session_epoch)
    return see_other("/account/")


def _require_open() -> None:
    if not current_app.extensions["settings"].self_registration:
        raise NotFound("Nobody registers here by themselves. Ask an administrator for an account.")


def _form() -> tuple[RegisterForm, list[PlaceOfWork]]:
    places = list(list_places_of_work(reading()))
    form = RegisterForm()
    form.offer(list_roles(reading()), places)
    return form, places


def _page(form: RegisterForm, places: list[PlaceOfWork], *, status: int = 200) -> Response:
    return page("accounts/register.html", status=status, form=form, has_places=bool(places))
