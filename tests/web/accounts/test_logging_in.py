"""Logging in and out."""

import pytest
import sqlalchemy as sa
import time_machine

from app import create_app
from app.core.database import Database
from app.domain.accounts import queries
from app.domain.accounts.models import User
from app.domain.audit.models import AuditEntry
from app.extensions import limiter
from tests.factories.plant import PASSWORD
from tests.support.web import csrf_of, log_in, send_form

pytestmark = pytest.mark.usefixtures("plant")


def test_the_right_password_opens_the_dashboard(client):
    answer = send_form(client, "/login/", username="manager", password=PASSWORD)

    assert answer.status_code == 303
    assert answer.location == "/"
    assert "Manager of Hot rolling" in client.get("/").text


def test_a_user_name_is_read_without_regard_to_case_and_spaces(client):
    answer = send_form(client, "/login/", username="  Manager ", password=PASSWORD)

    assert answer.status_code == 303


def test_a_driver_is_sent_to_where_the_work_is(client):
    answer = log_in(client, "driver")

    assert answer.location != "/"
    assert client.get("/").location == answer.location


@pytest.mark.parametrize(
    "username, password",
    [("manager", "not the password"), ("nobody", PASSWORD), ("' OR 1=1 --", "x"), ("m\x00", "x")],
)
def test_a_wrong_name_and_a_wrong_password_are_refused_in_the_same_words(
    client, username, password
):
    answer = send_form(client, "/login/", username=username, password=password)

    assert answer.status_code == 422
    assert "User name and password do not match." in answer.text
    assert "rollcall_session" not in answer.headers.get("Set-Cookie", "") or (
        client.get("/").status_code == 303
    )


def test_empty_fields_are_named(client):
    answer = send_form(client, "/login/", username="", password="")

    assert answer.status_code == 422
    assert "Enter your user name." in answer.text
    assert "Enter your password." in answer.text


def test_what_was_typed_stays_but_never_the_password(client):
    answer = send_form(client, "/login/", username="manager", password="not the password")

    assert 'value="manager"' in answer.text
    assert "not the password" not in answer.text


def test_an_unknown_name_costs_the_same_hash_as_a_wrong_password(client, monkeypatch):
    checked = []
    real = queries.is_password
    monkeypatch.setattr(
        queries, "is_password", lambda *words: checked.append(words[1]) or real(*words)
    )

    send_form(client, "/login/", username="nobody", password="x" * 12)
    send_form(client, "/login/", username="manager", password="x" * 12)

    assert len(checked) == 2


def test_a_closed_account_cannot_log_in_and_is_out_at_once(client, database: Database):
    log_in(client, "viewer")

    database.unit_of_work(
        lambda session: session.execute(
            sa.update(User).where(User.username == "viewer").values(is_active=False)
        )
    )

    assert client.get("/").status_code == 303
    assert send_form(client, "/login/", username="viewer", password=PASSWORD).status_code == 422


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "https://evil.example/", "/\\evil.example", "\\/evil.example", "/\t/evil",
        "javascript:alert(1)", "evil", "///evil.example", "/ok\r\nSet-Cookie: a=b", " /x",
    ],
)  # fmt: skip
def test_after_logging_in_nobody_is_sent_to_another_host(client, target):
    answer = send_form(client, "/login/", username="manager", password=PASSWORD, next=target)

    assert answer.location == "/"


def test_after_logging_in_people_go_on_where_they_wanted_to(client):
    wanted = client.get("/dashboard/live?department=HR")
    assert wanted.status_code == 303
    assert wanted.location == "/login/?next=/dashboard/live%3Fdepartment%3DHR"

    page = client.get(wanted.location)
    answer = client.post(
        "/login/",
        data={
            "csrf_token": csrf_of(page),
            "username": "manager",
            "password": PASSWORD,
            "next": "/dashboard/live?department=HR",
        },
    )

    assert 'value="/dashboard/live?department=HR"' in page.text
    assert answer.location == "/dashboard/live?department=HR"


