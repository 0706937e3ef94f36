"""A driver scans what a supplier stuck on the coil, as a keyboard scanner types it."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.units.models import Unit
from tests.support.floor import FloorPage, booked, place_of

SSCC = "340123450000000017"
GTIN = "09501101530003"


def stick_labels(database, plant):
    """The first two coils carry a supplier's label, by SSCC and by GTIN and serial."""

    def label(session):
        first, second = session.scalars(sa.select(Unit.id).order_by(Unit.id).limit(2))
        add_aliases(session, plant.site.id, "gs1:sscc", CodeKind.UNIT, {SSCC: first})
        serial = {f"(01){GTIN}(21)S-2": second}
        add_aliases(session, plant.site.id, "gs1:sgtin", CodeKind.UNIT, serial)

    database.unit_of_work(label)


@pytest.fixture
def labelled(shelf, database, plant):
    stick_labels(database, plant)


@pytest.fixture
def floor(phone, labelled):
    return FloorPage.start_shift(phone, "driver")


def test_coils_are_put_away_by_sscc_and_by_digital_link(floor, shelf, database):
    floor.scan(f"]C100{SSCC}", f"https://shop.example/01/{GTIN}/21/s-2?17=271231", shelf.bins[0])

    floor.expect_result("ok", "2 rolls stored")
    floor.wait_until_answered()
    assert [place_of(database, shelf, n) for n in range(2)] == ["FM01A01"] * 2
    assert booked(database, "putaway") == 2
    assert floor.page.url.partition("#")[0].endswith("/scan/")


def test_lot_and_serial_are_parted_by_the_separator_that_the_scanner_types(floor, shelf):
    floor.scan(f"]d201{GTIN}10AB{{GS}}21S-2")

    floor.expect_result("pending", shelf.units[1][:4])


@pytest.mark.parametrize("whose", ["ours", "a supplier's"])
def test_a_label_scanned_before_the_first_list_has_come_waits_for_it(phone, labelled, shelf, whose):
    """Only the list knows what it stands for: without it nothing is called unknown, or new."""
    held = []

    def hold(route):
        held.append(route)

    phone.route("**/api/v1/sync/snapshot", hold)
    floor = FloorPage.start_shift(phone, "driver")
    floor.wait_until(lambda: bool(held))

    floor.page.keyboard.insert_text(shelf.units[0] if whose == "ours" else f"]C100{SSCC}")
    floor.page.keyboard.press("Enter")
    expect(floor.page.locator("#result h1")).to_have_text("Looking it up")
    for route in held:
        route.continue_()

    floor.expect_result("pending", shelf.units[0][:4])
    expect(floor.page.locator("#result")).to_contain_text("HR-IN")


@pytest.mark.parametrize(
    "code, title, words",
    [
        ("]C100340123450000000071", "A character is wrong", "check digit"),
        ("]C10109501101", "This cannot be read", "came damaged"),
        ("https://id.gs1.org/AN2yxDhfaiaw", "This cannot be read", "compressed"),
        (f"(01){GTIN}(21)S-9(3103)012340", "Not in this system", "Net weight 12.340 kg"),
    ],
)
def test_what_cannot_be_booked_says_why_and_what_it_holds(floor, database, code, title, words):
    floor.scan(code)

    floor.expect_result("refused", title)
    expect(floor.page.locator("#result")).to_contain_text(words)
    assert booked(database, "putaway") == 0
