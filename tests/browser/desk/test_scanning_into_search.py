"""A keyboard scanner at the desk: its code opens the thing, wherever the focus is."""

import pytest
from playwright.sync_api import expect

from app.domain.codes.rules import CodeKind
from tests.factories.plant import token_of
from tests.factories.stock import unit_of

# Keys at a scanner's rhythm from inside the page, with what a browser does after each.
BURST = """(text) => {
  for (const key of [...text, "Enter"]) {
    const on = document.activeElement;
    const isFree = on.dispatchEvent(
      new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    if (!isFree) continue;
    if (key !== "Enter") document.execCommand("insertText", false, key);
    else if (on.form) on.form.requestSubmit();
    else if (on.matches("a, button")) on.click();
  }
}"""


@pytest.fixture
def coil(database, plant, coils):
    with database.reader() as session:
        token = token_of(session, CodeKind.UNIT, coils[0])
    return token, f"/units/{unit_of(database, coils[0]).uid}/"


def test_a_scan_opens_its_thing_from_anywhere_on_a_page(open_desk, coil):
    token, path = coil
    page = open_desk("/stock/units/")

    page.evaluate(BURST, token)
    page.wait_for_url(f"**{path}")

    page.get_by_role("link", name="Dashboard").focus()
    page.evaluate(BURST, "FM01A01")
    page.wait_for_url("**/locations/**")

    page.evaluate(BURST, f"http://localhost:8000/q/{token}")
    page.wait_for_url(f"**{path}")


def test_a_scan_into_the_box_leaves_behind_what_stood_there(open_desk, coil):
    token, path = coil
    page = open_desk("/stock/units/")
    box = page.get_by_role("searchbox")
    box.fill("something old ")

    page.evaluate(BURST, "FM01A02")
    page.wait_for_url("**/locations/**")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.evaluate(BURST, token)
    page.wait_for_url(f"**{path}")


def test_a_scan_into_another_field_stays_there_and_fingers_search_nothing(open_desk, coil):
    token, _ = coil
    page = open_desk("/labels/")
    page.get_by_label("Label, or any other code").focus()

    page.evaluate(BURST, token)
    page.wait_for_url("**/labels/unit/**")

    page.locator("h1").click()
    page.keyboard.type("slowly", delay=90)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Labels of roll")
