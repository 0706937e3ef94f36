"""One's own account: roles, asking for another one, a new password."""

from itertools import pairwise

import sqlalchemy as sa

from app.core.database import Database
from app.domain.accounts.models import RoleRequest
from tests.factories.plant import PASSWORD
from tests.support.statements import counting_statements
from tests.support.web import log_in, send_form

SECRET = "a long enough secret"


def change(client, present=PASSWORD, password=SECRET, again=None):
    return send_form(
        client,
        "/account/password",
        page="/account/",
        present=present,
        password=password,
        again=again if again is not None else password,
    )


def ask(client, plant, role="operator", **more):
    sent = {"role": role, "department": str(plant.hot_rolling.uid), "note": ""} | more
    return send_form(client, "/account/requests", page="/account/", **sent)


def test_the_page_says_who_one_is_and_what_one_may_do_where(client, plant):
    log_in(client, "driver")

    page = client.get("/account/").text

    assert "Driver of Hot rolling" in page
    assert "Forklift driver" in page
    assert "no end" in page


def test_the_page_costs_a_fixed_number_of_statements(client, app, plant):
    log_in(client, "driver")
    for role in ("operator", "stock_keeper", "view_only"):
        ask(client, plant, role)
    client.get("/account/")

    with counting_statements(app.extensions["database"].engine) as statements:
        client.get("/account/")

    assert statements.count == 8


def test_asking_for_another_role_makes_one_request_however_often(client, plant, database: Database):
    log_in(client, "viewer")
    for _ in "12":
        answer = ask(client, plant, note="Please")
        assert (answer.status_code, answer.location) == (303, "/account/")

    with database.reader() as session:
        [request] = session.scalars(sa.select(RoleRequest)).all()
    assert (request.user_id, request.note) == (plant.viewer.user_id, "Please")
    page = client.get("/account/").text
    assert "Your request waits for a decision" in page
    assert "Operator in Hot rolling" in page


def test_a_role_that_one_has_is_refused_with_what_was_typed(client, plant):
    log_in(client, "viewer")

    answer = ask(client, plant, role="view_only", note="Again")

    assert answer.status_code == 422
    assert "You have the role View only there." in answer.text
    assert "Again" in answer.text


def test_a_new_password_ends_the_other_sessions_and_not_this_one(app, plant):
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        log_in(client, "viewer")

    answer = change(here)

    assert (answer.status_code, answer.location) == (303, "/account/")
    assert "Your other sessions have ended." in here.get("/account/").text
    assert there.get("/account/").location.startswith("/login/")
    assert send_form(there, "/login/", username="viewer", password=PASSWORD).status_code == 422
    log_in(there, "viewer", SECRET)


def test_a_wrong_present_password_changes_nothing(app, client, plant):
    log_in(client, "viewer")

    answer = change(client, present="a guess")

    assert answer.status_code == 422
    assert "This is not your present password." in answer.text
    assert "a guess" not in answer.text
    log_in(app.test_client(), "viewer")


def test_two_different_new_passwords_are_refused(client, plant):
    log_in(client, "viewer")

    assert "not the same" in change(client, again="another one").text


def test_guessing_the_present_password_of_an_open_session_is_stopped(client, plant):
    log_in(client, "viewer")
    for _ in range(6):
        change(client, present="a guess")

    assert change(client).status_code == 429


def test_a_cookie_of_before_the_epochs_leads_to_the_log_in(client, plant):
    log_in(client, "viewer")
    with client.session_transaction() as session:
        session["_user_id"] = str(plant.viewer.user_id)

    assert client.get("/account/").location.startswith("/login/")


def test_every_try_at_a_new_password_counts(client, plant):
    log_in(client, "viewer")
    words = [PASSWORD, *(f"{SECRET} {number}" for number in range(6))]
    for present, password in pairwise(words):
        assert change(client, present, password).status_code == 303

    assert change(client, words[-1], SECRET).status_code == 429


def test_the_page_says_what_becomes_of_scans_on_a_device(client, plant):
    log_in(client, "viewer")

    page = client.get("/account/").text

    assert "scans already held on a device will be looked at by a supervisor" in page
