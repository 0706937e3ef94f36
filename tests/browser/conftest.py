"""One browser and one real installation for all tests that look at the whole product."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import launch_options
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def installation(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The demo plant on gunicorn, worker, scheduler and Valkey. Tests bring rolls of their own."""
    started = Installation(chromium, tmp_path_factory.mktemp("installation") / "data")
    yield started
    started.close()
