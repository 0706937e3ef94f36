"""The desk's shell and dashboard as a manager meets them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.domain.ledger import commands
from tests.factories.plant import PASSWORD

SIZES = {"desk": (1440, 900), "phone": (390, 844)}


@pytest.fixture
def put_away(database, plant, coils):
    """Book one coil into FM01A01, as a driver would."""

    def book(number=0):
        database.unit_of_work(
            lambda session: commands.putaway(
                session,
                actor=plant.admin,
                unit_ids=[coils[number]],
                location_id=plant.bin.id,
            )
        )

    return book


def tile(page, name):
    return page.locator(".tile", has_text=name).locator(".tile__value")


def test_a_booking_appears_within_five_seconds_and_nothing_else_moves(open_desk, put_away):
    page = open_desk(height=400)
    page.get_by_text("As a table").click()
    page.get_by_role("link", name="FM01B02: nothing").focus()
    page.evaluate("scrollTo(0, 250)")
    shown_at = page.locator("[data-as-of]").inner_text()

    put_away()

    expect(tile(page, "Stored")).to_have_text("1", timeout=7_000)
    expect(page.get_by_role("link", name="FM01A01: 1")).to_be_visible()
    assert page.locator("[data-as-of]").inner_text() != shown_at
    assert page.locator("#activity-table").evaluate("(part) => part.open")
    assert page.evaluate("document.activeElement.title") == "FM01B02"
    assert page.evaluate("scrollY") == 250
    expect(page.locator("[data-when-stale]")).to_be_hidden()


def test_a_dashboard_that_gets_no_answer_says_so(open_desk):
    page = open_desk()

    page.route("**/dashboard/live*", lambda route: route.fulfill(status=502, body="bad gateway"))

    expect(page.get_by_text("Not fresh")).to_be_visible(timeout=7_000)
    expect(page.locator("#notices")).to_be_empty()
    expect(tile(page, "Produced today")).to_contain_text("3")
    open_desk.faults.clear()


def test_a_look_into_a_place_opens_and_closes_by_keyboard(open_desk, put_away):
    put_away()
    page = open_desk()
    cell = page.get_by_role("link", name="FM01A01: 1")

    cell.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("1 roll")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("document.activeElement.title") == "FM01A01"


def test_an_act_that_gets_no_answer_says_that_nothing_was_changed(open_desk):
    page = open_desk()
    page.route("**/locations/**", lambda route: route.abort())

    page.get_by_role("link", name="FM01A01: nothing").click()

    expect(page.get_by_role("alert")).to_contain_text("Rollcall cannot be reached.")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("alert")).to_be_hidden()
    open_desk.faults.clear()


def test_colours_are_chosen_once_and_hold_from_the_first_paint(open_desk):
    page = open_desk()
    page.get_by_text("Manager of Hot rolling").first.click()
    page.get_by_role("radio", name="Dark").check()

    page.reload(wait_until="commit")
    page.wait_for_function("document.body !== null")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"

    page.wait_for_load_state()
    page.get_by_text("Manager of Hot rolling").first.click()
    page.get_by_role("radio", name="As the device").check()
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_what_was_typed_survives_the_end_of_the_session(open_desk):
    page = open_desk("/material-entry/")
    page.get_by_label("Item number").fill("HTS500-200-1250")
    page.get_by_label("Lot number").fill("L-26-2001")
    page.get_by_label("Roll 1").fill("4820")
    page.context.clear_cookies()

    page.get_by_role("button", name="Create").click()
    page.get_by_label("User name").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    expect(page).to_have_url(f"{page.url.split('/material')[0]}/material-entry/")
    expect(page.get_by_label("Lot number")).to_have_value("L-26-2001")
    expect(page.get_by_label("Roll 1")).to_have_value("4820")
    open_desk.faults.clear()


def test_the_slash_leads_to_the_search_box_but_not_out_of_a_field(open_desk):
    page = open_desk()

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("R7/K3")

    expect(page.get_by_role("searchbox")).to_have_value("R7/K3")


def test_on_a_phone_everything_is_reached_from_the_bar_at_the_thumb(open_desk):
    page = open_desk(width=390, height=844)
    rail = page.get_by_role("navigation", name="Main")

    expect(rail.get_by_role("link", name="Imports")).to_be_hidden()
    rail.get_by_text("More").click()
    rail.get_by_role("link", name="Imports").click()

    expect(page).to_have_url(f"{page.url.split('/imports')[0]}/imports/")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_nothing_is_wider_than_the_screen_and_axe_finds_nothing(open_desk, put_away, size, theme):
    put_away()
    width, height = SIZES[size]
    page = open_desk(width=width, height=height, theme=theme)
    problems = []

    def look(name):
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            problems.append(f"{name}: wider than the screen")
        found = Axe().run(page).response["violations"]
        problems.extend(f"{name}: {one['id']} {one['nodes'][0]['target']}" for one in found)

    look("dashboard")
    page.get_by_role("link", name="FM01A01: 1").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("place")
    page.keyboard.press("Escape")
    page.locator(".bar .menu summary").click()
    look("menu")
    page.goto("/nothing/here")
    look("error")
    page.context.clear_cookies()
    page.goto("/login/")
    look("log-in")

    assert problems == []
    open_desk.faults.clear()
