"""Each state of the floor is accessible in both themes and breaks no rule of the browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.floor.test_sending import EVENTS, FAULTS

PAGES = ("type", "camera", "more", "device", "held", "start", "unit")


def violations(page, state):
    # axe reads a sticky bar as a cover over what lies below the fold.
    page.set_viewport_size({"width": 390, "height": 1600})
    found = Axe().run(page).response["violations"]
    page.set_viewport_size({"width": 390, "height": 844})
    return [(state, rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_state_passes_axe(floor, shelf, theme):
    page, roll = floor.page, shelf.units[0][:4]
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    found = violations(page, "ready")
    states = [
        ("pending", (shelf.units[0],), roll),
        ("ok", (shelf.bins[0],), f"{roll} stored"),
        ("several", shelf.units[1:4], "3 rolls, no rack yet"),
        ("dispatched", (shelf.customer,), "3 rolls dispatched"),
        ("contents", (shelf.bins[0],), "1 roll"),
        ("unknown", ("7612345678900",), "Not in this system"),
        ("explained", (shelf.department,), "Scan the rolls first"),
    ]
    for name, codes, title in states:
        floor.scan(*codes)
        expect(page.locator("#result h1")).to_have_text(title)
        found += violations(page, name)
    floor.wait_until_answered()
    page.context.route(EVENTS, FAULTS["no connection"])
    floor.scan(shelf.units[0], shelf.bins[1])
    expect(page.locator("#result h1")).to_have_text(f"{roll} stored, not sent yet")
    found += violations(page, "not sent")
    floor.scan(shelf.units[0])
    for name in PAGES:
        page.evaluate(f"location.hash = '{name}'")
        expect(page.locator("#page :is(h1, label)").first).to_be_visible()
        found += violations(page, name)

    assert found == [], "\n".join(map(str, found))
    assert floor.faults == []


@pytest.mark.parametrize("size", [(360, 640), (390, 844), (844, 390), (820, 1180), (1440, 900)])
def test_nothing_is_cut_off_at_any_size(floor, shelf, size):
    floor.page.set_viewport_size({"width": size[0], "height": size[1]})
    floor.scan(shelf.units[0], shelf.bins[0])
    floor.wait_until_answered()

    cut = floor.page.evaluate(
        """() => [...document.querySelectorAll("#result > *, .result__to, #next, #thumbs > *")]
          .filter((one) => {
            const box = one.getBoundingClientRect();
            const frame = one.closest("#result, body").getBoundingClientRect();
            return one.scrollWidth > one.clientWidth + 1 || box.bottom > frame.bottom + 1
              || box.right > frame.right + 1;
          }).map((one) => one.textContent)"""
    )

    assert cut == []
    scrolls = "document.documentElement.scrollHeight > window.innerHeight"
    assert floor.page.evaluate(scrolls) is False
