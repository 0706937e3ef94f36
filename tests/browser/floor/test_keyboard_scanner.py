"""A scanner is told from fingers by its rhythm, whatever has the focus."""

import pytest
from playwright.sync_api import expect

CODE = "https://inv.example.com/q/R7K3F9H2XVTB2"
SET_UP = """async () => {
  document.body.innerHTML = `<main data-floor><input id="sink"><form><input id="field"></form>
    <button id="button">A button</button></main>`;
  window.scans = [];
  window.sent = 0;
  document.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    window.sent += 1;
  });
  const { listenToScanner } = await import("/static/current/js/scan/wedge.js");
  listenToScanner(document.querySelector("#sink"), (text) => window.scans.push(text));
}"""


# Keys at a fixed rhythm from inside the page: a busy machine may stretch a gap, never shrink one.
TYPE = """async ({ text, delay, ending, late }) => {
  const press = (key) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const [n, character] of [...text].entries()) {
    if (n === late) await new Promise((done) => setTimeout(done, 60));
    press(character);
    document.execCommand("insertText", false, character);
    await new Promise((done) => setTimeout(done, delay));
  }
  if (ending && press(ending) && document.activeElement.form) {
    document.activeElement.form.requestSubmit();
  }
}"""


@pytest.fixture
def screen(bench):
    bench.evaluate(SET_UP)
    return bench


def scans(page, count=1):
    page.wait_for_function("(count) => window.scans.length >= count", arg=count)
    return page.evaluate("window.scans")


def type_keys(page, text, delay, ending=None, late=None):
    page.evaluate(TYPE, {"text": text, "delay": delay, "ending": ending, "late": late})


def settle(page):
    """Longer than the silence that ends a code."""
    page.wait_for_timeout(300)


@pytest.mark.parametrize("delay", [3, 30])
@pytest.mark.parametrize("ending", ["Enter", "Tab", None])
def test_a_burst_is_a_scan_with_and_without_an_end_of_line(screen, delay, ending):
    type_keys(screen, CODE, delay, ending)

    assert scans(screen) == [CODE]
    expect(screen.locator("#sink")).to_have_value("")


@pytest.mark.parametrize("delay", [3, 30])
def test_two_scans_in_a_row_are_two(screen, delay):
    for code in ("R7K3F9H2XVTB2", "FM01A01"):
        type_keys(screen, code, delay, "Enter")

    assert scans(screen, 2) == ["R7K3F9H2XVTB2", "FM01A01"]


@pytest.mark.parametrize("delay", [3, 30])
@pytest.mark.parametrize("ending", ["Enter", None])
def test_a_burst_into_a_field_is_taken_out_of_it_again(screen, delay, ending):
    screen.locator("#field").fill("typed before")
    type_keys(screen, CODE, delay, ending)

    assert scans(screen) == [CODE]
    expect(screen.locator("#field")).to_have_value("typed before")
    assert screen.evaluate("window.sent") == 0


@pytest.mark.parametrize("delay", [70, 120])
def test_fingers_in_a_field_are_left_alone(screen, delay):
    screen.locator("#field").focus()
    type_keys(screen, "FM01A01", delay, "Enter")
    settle(screen)

    assert screen.evaluate("window.scans") == []
    expect(screen.locator("#field")).to_have_value("FM01A01")
    assert screen.evaluate("window.sent") == 1


def test_real_keys_arrive_in_the_sink(screen):
    screen.keyboard.type("R7K3F9H2XVTB2")
    screen.keyboard.press("Enter")

    assert "".join(scans(screen)) == "R7K3F9H2XVTB2"


def test_a_scanner_that_ends_its_lines_may_stutter(screen):
    type_keys(screen, "FM01A01", 3, "Enter")
    type_keys(screen, "R7K3F9", 3)
    screen.wait_for_timeout(200)
    type_keys(screen, "H2XVTB2", 3, "Enter")

    assert scans(screen, 2) == ["FM01A01", "R7K3F9H2XVTB2"]


def test_one_late_key_does_not_leave_half_a_code_in_a_field(screen):
    screen.locator("#field").focus()
    type_keys(screen, "R7K3F9H2XVTB2", 3, "Enter", late=6)

    assert scans(screen) == ["R7K3F9H2XVTB2"]
    expect(screen.locator("#field")).to_have_value("")


def test_a_burst_while_a_button_has_the_focus_is_a_scan(screen):
    screen.locator("#button").focus()
    screen.keyboard.type("R7K3F9H2XVTB2")
    screen.keyboard.press("Enter")

    assert "".join(scans(screen)) == "R7K3F9H2XVTB2"


def test_characters_without_keys_are_part_of_the_code(screen):
    """What an input method commits comes without key events."""
    type_keys(screen, "R7K3F9H2", 3)
    screen.keyboard.insert_text("XVTB2")
    screen.keyboard.press("Enter")

    assert scans(screen) == ["R7K3F9H2XVTB2"]


def test_a_code_that_comes_all_at_once_without_keys_is_a_scan(screen):
    screen.keyboard.insert_text("R7K3F9H2XVTB2")

    assert scans(screen) == ["R7K3F9H2XVTB2"]


def test_the_group_separator_of_a_scanner_is_kept(screen):
    type_keys(screen, "FM01A01", 3, "Enter")
    type_keys(screen, "0109501101", 3)
    screen.keyboard.press("Control+]")
    type_keys(screen, "10ABC", 3, "Enter")

    assert scans(screen, 2)[1] == "0109501101\x1d10ABC"


def test_a_stuck_enter_scans_nothing(screen):
    for _ in range(5):
        screen.keyboard.down("Enter")
    settle(screen)

    assert screen.evaluate("window.scans") == []


def test_the_space_bar_still_presses_a_button(screen):
    screen.evaluate("document.querySelector('#button').onclick = () => { window.pressed = true; }")
    screen.locator("#button").focus()
    screen.keyboard.press("Space")

    assert screen.evaluate("window.pressed") is True
