"""The scanner's self-test names what is wrong with a set-up, from what a scanner really typed."""

import pytest
from playwright.sync_api import expect

from app.blueprints.scan.scanner import TEST_CODE

HEAD, TAIL = TEST_CODE.split("\x1d")
WELL = f"]Q1{TEST_CODE}"
US = (
    "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"
    '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
)
FRENCH = (
    "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!"
    "~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§"
)
GERMAN = (
    "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-"
    "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_"
)
SHIFT = dict(zip(US[47:], US[:47], strict=True))
DIAGNOSE = """async ([text, expected, isEnded, prefix]) => {
  const { diagnose } = await import("/static/current/js/scan/self_test/diagnosis.js");
  return diagnose(text, { expected, isEnded, prefix }).map(({ key, words }) => [key, words]);
}"""


def typed_on(layout, text, scanner=US):
    keys = dict(zip(scanner, layout, strict=True))
    return "".join(keys.get(character, character) for character in text)


@pytest.fixture
def diagnose(bench):
    def keys(text, *, is_ended=True, prefix=""):
        answer = bench.evaluate(DIAGNOSE, [text, TEST_CODE, is_ended, prefix])
        return [key for key, _ in answer], " ".join(words for _, words in answer)

    return keys


CASES = {
    "all is well": (WELL, ["fine"]),
    "the separator as {GS}": (WELL.replace("\x1d", "{GS}"), ["fine"]),
    "the separator as <GS>": (WELL.replace("\x1d", "<GS>"), ["fine"]),
    "the separator as key names": (WELL.replace("\x1d", "Alt029"), ["fine"]),
    "no AIM id": (TEST_CODE, ["fine", "aim"]),
    "the separator vanishes": (WELL.replace("\x1d", ""), ["separator"]),
    "the separator is something else": (WELL.replace("\x1d", "#"), ["strange"]),
    "Shift is lost": ("".join(SHIFT.get(one, one) for one in WELL), ["shift"]),
    "Shift comes a key too late": (WELL.replace("Wz", "wZ").replace("123", "!2#"), ["shift"]),
    "Caps Lock is on": (f"]Q1{TEST_CODE.swapcase()}", ["caps"]),
    "each character twice": ("".join(one * 2 for one in WELL), ["doubled"]),
    "a stutter": (WELL.replace("456", "44566"), ["doubled"]),
    "characters are missing": (WELL.replace("3456", "36").replace("AqW", "AW"), ["lost"]),
    "a prefix nobody knows": (f"000026{WELL}", ["aim", "extra"]),
    "another code": ("R7K3F9H2XVTB2", ["other"]),
    "nothing but noise": ("\u0663\u0664\u0665", ["other"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_named(diagnose, case):
    text, expected = CASES[case]

    found, _ = diagnose(text)

    assert [key for key in found if key != "fine"] == [key for key in expected if key != "fine"]
    assert ("fine" in found) == (not set(found) - {"fine", "aim", "extra"})


@pytest.mark.parametrize(
    "layout, words",
    [(FRENCH, "device has a French (AZERTY)"), (GERMAN, "device has a German (QWERTZ)")],
    ids=["French", "German"],
)
def test_a_tablet_with_another_layout_is_named(diagnose, layout, words):
    found, said = diagnose(typed_on(layout, WELL))

    assert found == ["layout"]
    assert words in said


@pytest.mark.parametrize(
    "layout, words",
    [(FRENCH, "scanner types as on a French"), (GERMAN, "scanner types as on a German")],
    ids=["French", "German"],
)
def test_a_scanner_with_another_layout_is_named(diagnose, layout, words):
    found, said = diagnose(typed_on(US, WELL, scanner=layout))

    assert found == ["layout"]
    assert words in said


def test_several_faults_are_all_named(diagnose):
    found, _ = diagnose(typed_on(FRENCH, HEAD + TAIL), is_ended=False)

    assert found == ["layout", "separator", "ending"]


def test_a_prefix_is_expected_where_one_is_set(diagnose):
    assert diagnose(f"~1{WELL}", prefix="~1")[0] == ["fine"]
    assert diagnose(f"]Q1~1{TEST_CODE}", prefix="~1")[0] == ["fine"]
    assert diagnose(WELL, prefix="~1")[0] == ["prefix"]


@pytest.fixture
def self_test(phone):
    """The page as anybody gets it, on a device that can show it without a network."""
    page = phone.new_page()
    page.goto("/scan/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto("/scan/self-test/")
    page.wait_for_selector("html[data-ready]")
    return page


def findings(page, count):
    expect(page.locator("[data-finding]")).to_have_count(count)
    found = page.locator("[data-finding]")
    return [found.nth(n).get_attribute("data-finding") for n in range(count)]


def scan(page, text, ending="Enter"):
    page.keyboard.insert_text(text)
    if ending:
        page.keyboard.press(ending)


def test_the_page_judges_a_scan_without_anybody_signed_in_and_without_a_network(self_test):
    self_test.context.set_offline(True)
    self_test.reload()
    self_test.wait_for_selector("html[data-ready]")

    scan(self_test, WELL)

    assert findings(self_test, 1) == ["fine"]
    expect(self_test.locator("#findings")).to_contain_text("-a.B[GS]End")


def test_the_page_sees_that_no_end_of_line_comes(self_test):
    scan(self_test, WELL, ending=None)

    assert findings(self_test, 1) == ["ending"]


def test_the_page_keeps_the_prefix_of_the_scanner_and_the_floor_takes_it_off(self_test):
    self_test.get_by_label("Prefix that this scanner sends").fill("~1")
    self_test.get_by_role("button", name="Keep prefix").click()
    expect(self_test.locator("#prefix-state")).to_contain_text("Kept. ~1")

    scan(self_test, WELL)
    assert findings(self_test, 1) == ["prefix"]
    scan(self_test, f"~1{WELL}")
    assert findings(self_test, 1) == ["fine"]
