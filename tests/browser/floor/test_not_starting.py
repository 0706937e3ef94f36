"""What the floor says when a part of it does not load."""

from playwright.sync_api import expect

from tests.browser.floor.test_looks import violations
from tests.support.floor import FloorPage

MODULE = "**/js/scan/floor.js"


def test_a_script_that_does_not_load_leaves_words_and_a_way_out(phone):
    phone.route(MODULE, lambda route: route.abort())
    page = phone.new_page()
    page.goto("/scan/")
    expect(page.locator(".stalled")).to_be_hidden()

    expect(page.get_by_role("heading", name="Not started yet")).to_be_visible(timeout=10_000)
    assert violations(page, "not started") == []
    phone.unroute_all(behavior="wait")
    page.get_by_role("link", name="Load again").click()

    FloorPage(page).wait_until_ready()
    expect(page.locator(".stalled")).to_have_count(0)
