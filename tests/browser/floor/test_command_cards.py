"""Cards that are scanned instead of tapping: undo, cancel, done, and the modes."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.floor import FloorPage, booked, place_of

CARDS = json.loads(Path("app/static/js/scan/decision-table.json").read_text())["commands"]
CARD = {card.get("mode", card["command"]): card["token"] for card in CARDS}


def again(token: str) -> str:
    """The same code in other words: the same words at once are taken for a bounce."""
    return f"http://localhost:8000/q/{token}"


@pytest.fixture
def floor(phone, shelf):
    return FloorPage.start_shift(phone, "driver")


def test_cards_do_what_the_buttons_do(floor, database, shelf):
    floor.scan(shelf.units[0], shelf.units[1], CARD["cancel"])
    floor.expect_result("already", "Dropped")
    floor.scan(again(CARD["cancel"]))
    floor.expect_result("already", "No roll waits for a place")

    floor.scan(shelf.bins[0])
    expect(floor.page.locator("#result")).to_contain_text("FM01A01")
    floor.scan(again(shelf.bins[0]), shelf.units[0], CARD["done"])
    floor.expect_result("already", "FM01A01 is closed")
    floor.scan(again(CARD["done"]))
    floor.expect_result("already", "No rack is open")
    floor.wait_until_answered()
    assert place_of(database, shelf, 0) == "FM01A01"

    floor.scan(CARD["undo"])
    floor.expect_result("ok", f"{shelf.units[0][:4]} undone")
    floor.wait_until_answered()
    assert place_of(database, shelf, 0) == "HR-IN"
    assert (booked(database, "putaway"), booked(database, "reverse")) == (1, 1)
    became = [scan["became"] for scan in floor.store("scans")]
    assert became.count("command") == 4
    assert floor.faults == []


def test_a_mode_card_changes_the_screen_also_offline_and_after_a_reload(
    floor, phone, database, shelf
):
    phone.set_offline(True)
    floor.scan(shelf.units[0], CARD["dispatch"])
    expect(floor.page.locator("#result")).to_contain_text("who?")
    expect(floor.page.locator("#who")).to_contain_text("Dispatching")
    assert floor.page.url.endswith("/scan/dispatch/")
    floor.scan(shelf.customer)
    phone.set_offline(False)
    floor.come_online()
    floor.wait_until_answered()
    assert booked(database, "dispatch") == 1

    floor.scan(CARD["view"])
    floor.page.reload()
    floor.wait_until_ready()
    floor.scan(shelf.units[1], shelf.bins[0])
    assert booked(database, "putaway") == 0
    floor.scan(CARD["auto"])
    expect(floor.page.locator("#result h1")).to_have_text("Scanning everything")
    assert floor.faults == []
