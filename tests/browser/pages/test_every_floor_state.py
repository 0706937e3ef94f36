"""The floor in each state that a driver can get it into: accessible, and never wider than a phone.

Each state is reached as a driver reaches it, in a few walks, because a shift has an order.
"""

import pytest
from playwright.sync_api import expect

from tests.support.driver import Driver
from tests.support.floor import FloorPage
from tests.support.installation import PHONE
from tests.support.looking import too_wide, violations

BREAK_STORAGE = """() => {
  IDBDatabase.prototype.transaction = () => { throw new DOMException("broken", "UnknownError"); };
}"""
BREAK_OPENING = """() => {
  IDBFactory.prototype.open = () => { throw new DOMException("broken", "UnknownError"); };
}"""


class Look:
    """Remembers what is wrong in which state."""

    def __init__(self, floor: FloorPage) -> None:
        self.floor = floor
        self.found: dict[str, list[str]] = {}

    def at(self, state: str) -> None:
        problems = violations(self.floor.page) + too_wide(self.floor.page)
        if problems:
            self.found[state] = problems


@pytest.fixture
def walk(phone):
    """The driver's browser before the shift; what its console says is looked at afterwards."""
    context, watch = phone
    driver = Driver(context)
    yield driver, Look(driver), watch
    assert watch.faults == []


def test_what_a_scan_shows_is_for_everybody(walk, installation):
    driver, look, _ = walk
    rolls = [installation.address(token) for token in installation.new_rolls(3)]
    rack, customer = installation.place("FM02A01"), installation.customer("HANSA")
    driver.page.goto("/scan/")
    driver.wait_until_ready()
    look.at("before the shift")
    driver.begin()
    look.at("ready")
    driver.scan(rolls[0])
    expect(driver.page.locator(".result__history")).to_be_visible()
    look.at("a roll")
    driver.scan(rolls[0])
    look.at("the same roll")
    driver.scan(rolls[1], rolls[2])
    look.at("several rolls")
    driver.scan(rack)
    driver.wait_until_answered()
    look.at("stored")
    driver.scan(rolls[0], rack)
    driver.wait_until_answered()
    look.at("already there")
    driver.scan("NOT-HERE-123")
    look.at("not known")
    driver.scan(customer)
    look.at("rolls first")
    driver.scan(rack)
    look.at("a rack")
    driver.page.wait_for_timeout(350)
    driver.scan(rack)
    look.at("an open rack")

    assert look.found == {}


def test_the_pages_beside_the_scan_screen_are_for_everybody(walk, installation):
    driver, look, _ = walk
    [token] = installation.new_rolls(1)
    driver.begin()
    driver.scan(installation.address(token))
    for page in ("unit", "type", "camera", "more", "held", "start"):
        driver.page.goto(f"/scan/#{page}")
        expect(driver.page.locator("#page h1, #page h2, #page label").first).to_be_visible()
        look.at(page)
    for mode in ("store", "dispatch", "view"):
        driver.page.goto(f"/scan/{mode}/")
        driver.wait_until_ready()
        look.at(mode)

    assert look.found == {}


def test_the_floor_without_a_network_is_for_everybody(walk, installation):
    driver, look, watch = walk
    [token] = installation.new_rolls(1)
    driver.begin()
    with watch.server_away():
        driver.page.context.set_offline(True)
        driver.scan(installation.address(token), installation.place("FM02A01"))
        driver.expect_result("ok", f"{token[:4]} stored, not sent yet")
        look.at("not sent")
        driver.page.goto("/scan/#held")
        expect(driver.page.get_by_role("heading", name="1 not sent yet")).to_be_visible()
        look.at("held")
        driver.page.goto("/scan/#")
        driver.page.context.set_offline(False)
        driver.wait_until_answered()

    assert look.found == {}


def test_the_floor_with_nobody_signed_in_is_for_everybody(installation):
    context, watch = installation.context(None, PHONE)
    floor = FloorPage(context.new_page())
    look = Look(floor)
    floor.page.goto("/scan/")
    expect(floor.page.get_by_role("heading", name="Sign in to scan")).to_be_visible()
    look.at("nobody")

    assert look.found == {}
    assert watch.faults == []
    context.close()


def test_a_scan_that_could_not_be_kept_says_so_to_everybody(phone, installation):
    context, _ = phone
    driver = Driver(context)
    look = Look(driver)
    driver.begin()
    driver.page.evaluate(BREAK_STORAGE)
    driver.page.evaluate(BREAK_OPENING)

    driver.page.keyboard.insert_text(installation.place("FM02A01"))
    driver.page.keyboard.press("Enter")

    expect(driver.page.locator("#alarm")).to_contain_text("NOTSAVED")
    look.at("not saved")
    assert look.found == {}
