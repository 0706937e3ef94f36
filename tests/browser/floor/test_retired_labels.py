"""A driver scans a label that was replaced or is void, with and without a network."""

import uuid

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.domain.codes.commands import Labelled, replace_code, void_code
from app.domain.codes.rules import CodeKind, replaced_words, void_words
from app.domain.units.models import Unit
from tests.support.floor import FloorPage, place_of


@pytest.fixture
def retired(database, plant, shelf):
    """The first coil has a new label, the second one's is void, and so is that of FM01A02."""

    def retire(session):
        first, second = session.scalars(sa.select(Unit.id).order_by(Unit.id).limit(2))
        told = {"actor": plant.keeper, "reason": "Torn"}
        new = replace_code(
            session,
            thing=Labelled(CodeKind.UNIT, first),
            token=shelf.units[0],
            key=uuid.uuid4(),
            **told,
        )
        for kind, subject_id, token in (
            (CodeKind.UNIT, second, shelf.units[1]),
            (CodeKind.LOCATION, plant.bins[1].id, shelf.bins[1]),
        ):
            thing = Labelled(kind, subject_id)
            void_code(session, thing=thing, token=token, key=uuid.uuid4(), **told)
        return new

    return database.unit_of_work(retire)


def test_the_floor_says_offline_what_became_of_a_label(phone, database, shelf, retired):
    old, void = shelf.units[:2]
    floor = FloorPage.start_shift(phone, "driver")
    floor.wait_until(lambda: any("labels" in str(one) for one in floor.store("kv")))
    say = floor.page.locator("#result .result__say")
    phone.set_offline(True)

    floor.scan(void)
    floor.expect_result("refused", "This label is void")
    expect(say).to_have_text(void_words(void, "Torn"))
    floor.scan(shelf.bins[1])
    expect(say).to_have_text(void_words(shelf.bins[1], "Torn"))
    assert floor.store("events") == []

    floor.scan(f"http://localhost:8000/q/{old}")
    floor.expect_result("pending", retired[:4])
    expect(say).to_have_text(replaced_words(old, retired))
    floor.scan(retired)
    expect(floor.page.locator("#result h1")).to_have_text(f"{retired[:4]} is on the list already")
    floor.scan(shelf.bins[0])
    expect(say).to_have_text(replaced_words(old, retired))

    phone.set_offline(False)
    floor.come_online()
    floor.wait_until_answered()
    assert place_of(database, shelf, 0) == "FM01A01"
    assert floor.faults == []


def test_a_place_without_a_label_is_still_found_by_its_code(phone, database, shelf, retired):
    floor = FloorPage.start_shift(phone, "driver")

    floor.scan(shelf.units[2], "FM01A02")

    floor.wait_until_answered()
    assert place_of(database, shelf, 2) == "FM01A02"
