"""A page link that somebody changed is refused in a sentence, on every list."""

import base64

import pytest

from tests.support.web import log_in

LISTS = (
    "/imports/",
    "/exports/",
    "/movements/",
    "/partners/",
    "/stock/items/",
    "/stock/lots/",
    "/stock/units/",
    "/administration/users/",
)
DAMAGED = {
    "another shape": '{"a": 1}',
    "empty": "[]",
    "a list in it": "[[1]]",
    "nested without end": "[" * 5000 + "]" * 5000,
    "beyond 64 bits": "[9223372036854775808]",
    "below zero": "[-1]",
    "true": "[true]",
    "no number": "[1e999]",
    "half a character": '["\\ud800"]',
    "a NUL": '["\\u0000"]',
    "three parts": '["a", 1, 2]',
    "before all time": '["0001-01-01T00:00:00+14:00", 1]',
    "name beyond 64 bits": '["a", 9223372036854775808]',
}


def damaged(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_link_that_cannot_be_read_is_refused_on_every_list(client, plant, text):
    log_in(client, "admin")

    answers = {path: client.get(f"{path}?after={damaged(text)}") for path in LISTS}

    # A moment that is before all time is the name of a person who might be called so.
    allowed = {"/administration/users/": {200, 422}}
    for path, answer in answers.items():
        assert answer.status_code in allowed.get(path, {422}), path


@pytest.mark.parametrize("text", ['["abc"]', "[null]", '["1"]', "[1, 2]"])
def test_a_link_of_another_list_is_refused_by_the_imports(client, plant, text):
    log_in(client, "admin")

    answer = client.get(f"/imports/?after={damaged(text)}")

    assert answer.status_code == 422
    assert "This page link is damaged. Open the first page again." in answer.text


def test_the_highest_number_there_is_shows_a_page(client, plant):
    log_in(client, "admin")

    assert client.get(f"/imports/?after={damaged('[9223372036854775807]')}").status_code == 200
