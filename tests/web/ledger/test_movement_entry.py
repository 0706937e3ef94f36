"""Movement entry at the desk: several lines, codes in every field, refused in sentences."""

import re

import pytest
import sqlalchemy as sa

from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands import dispatch
from app.domain.ledger.models import Movement, Posting
from tests.factories.entries import loose
from tests.factories.plant import token_of
from tests.factories.stock import balances, movement_count, stored_coils, unit_of
from tests.support.web import log_in, send_form

NEW = "/movements/new/"


def send(client, *lines, act="book", **typed):
    uid = re.search(r'name="uid"[^>]* value="([^"]+)"', client.get(NEW).text)
    assert uid
    fields = {"uid": uid[1], "act": act, "verb": "issue"} | typed
    for number, line in enumerate(lines):
        for name in ("unit", "item", "lot", "quantity", "origin", "target"):
            fields[f"lines-{number}-{name}"] = line.get(name, "")
    return send_form(client, NEW, page=NEW, **fields)


@pytest.fixture
def parts(database, plant):
    """A line that takes four of ten of the other item from the first bin."""
    loose(database, plant)
    return {
        "item": plant.other_item.number,
        "lot": plant.other_lot.number,
        "quantity": "4",
        "origin": plant.bin.code,
    }


def test_a_movement_of_several_lines_is_booked_and_opened(client, database, plant, parts):
    (coil,) = stored_coils(database, plant)
    with database.reader() as session:
        label = token_of(session, CodeKind.UNIT, coil)
    log_in(client, "keeper")

    answer = send(client, parts, {}, {"unit": label}, reference_id="MO-7", note="For the trial")

    assert answer.status_code == 303
    page = client.get(answer.location).text
    for text in ("Issued", "MO-7", "For the trial", "4 kg", "4,820.5 kg"):
        assert text in page
    assert unit_of(database, coil).state == "consumed"
    with database.reader() as session:
        newest = sa.select(sa.func.max(Movement.id)).scalar_subquery()
        lines = sa.select(sa.func.count()).where(Posting.movement_id == newest)
        assert session.scalar(lines) == 2


@pytest.mark.parametrize(
    "changed, status, words",
    [
        ({"quantity": "40"}, 409, "FM01A01 holds 10 of this, not 40"),
        ({"quantity": "four"}, 422, "Line 1: "),
        ({"item": "NO-SUCH"}, 422, "Line 1: “NO-SUCH” does not stand for an item"),
        ({"lot": ""}, 422, "Say which lot"),
        ({"origin": ""}, 404, "Say where it comes from"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(
    client, database, plant, parts, changed, status, words
):
    log_in(client, "keeper")
    before = movement_count(database)

    answer = send(client, parts | changed)

    assert answer.status_code == status
    assert words in answer.text
    assert "Nothing was booked" in answer.text
    assert f'value="{(parts | changed)["item"]}"' in answer.text
    assert movement_count(database) == before


@pytest.mark.parametrize("typed", [{"verb": "steal"}, {"verb": "reserve"}, {"uid": ""}])
def test_forged_fields_are_refused(client, database, plant, parts, typed):
    log_in(client, "keeper")
    before = movement_count(database)

    assert send(client, parts, **typed).status_code == 422
    assert movement_count(database) == before


def test_pressing_twice_books_once(client, database, plant, parts):
    log_in(client, "keeper")
    uid = "01931f00-0000-7000-8000-00000000000b"

    first, again = (send(client, parts, uid=uid) for _ in range(2))

    assert first.location == again.location
    assert list(balances(database).values()) == [6]


def test_more_lines_are_asked_for_without_a_script(client, plant, parts):
    log_in(client, "keeper")

    page = send(client, parts, parts, parts, parts, act="more").text

    assert 'name="lines-4-unit"' in page
    assert page.count('value="FM01A01"') == 4


def test_everybody_is_offered_what_they_may_book(client, plant):
    log_in(client, "driver")

    page = client.get(f"{NEW}?verb=dispatch").text

    assert re.findall(r'<option[^>]* value="(\w+)"', page) == ["putaway", "transfer", "dispatch"]
    viewer = client.application.test_client()
    log_in(viewer, "viewer")
    assert viewer.get(NEW).status_code == 403
    assert "New movement" not in viewer.get("/movements/").text


def test_undoing_a_dispatch_asks_where_the_roll_is_now(client, database, plant):
    (coil,) = stored_coils(database, plant)
    sent = database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=[coil], partner_id=plant.customer.id
        )
    )
    log_in(client, "keeper")
    page = f"/movements/{sent.movement_uid}/"
    assert "Where is it now" in client.get(page).text

    for place, status in (("", 422), ("NO-SUCH", 422), ("FM01A02", 303)):
        answer = send_form(client, f"{page}reversal", page=page, reason="Wrong truck", place=place)
        assert answer.status_code == status, place

    assert unit_of(database, coil).location_id == plant.bins[1].id
    assert answer.location in client.get(page).text