def test_a_fragment_that_is_asked_for_after_the_session_ended_leads_to_the_log_in(client):
    answer = client.get(
        "/dashboard/live",
        headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/?department=HR"},
    )

    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login/?next=/%3Fdepartment%3DHR"


def test_an_earlier_session_is_not_carried_over(client):
    client.get("/login/")
    before = client.get_cookie("rollcall_session")
    log_in(client, "manager")
    after = client.get_cookie("rollcall_session")
    page_token = csrf_of(client.get("/"))

    client.set_cookie("rollcall_session", before.value)

    assert after.value != before.value
    assert client.get("/").status_code == 303
    assert client.post("/logout/", data={"csrf_token": page_token}).status_code == 400


def test_logging_out_ends_the_session(client):
    log_in(client, "manager")

    answer = send_form(client, "/logout/", page="/")

    assert answer.location == "/login/"
    assert client.get("/").status_code == 303


def test_a_link_cannot_log_anybody_out(client):
    log_in(client, "manager")

    assert client.get("/logout/").status_code == 405
    assert client.get("/").status_code == 200


def test_beginning_and_end_of_a_session_are_in_the_audit_log(client, plant, database: Database):
    log_in(client, "manager")
    send_form(client, "/logout/", page="/")

    with database.reader() as session:
        entries = session.execute(
            sa.select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.origin).where(
                AuditEntry.action.like("session.%")
            )
        ).all()
    user_id = plant.manager.user_id
    assert entries == [
        ("session.begun", user_id, "127.0.0.1"),
        ("session.ended", user_id, "127.0.0.1"),
    ]


def test_guessing_one_name_is_stopped_and_says_when_to_go_on(client):
    for _ in range(6):
        send_form(client, "/login/", username="manager", password="not the password")
    answer = send_form(client, "/login/", username="MANAGER ", password=PASSWORD)

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Too many tries" in answer.text
    assert send_form(client, "/login/", username="viewer", password=PASSWORD).status_code == 303


def test_guessing_elsewhere_does_not_shut_a_person_out(client):
    for _ in range(6):
        send_form(client, "/login/", username="manager", password="not the password")

    client.environ_base["REMOTE_ADDR"] = "10.1.2.3"

    assert send_form(client, "/login/", username="manager", password=PASSWORD).status_code == 303


def test_guessing_many_names_from_one_address_is_stopped(client):
    for number in range(30):
        send_form(client, "/login/", username=f"nobody{number}", password="not the password")

    assert send_form(client, "/login/", username="manager", password=PASSWORD).status_code == 429


def test_logging_in_rightly_is_never_throttled(client):
    for _ in range(8):
        log_in(client, "manager")
        send_form(client, "/logout/", page="/")


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(client):
    cookie = client.get("/login/").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_a_session_ends_after_a_shift(client):
    with time_machine.travel("2026-11-20 06:00:00+00:00") as clock:
        log_in(client, "manager")

        clock.shift(13 * 3600)

        assert client.get("/").status_code == 303


def test_refused_tries_are_counted_where_every_process_sees_them(
    app_settings, valkey, plant, monkeypatch
):
    # The extension remembers from the tests before that nobody listened, and looks again later.
    monkeypatch.setattr(limiter, "_storage_dead", False)
    shared = app_settings.model_copy(update={"redis_url": valkey.url})
    first, second = (create_app(shared).test_client() for _ in range(2))

    for client in (first, second) * 3:
        send_form(client, "/login/", username="manager", password="not the password")

    assert send_form(first, "/login/", username="manager", password=PASSWORD).status_code == 429
    valkey.flush()
    assert send_form(second, "/login/", username="manager", password=PASSWORD).status_code == 303


def test_an_answer_that_changes_nothing_does_not_write_the_session_again(client, plant):
    log_in(client, "manager")

    answers = [client.get(path) for path in ("/", "/scan/", "/scan/session/", "/healthz")]

    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None] * 4
