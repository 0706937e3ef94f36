"""Registering: an account at once, rights when somebody gives them."""

import uuid

import pytest
import sqlalchemy as sa

from app import create_app
from app.core.database import Database
from app.domain.accounts.models import RoleRequest, User
from app.domain.ledger.models import Movement
from tests.factories.plant import PASSWORD, Plant
from tests.support.web import csrf_of, log_in, send_form

SECRET = "a long enough secret"


def fields(plant: Plant, **changes: str) -> dict[str, str]:
    return {
        "username": "newbie",
        "name": "New Person",
        "email": "new@plant.example",
        "password": SECRET,
        "again": SECRET,
        "role": "forklift_driver",
        "department": str(plant.hot_rolling.uid),
        "note": "Night shift",
        "key": str(uuid.uuid4()),
    } | changes


def register(client, plant, **changes):
    return send_form(client, "/register/", page="/register/", **fields(plant, **changes))


def count(database: Database, model) -> int:
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_whoever_registers_is_logged_in_and_told_to_wait(client, plant):
    answer = register(client, plant)

    assert (answer.status_code, answer.location) == (303, "/account/")
    page = client.get("/account/")
    assert "Your request waits for a decision" in page.text
    assert "Forklift driver in Hot rolling" in page.text
    assert client.get("/").location == "/account/"


def test_until_then_every_page_of_the_trade_is_shut(client, plant):
    register(client, plant)

    for path in ("/stock/units/", "/movements/", "/requests/roles/", "/administration/users/"):
        assert client.get(path).status_code == 403, path
    rail = client.get("/account/").text
    assert 'href="/stock/units/"' not in rail
    assert 'href="/scan/"' not in rail or "rail__link" in rail


def test_an_approval_holds_with_the_next_page_without_logging_in_again(app, plant, database):
    person, admin = app.test_client(), app.test_client()
    register(person, plant)
    log_in(admin, "admin")
    with database.reader() as session:
        uid = session.scalars(sa.select(RoleRequest.uid)).one()
    page = f"/requests/roles/{uid}/"

    answer = send_form(
        admin, f"{page}approval", page=page, department=str(plant.hot_rolling.uid), valid_until=""
    )

    assert (answer.status_code, answer.location) == (303, "/requests/roles/")
    assert person.get("/stock/units/").status_code == 200
    assert "Forklift driver" in person.get("/account/").text
    assert count(database, Movement) == 0


def test_pressing_twice_makes_one_account(client, plant, database):
    token = csrf_of(client.get("/register/"))
    sent = fields(plant) | {"csrf_token": token}
    other = client.application.test_client()
    other.set_cookie("rollcall_session", client.get_cookie("rollcall_session").value)

    answers = [one.post("/register/", data=sent) for one in (client, other)]

    assert [answer.location for answer in answers] == ["/account/", "/account/"]
    assert count(database, RoleRequest) == 1


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"username": "keeper"}, "There is a user “keeper” already."),
        ({"username": "<b>"}, "A user name has 2 to 80"),
        ({"username": ""}, "Choose a user name."),
        ({"name": " "}, "A name has 1 to 120"),
        ({"email": "nobody"}, "An e-mail address looks like"),
        ({"password": "short", "again": "short"}, "A password has 8 to 200"),
        ({"again": "another"}, "The two passwords are not the same."),
        ({"role": ""}, "Choose a role."),
        ({"role": "king"}, "Not a valid choice"),
        ({"department": str(uuid.uuid4())}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_made(
    client, plant, database, changes, message
):
    before = count(database, User)

    answer = register(client, plant, **changes)

    assert answer.status_code == 422
    assert message in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert SECRET not in answer.text
    assert "Night shift" in answer.text
    assert (count(database, User), count(database, RoleRequest)) == (before, 0)


def test_guessing_which_names_are_taken_is_stopped(client, plant):
    for number in range(30):
        register(client, plant, username="keeper", name=f"Guess {number}")

    assert register(client, plant, username="manager").status_code == 429


def test_one_address_does_not_register_without_end(client, plant, monkeypatch):
    # The real hash is for one registration, not for twenty.
    monkeypatch.setattr("app.domain.accounts.commands.users.hash_password", lambda word: "x")
    for number in range(20):
        fresh = client.application.test_client()
        assert register(fresh, plant, username=f"newbie{number}").status_code == 303

    fresh = client.application.test_client()
    assert register(fresh, plant, username="onemore").status_code == 429


def test_registering_can_be_switched_off(app_settings, plant):
    shut = create_app(app_settings.model_copy(update={"self_registration": False})).test_client()

    login = shut.get("/login/")
    assert "/register/" not in login.text
    assert shut.get("/register/").status_code == 404
    sent = fields(plant) | {"csrf_token": csrf_of(login)}
    assert shut.post("/register/", data=sent).status_code == 404


def test_whoever_is_logged_in_has_an_account(client, plant):
    assert "/register/" in client.get("/login/").text
    log_in(client, "viewer", PASSWORD)

    assert client.get("/register/").location == "/account/"


def test_without_a_department_there_is_nothing_to_ask_for(client, database):
    page = client.get("/register/")

    assert page.status_code == 200
    assert "There is nowhere to work yet" in page.text
