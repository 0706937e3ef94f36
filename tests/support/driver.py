"""The forklift driver with a keyboard scanner, at the scan screen of the real installation."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, expect

from tests.support.floor import FloorPage


class Driver(FloorPage):
    """Every code comes as real keys, one after the other, and a line end."""

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
        """Bursts of keys; each code has been stored before the next one comes."""
        for text in texts:
            count = len(self.store("scans")) + 1
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")
            self.wait_until(lambda count=count: len(self.store("scans")) == count)
