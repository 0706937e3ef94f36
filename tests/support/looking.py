"""Looks at a page as axe, as a small screen and as somebody without a mouse would."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.support.installation import DESKTOP

WIDTHS = (360, 390, 1440)
# A theme changes colours only: what else is wrong is wrong in both, and is looked for once.
RULES = {"light": None, "dark": ["color-contrast", "link-in-text-block"]}
RUN_AXE = """async (rules) => (await axe.run(
    { resultTypes: ["violations"], ...(rules && { runOnly: rules }) })).violations
  .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.target.join(" ")}`))"""
# What sticks out, to say more than a number.
STICKS_OUT = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5)
    .map((one) => `${one.tagName.toLowerCase()}.${one.className} at ${innerWidth}`)"""
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one);
  const hasRing = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  const isSeen = hasRing || style.boxShadow !== "none";
  return { name: `${one.tagName} ${one.textContent.trim().slice(0, 30)}`, isSeen };
}"""
FOCUSED_AT_MOST = 12


def violations(page: Page) -> list[str]:
    """What axe says, in light and in dark."""
    if not page.evaluate("typeof axe === 'object'"):
        # By evaluation: the page's own policy allows no script but ours.
        page.evaluate(AXE_SCRIPT)
    found = []
    for theme, rules in RULES.items():
        page.emulate_media(color_scheme=theme)
        found += [f"{theme}: {problem}" for problem in page.evaluate(RUN_AXE, rules)]
    return found


def too_wide(page: Page) -> list[str]:
    """What makes the page scroll sideways, at any width."""
    size = page.viewport_size or DESKTOP
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": size["height"]})
        found += page.evaluate(STICKS_OUT)
    page.set_viewport_size(size)
    return found


def lost_focus(page: Page) -> list[str]:
    """The first stops of the Tab key at which one does not see where one is."""
    found = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(FOCUSED_AT_MOST):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUS)
        if focused is None:
            break
        if not focused["isSeen"]:
            found.append(focused["name"])
    return found
