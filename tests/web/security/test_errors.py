"""Errors say what happened, what is safe and how to go on, in the form that was asked for."""

import pytest

from app.core.errors import Busy, DomainError, Invalid
from app.web.errors import EXPLANATIONS
from app.web.guards import public
from tests.support.web import log_in


@pytest.fixture
def failing(app):
    """Routes that fail in known ways; crashes are answered, as in production."""
    app.testing = False

    def add(name, error):
        def view():
            raise error

        app.add_url_rule(f"/{name}", name, public(view))

    add("conflict", DomainError("R7K3 is in FM01A01 already.", field="place"))
    add("busy", Busy("The database is busy. Nothing was written; please try again."))
    add("invalid", Invalid("A weight is a number.", field="weight"))
    add("crash", ZeroDivisionError("secret detail"))
    return app.test_client()


@pytest.mark.parametrize("path, status", [("/conflict", 409), ("/invalid", 422), ("/busy", 503)])
def test_a_refusal_is_a_page_with_its_own_sentence(failing, path, status):
    answer = failing.get(path)

    words = EXPLANATIONS[status]
    assert answer.status_code == status
    for sentence in (words.title, words.safe, words.go_on):
        assert sentence in answer.text


def test_a_refusal_of_an_act_lies_over_the_page(failing):
    answer = failing.get("/conflict", headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert "R7K3 is in FM01A01 already." in answer.text
    assert "<html" not in answer.text
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "HX-Request" in answer.headers["Vary"]


def test_a_program_is_told_code_sentence_and_field(failing):
    answer = failing.get("/invalid", headers={"Accept": "application/json"})

    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "urn:rollcall:problem:invalid",
        "title": "Something was not understood",
        "status": 422,
        "code": "invalid",
        "detail": "A weight is a number.",
        "field": "weight",
        "request_id": answer.headers["X-Request-ID"],
    }


def test_whoever_meets_a_busy_database_is_told_when_to_come_back(failing):
    assert failing.get("/busy").headers["Retry-After"] == "2"


def test_a_crash_tells_a_number_and_no_detail(failing, caplog):
    answer = failing.get("/crash")

    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert "secret detail" in caplog.text


def test_a_crash_is_answered_without_asking_the_database_again(failing, plant, database):
    log_in(failing, "manager")

    answer = failing.get("/crash")

    assert 'class="rail"' not in answer.text


def test_an_unknown_address_keeps_the_shell_for_whoever_is_logged_in(client, plant):
    assert 'class="rail"' not in client.get("/nothing/here").text
    log_in(client, "manager")

    answer = client.get("/nothing/<here>")

    assert answer.status_code == 404
    assert 'class="rail"' in answer.text
    assert "There is nothing at this address" in answer.text


def test_a_body_that_is_too_large_is_refused(client, app):
    app.config["MAX_CONTENT_LENGTH"] = 100

    assert client.post("/login/", data={"username": "x" * 200}).status_code == 413


def test_api_addresses_answer_programs_in_their_own_form(client):
    answer = client.get("/api/v1/nothing")

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
