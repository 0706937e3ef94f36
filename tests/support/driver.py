"""The forklift driver with a keyboard scanner, at the scan screen of the real installation."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.support.floor import FloorPage

# Keys from inside the page: from outside, a busy machine stretches the gaps until they look like
# fingers, or cuts a code in two.
BURST = """(text) => {
  const press = (key) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const character of text) {
    press(character);
    document.execCommand("insertText", false, character);
  }
  press("Enter");
}"""


class Driver(FloorPage):
    """Every code comes as a burst of keys, as a scanner types it, with a line end."""

    def __init__(self, context: BrowserContext) -> None:
        super().__init__(context.new_page())

    def begin(self) -> None:
        """Start the shift, on a device that the service worker can serve from now on."""
        self.page.goto("/scan/")
        self.wait_until_ready()
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.get_by_role("button", name="Start shift").click()
        expect(self.page.locator("#scan")).to_be_visible()

    def scan(self, *texts: str) -> None:
        """Each code has been stored before the next one comes."""
        for text in texts:
            count = len(self.store("scans")) + 1
            self.page.evaluate(BURST, text)
            self.wait_until(lambda count=count: len(self.store("scans")) == count)
