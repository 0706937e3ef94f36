"""Two keyboard scanners near one tablet: told apart by the prefix that one was set to send."""

import pytest
from playwright.sync_api import expect

from tests.support.floor import FloorPage, booked, place_of


@pytest.fixture
def floor(phone, shelf):
    """The scan screen of a tablet whose scanner sends ~1 before each code."""
    page = phone.new_page()
    page.goto("/scan/self-test/")
    page.wait_for_selector("html[data-ready]")
    page.get_by_label("Prefix that this scanner sends").fill("~1")
    page.get_by_role("button", name="Keep prefix").click()
    expect(page.locator("#prefix-state")).to_contain_text("codes without it are refused")
    page.close()
    return FloorPage.start_shift(phone, "driver")


def test_a_scan_without_the_prefix_of_this_tablet_is_refused_and_kept(floor, database, shelf):
    floor.scan(shelf.units[0])
    floor.expect_result("refused", "From another scanner")
    expect(floor.page.locator("#result .result__say")).to_contain_text("lacks the prefix")
    floor.scan(f"~1{shelf.units[1]}")
    floor.expect_result("pending", shelf.units[1][:4])
    # The other scanner in the middle of an act takes nothing away and adds nothing.
    floor.scan(shelf.bins[1], f"~1{shelf.bins[0]}")
    floor.expect_result("ok", f"{shelf.units[1][:4]} stored")

    floor.wait_until_answered()
    assert [place_of(database, shelf, n) for n in range(2)] == ["HR-IN", "FM01A01"]
    assert booked(database, "putaway") == 1
    sources = [scan["source"] for scan in floor.store("scans")]
    assert sources == ["other_scanner", "keyboard", "other_scanner", "keyboard"]


def test_what_is_typed_needs_no_prefix(floor, shelf):
    floor.page.get_by_role("link", name="Type code").click()
    floor.page.get_by_label("Code on the label").fill(shelf.units[0])
    floor.page.get_by_role("button", name="Use this code").click()

    floor.expect_result("pending", shelf.units[0][:4])
