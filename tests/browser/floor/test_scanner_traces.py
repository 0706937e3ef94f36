"""What scanners typed in field reports arrives as they typed it: read or refused, never bent."""

import pytest

from app.domain.codes.rules import Scheme, parse
from tests.browser.floor.test_keyboard_scanner import SET_UP, scans, settle, type_keys

# All in one go: between two calls of a test more time may pass than within a code.
PLAY = """async ({ target, steps, delay }) => {
  const field = document.querySelector(target);
  field.focus();
  const send = (type, key, more = {}) => field.dispatchEvent(
    new KeyboardEvent(type, { key, bubbles: true, cancelable: true, ...more }));
  for (const step of steps) {
    if (step === "Enter") send("keydown", step);
    else if (step === "Ctrl+]") send("keydown", "]", { ctrlKey: true });
    else if (step.startsWith("Alt+")) {
      send("keydown", "Alt", { altKey: true });
      for (const digit of step.slice(4)) {
        await new Promise((done) => setTimeout(done, delay));
        send("keydown", digit, { altKey: true, code: `Numpad${digit}` });
      }
      send("keyup", "Alt");
    } else for (const character of step) {
      send("keydown", character);
      document.execCommand("insertText", false, character);
    }
  }
}"""


def play(page, *steps, target="#sink", delay=0):
    page.evaluate(PLAY, {"target": target, "steps": list(steps), "delay": delay})


@pytest.fixture
def screen(bench):
    bench.evaluate(SET_UP)
    return bench


@pytest.mark.parametrize(
    "typed",
    [
        "A-12-03-B",
        "LOC:A/12.3 X",
        "]C1010950110153000310AB",
        "#Be960$f-5b6d-7e8f-9a0b-1c2d3e4f5a6b",
        '-&"àè-',
        "000026https//inv.example.com/q/R7K3F9H2XVTB2",
        "https;&&inv.example.com&q&R7K3F9H2XVTB2",
        "]d2010950110153000310A<GS>21B",
        "٣٤٥٦",
    ],
)
def test_every_character_arrives(screen, typed):
    type_keys(screen, typed, 3, "Enter")

    assert scans(screen) == [typed]


@pytest.mark.parametrize(
    "typed", ["#Be960$f-5b6d-7e8f-9a0b-1c2d3e4f5a6b", '-&"àè-', "٣٤٥٦", "r7k3f9h2xvtb", "&é\"'(-è"]
)
def test_garbage_is_never_taken_for_a_code_of_ours(typed):
    assert {candidate.scheme for candidate in parse(typed).candidates} <= {Scheme.ALIAS}


@pytest.mark.parametrize("target", ["#sink", "#field"])
@pytest.mark.parametrize("digits", ["029", "0029", "29"])
def test_alt_and_029_are_the_separator_however_slow(screen, digits, target):
    play(screen, "10AB", f"Alt+{digits}", "21C", "Enter", target=target, delay=60)

    assert scans(screen) == ["10AB\x1d21C"]
    assert screen.locator(target).input_value() == ""


def test_another_alt_code_is_nothing(screen):
    play(screen, "10AB", "Alt+065", "21C", "Enter")

    assert scans(screen) == ["10AB21C"]


@pytest.mark.parametrize("target", ["#sink", "#field"])
def test_ctrl_and_bracket_are_the_separator(screen, target):
    play(screen, "0109501101", "Ctrl+]", "10ABC", "Enter", target=target)

    assert scans(screen) == ["0109501101\x1d10ABC"]
    assert screen.locator(target).input_value() == ""


def test_fingers_on_ctrl_and_bracket_leave_no_control_in_a_field(screen):
    screen.locator("#field").fill("typed")
    screen.keyboard.press("Control+]")
    settle(screen)

    assert screen.locator("#field").input_value() == "typed"
    assert screen.evaluate("window.scans") == []


def test_keys_that_repeat_by_themselves_are_not_part_of_a_code(screen):
    screen.evaluate("document.querySelector('#sink').focus()")
    for _ in range(3):
        screen.keyboard.down("R")
    screen.keyboard.up("R")
    settle(screen)

    assert screen.evaluate("window.scans") == []


PREFIXES = """async (texts) => {
  const { withoutPrefix } = await import("/static/current/js/scan/prefix.js");
  return texts.map((text) => withoutPrefix(text, "~1"));
}"""


def test_a_prefix_is_taken_off_before_or_behind_the_aim_id_and_missed_elsewhere(bench):
    codes = bench.evaluate(PREFIXES, ["~1FM01A01", "]C1~100340", "~1]C100340", "FM01A01", "FM~1"])

    assert codes == ["FM01A01", "]C100340", "]C100340", None, None]
