"""Chromium for browser tests: the installed one, else Playwright's own.

Run as a module it starts the browser once and says why it cannot be started, if so.
"""

import shutil
import sys
from typing import Any

from playwright.sync_api import sync_playwright

INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def launch_options() -> dict[str, Any]:
    """What to give to `playwright.chromium.launch` or `launch_persistent_context`."""
    found = next(filter(None, map(shutil.which, INSTALLED)), None)
    return {
        "executable_path": found,
        # A container has neither user namespaces nor much shared memory.
        "args": ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    }


def why_not() -> str | None:
    """The reason why no browser can be started, or None."""
    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(**launch_options()).close()
    # Any: without libatomic1 Playwright's driver dies before it can raise an error of its own.
    except Exception as error:  # noqa: BLE001
        return f"no Chromium could be started ({str(error).strip().splitlines()[0]})"
    return None


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print(reason)  # noqa: T201
        sys.exit(1)
