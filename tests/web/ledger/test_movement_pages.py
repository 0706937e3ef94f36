"""The list of movements, the page of one, and taking it back."""

import re

import pytest

from app.domain.ledger.models import Verb
from app.domain.ledger.movement_queries import MovementFilter, list_movements
from tests.factories.stock import movement_count, stored_coils, unit_of
from tests.support.statements import counting_statements
from tests.support.web import log_in, send_form


@pytest.fixture
def coil(database, plant):
    return stored_coils(database, plant)[0]


@pytest.fixture
def putaway(database, plant, coil):
    """The driver's putaway of one coil into FM01A01."""
    return latest(database, plant, Verb.PUTAWAY)


def latest(database, plant, verb):
    with database.reader() as session:
        wanted = MovementFilter(plant.site.id, verb=verb)
        return list_movements(session, wanted, limit=1)[0]


def page_of(movement):
    return f"/movements/{movement.uid}/"


def take_back(client, movement, reason="Wrong rack"):
    return send_form(client, f"{page_of(movement)}reversal", page=page_of(movement), reason=reason)


def test_the_list_shows_what_was_booked(client, plant, putaway):
    log_in(client, "keeper")

    page = client.get("/movements/")

    assert page.text.count('<tr id="movement-') == 2
    for text in ("Put away", "Produced", "FM01A01", "HR-IN", plant.driver.name):
        assert text in page.text


@pytest.mark.parametrize(
    "query, count",
    [
        ("verb=putaway", 1),
        ("verb=dispatch", 0),
        ("department=HR", 2),
        ("day=2026-01-01", 0),
        ("day=1", None),
        ("day=9999-12-31", None),
        ("verb=steal", None),
        ("by=nobody", None),
        ("after=WyJ4Il0", None),
    ],
)
def test_filters_live_in_the_address(client, plant, putaway, query, count):
    log_in(client, "keeper")

    page = client.get(f"/movements/?{query}")

    assert page.status_code == (422 if count is None else 200)
    assert page.text.count('<tr id="movement-') == (count or 0)


def test_the_list_asks_a_fixed_number_of_questions(client, plant, putaway, app):
    log_in(client, "keeper")

    with counting_statements(app.extensions["database"].engine) as statements:
        client.get("/movements/")

    assert statements.count == 7  # actor 2, workplace 1, bell 1, departments 1, movements 2


def test_a_movement_says_who_what_when_where(client, plant, putaway):
    log_in(client, "keeper")

    page = client.get(page_of(putaway))

    for text in (plant.driver.name, "L-26-1187", "HR-IN", "FM01A01", "4,820.5 kg", "Happened"):
        assert text in page.text


def test_taking_back_books_the_mirror_and_both_point_at_each_other(
    client, database, plant, coil, putaway
):
    log_in(client, "keeper")

    answer = take_back(client, putaway)

    assert answer.status_code == 303
    assert unit_of(database, coil).location_id == plant.hot_staging.id
    mirror = client.get(answer.location)
    assert page_of(putaway) in mirror.text
    assert "Wrong rack" in mirror.text
    original = client.get(page_of(putaway))
    assert answer.location in original.text
    assert "Take it back" not in original.text


def test_taking_back_twice_has_one_effect(client, database, plant, putaway):
    log_in(client, "keeper")
    take_back(client, putaway)
    before = movement_count(database)

    again = take_back(client, putaway)

    assert again.status_code == 409
    assert "reversed already" in again.text
    assert movement_count(database) == before


def test_a_reason_is_needed(client, database, plant, putaway):
    log_in(client, "keeper")
    before = movement_count(database)

    for reason in ("", "  ", "x" * 201):
        answer = take_back(client, putaway, reason)
        assert answer.status_code == 422
        assert "Nothing was saved" in answer.text

    assert movement_count(database) == before


def test_what_is_built_upon_is_not_taken_back(client, database, plant, coil, putaway):
    log_in(client, "keeper")
    made = latest(database, plant, Verb.PRODUCE)

    answer = take_back(client, made)

    assert answer.status_code == 409
    assert "later movement" in answer.text


def test_a_driver_may_take_back_only_the_own_act(client, database, plant, coil, putaway):
    log_in(client, "driver")
    made = latest(database, plant, Verb.PRODUCE)
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/stock/units/").text)
    assert token

    refused = client.post(f"{page_of(made)}reversal", data={"csrf_token": token[1], "reason": "no"})

    assert refused.status_code == 403


def test_a_viewer_sees_no_form_and_may_not_send_one(client, database, plant, putaway):
    log_in(client, "viewer")
    before = movement_count(database)

    page = client.get(page_of(putaway))
    answer = take_back(client, putaway)

    assert "Take it back" not in page.text
    assert answer.status_code == 403
    assert movement_count(database) == before


def test_movements_of_other_departments_are_not_shown(client, database, plant, putaway, session):
    log_in(client, "keeper")
    assert client.get(f"/movements/{plant.site.uid}/").status_code == 404
