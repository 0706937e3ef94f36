"""A driver matches screen and roll by the number that was on it before our label."""

import sqlalchemy as sa
from playwright.sync_api import expect

from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.units.models import Unit
from tests.support.floor import FloorPage


def test_cards_and_the_last_ten_say_what_is_painted_on_the_roll(phone, database, plant, shelf):
    def name_them(session):
        first, second = session.scalars(sa.select(Unit.id).order_by(Unit.id).limit(2))
        numbers = {"CG278278": first, "CO126862": second}
        add_aliases(session, plant.site.id, "coil", CodeKind.UNIT, numbers)

    database.unit_of_work(name_them)
    floor = FloorPage.start_shift(phone, "driver")
    result = floor.page.locator("#result")

    floor.scan(shelf.units[0])
    expect(result.locator(".result__name")).to_contain_text("CG278278")
    floor.scan(shelf.units[1])
    expect(result.locator(".result__list")).to_contain_text("CO126862")
    floor.scan(shelf.bins[0])
    expect(floor.page.locator("#recent")).to_contain_text("CG278278")
    floor.scan("CG278278", shelf.bins[1])
    expect(result.locator(".result__name")).to_contain_text("CG278278")
    assert floor.faults == []
