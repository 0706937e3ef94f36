"""The inbox of requests for roles."""

import re

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.rights import Permission
from app.domain.accounts.commands import Wish, ask_for_role, create_user, grant_role
from app.domain.accounts.models import Grant, RoleRequest
from app.domain.accounts.queries import load_actor
from tests.factories.plant import PASSWORD_HASH, Plant
from tests.support.statements import counting_statements
from tests.support.web import log_in, send_form

INBOX = "/requests/roles/"


@pytest.fixture
def asked(database: Database, plant: Plant) -> RoleRequest:
    """The viewer wants to be an operator of hot rolling."""
    wish = Wish("operator", plant.hot_rolling.id, note="For the <night> shift")
    return database.unit_of_work(
        lambda session: ask_for_role(session, actor=plant.viewer, wish=wish)
    )


@pytest.fixture
def head(database: Database, plant: Plant) -> str:
    """Somebody who manages the accounts of finishing only."""

    def work(session):
        user = create_user(session, actor=plant.admin, username="head", name="Head of Finishing")
        user.password_hash = PASSWORD_HASH
        grant_role(
            session,
            actor=plant.admin,
            user_id=user.id,
            role_code="factory_admin",
            department_id=plant.finishing.id,
        )

    database.unit_of_work(work)
    return "head"


def load(database: Database) -> RoleRequest:
    with database.reader() as session:
        return session.scalars(sa.select(RoleRequest)).one()


def approve(client, asked, plant, **more):
    page = f"{INBOX}{asked.uid}/"
    sent = {"department": str(plant.hot_rolling.uid), "valid_until": ""} | more
    return send_form(client, f"{page}approval", page=page, **sent)


def badge(client) -> str | None:
    found = re.search(r'count--rail">(\d+)', client.get(INBOX).text)
    return found.group(1) if found else None


def test_what_waits_is_counted_in_the_rail_and_listed(client, plant, asked):
    log_in(client, "admin")

    page = client.get(INBOX).text

    assert "Viewer of Hot rolling" in page
    assert "For the &lt;night&gt; shift" in page
    assert badge(client) == "1"


def test_approving_until_a_day_includes_that_day(client, plant, asked, database):
    log_in(client, "admin")

    assert approve(client, asked, plant, valid_until="2099-12-31").location == INBOX

    with database.reader() as session:
        grant = session.get_one(Grant, load(database).grant_id)
    # The day ends at midnight of Berlin.
    assert grant.valid_until.isoformat() == "2099-12-31T23:00:00+00:00"
    assert badge(client) is None
    assert "Approved" in client.get(INBOX).text


def test_a_day_in_the_past_is_refused_beside_its_field(client, plant, asked, database):
    log_in(client, "admin")

    answer = approve(client, asked, plant, valid_until="2020-01-01")

    assert answer.status_code == 422
    assert "A grant must end after it begins." in answer.text
    assert load(database).decided_at is None


def test_declining_says_why_to_whoever_asked(app, plant, asked, database):
    admin, viewer = app.test_client(), app.test_client()
    log_in(admin, "admin")
    log_in(viewer, "viewer")
    page = f"{INBOX}{asked.uid}/"

    empty = send_form(admin, f"{page}refusal", page=page, reason=" ")
    answer = send_form(admin, f"{page}refusal", page=page, reason="There are enough of them.")

    assert empty.status_code == 422
    assert answer.location == INBOX
    assert "There are enough of them." in viewer.get("/account/").text
    with database.reader() as session:
        actor = load_actor(session, plant.viewer.user_id)
    assert not actor.may(Permission.LEDGER_PRODUCE)


def test_whoever_comes_second_is_told_who_decided(app, plant, asked, database):
    first, second = app.test_client(), app.test_client()

    def work(session):
        user = create_user(session, actor=plant.admin, username="second", name="Second")
        user.password_hash = PASSWORD_HASH
        grant_role(session, actor=plant.admin, user_id=user.id, role_code="factory_admin")

    database.unit_of_work(work)
    log_in(first, "admin")
    log_in(second, "second")
    path = f"{INBOX}{asked.uid}/"
    token = re.search(r'name="csrf_token" value="([^"]+)"', second.get(path).text).group(1)
    approve(first, asked, plant)

    answer = second.post(f"{path}refusal", data={"csrf_token": token, "reason": "No."})

    assert answer.status_code == 409
    assert "Ada Admin approved this request before." in answer.text
    assert "Give the role" not in second.get(path).text


def test_the_head_of_another_department_neither_sees_nor_decides(client, plant, asked, head):
    log_in(client, head)

    assert "Viewer of Hot rolling" not in client.get(INBOX).text
    assert badge(client) is None
    assert client.get(f"{INBOX}{asked.uid}/").status_code == 403
    for act in ("approval", "refusal"):
        answer = send_form(client, f"{INBOX}{asked.uid}/{act}", page=INBOX, reason="No.")
        assert answer.status_code == 403


@pytest.mark.parametrize("username", ["manager", "keeper", "driver", "viewer"])
def test_others_have_no_inbox(client, plant, asked, username):
    log_in(client, username)

    assert client.get(INBOX).status_code == 403
    assert INBOX not in client.get("/account/").text


def test_the_inbox_costs_the_same_however_much_waits(client, app, plant, asked, database):
    log_in(client, "admin")
    engine = app.extensions["database"].engine
    client.get(INBOX)
    with counting_statements(engine) as one:
        client.get(INBOX)
    for actor, role in ((plant.driver, "operator"), (plant.keeper, "staff")):
        wish = Wish(role, plant.hot_rolling.id)
        database.unit_of_work(
            lambda session, actor=actor, wish=wish: ask_for_role(session, actor=actor, wish=wish)
        )

    with counting_statements(engine) as many:
        client.get(INBOX)

    assert one.count == many.count == 8
