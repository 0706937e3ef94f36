"""Accounts for administrators: who there is, what they may do, and the acts upon an account.

Whoever manages accounts somewhere sees everybody; the commands decide whom they may act upon.
"""

from __future__ import annotations

import uuid

from flask import Response, current_app, flash, request

from app.blueprints.accounts.forms import CHOOSE, GrantForm, PersonForm, place_choices, place_id
from app.core.errors import DomainError, Invalid, NotFound
from app.core.rights import Permission
from app.domain.accounts import commands, rules
from app.domain.accounts.models import PasswordReset, User
from app.domain.accounts.people_queries import (
    PlaceOfWork,
    list_grants,
    list_people,
    list_places_of_work,
    list_roles,
)
from app.domain.accounts.queries import user_by_uid
from app.domain.accounts.request_queries import list_requests_of
from app.domain.locations.models import Department
from app.domain.locations.queries import departments_in_reach
from app.web import stock
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.paging import PAGE_SIZE, cursor, paged
from app.web.responses import page, see_other

GRANTS_MAX = 100
MANAGE = Permission.ACCOUNTS_MANAGE


@allow(MANAGE)
def index() -> Response:
    """Everybody by name."""
    rows = list_people(reading(), text=stock.typed(), after=_after(), limit=PAGE_SIZE + 1)
    return page(
        "accounts/people.html",
        page=paged(rows, key=lambda row: (row.name, row.id)),
        text=stock.typed(),
    )


@allow(MANAGE)
def new() -> Response:
    """The form for a new account."""
    return page("accounts/new.html", form=_person_form()[0])


@allow(MANAGE)
def add() -> Response:
    """Make an account without a password, and go on to its page."""
    form, places = _person_form()
    if not form.validate():
        return page("accounts/new.html", status=422, form=form)
    try:
        user = unit_of_work(
            lambda session: commands.create_user(
                session,
                actor=current_actor(),
                username=form.username.data,
                name=form.name.data,
                email=form.email.data,
                home_department_id=place_id(places, form.department.data),
            )
        )
    except DomainError as error:
        form.refuse(error)
        return page("accounts/new.html", status=422, form=form)
    flash("The account is made. Give it a role, and its owner a link for a password.", "ok")
    return see_other(_path(user))


@allow(MANAGE)
def show(uid: uuid.UUID) -> Response:
    """One account: what it may do where, and since when."""
    return _page(user_by_uid(reading(), uid=uid), _grant_form()[0])


@allow(MANAGE)
def grant(uid: uuid.UUID) -> Response:
    """Give a role, from now on."""
    user = user_by_uid(reading(), uid=uid)
    form, places = _grant_form()
    if not form.validate():
        return _page(user, form, status=422)
    try:
        unit_of_work(
            lambda session: commands.grant_role(
                session,
                actor=current_actor(),
                user_id=user.id,
                role_code=form.role.data,
                department_id=place_id(places, form.department.data),
                valid_until=form.ends(),
            )
        )
    except Invalid as error:
        form.refuse(error)
        return _page(user, form, status=422)
    flash(f"{user.name} has the role now.", "ok")
    return see_other(_path(user))


@allow(MANAGE)
def revoke(uid: uuid.UUID) -> Response:
    """End a grant at once."""
    user = user_by_uid(reading(), uid=uid)
    grants = {str(one.id): one for one in list_grants(reading(), user_id=user.id, limit=GRANTS_MAX)}
    chosen = grants.get(request.form.get("grant", ""))
    if chosen is None:
        raise NotFound("There is no such grant.")
    unit_of_work(
        lambda session: commands.revoke_role(session, actor=current_actor(), grant_id=chosen.id)
    )
    flash(f"{user.name} does not have the role {chosen.role_name} there any more.", "ok")
    return see_other(_path(user))


@allow(MANAGE)
def close(uid: uuid.UUID) -> Response:
    """Shut the account."""
    user = user_by_uid(reading(), uid=uid)
    unit_of_work(
        lambda session: commands.close_user(session, actor=current_actor(), user_id=user.id)
    )
    flash(f"The account of {user.name} is closed.", "ok")
    return see_other(_path(user))


@allow(MANAGE)
def reopen(uid: uuid.UUID) -> Response:
    """Open the account again."""
    user = user_by_uid(reading(), uid=uid)
    unit_of_work(
        lambda session: commands.reopen_user(session, actor=current_actor(), user_id=user.id)
    )
    flash(f"The account of {user.name} is open again.", "ok")
    return see_other(_path(user))


@allow(MANAGE)
def password_link(uid: uuid.UUID) -> Response:
    """Make a link for a new password. Only this answer shows it, so nothing redirects."""
    user = user_by_uid(reading(), uid=uid)
    reset = unit_of_work(
        lambda session: commands.issue_password_reset(
            session, actor=current_actor(), user_id=user.id
        )
    )
    return page("accounts/link.html", user=user, reset=reset, link=_link(reset))


def _page(user: User, form: GrantForm, *, status: int = 200) -> Response:
    home = reading().get(Department, user.home_department_id) if user.home_department_id else None
    return page(
        "accounts/person.html",
        status=status,
        user=user,
        form=form,
        home=home,
        grants=list_grants(reading(), user_id=user.id, limit=GRANTS_MAX),
        requests=[
            one
            for one in list_requests_of(reading(), user_id=user.id, limit=GRANTS_MAX)
            if one.decision is None
        ],
    )


def _grant_form() -> tuple[GrantForm, list[PlaceOfWork]]:
    form, places = GrantForm(), _places()
    form.offer(places, everywhere=current_actor().may_throughout(MANAGE))
    form.role.choices = [CHOOSE, *((role.code, role.name) for role in list_roles(reading()))]
    return form, places


def _person_form() -> tuple[PersonForm, list[PlaceOfWork]]:
    form, places = PersonForm(), _places()
    form.department.choices = [("", "None yet"), *place_choices(places)]
    return form, places


def _places() -> list[PlaceOfWork]:
    among = departments_in_reach(reading(), actor=current_actor(), permission=MANAGE)
    return list(list_places_of_work(reading(), among=among))


def _path(user: User) -> str:
    return f"/administration/users/{user.uid}/"


def _link(reset: PasswordReset) -> str:
    path = rules.password_link(reset.uid, secret=current_app.config["SECRET_KEY"])
    return f"{current_app.config['LABEL_BASE_URL']}{path}"


def _after() -> tuple[str, int] | None:
    key = cursor()
    if key is None:
        return None
    if len(key) != 2 or not isinstance(key[0], str) or not isinstance(key[1], int):
        raise Invalid("This page link is damaged. Open the first page again.", field="after")
    return key[0], key[1]
