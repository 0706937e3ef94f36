"""The real application on a real port, Chromium in front of it, and a page to try modules on."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page

from app.core.database import Database
from app.web.assets import init_assets
from tests.factories.plant import Plant
from tests.factories.stock import produce_coils
from tests.support.floor import FloorPage, Shelf, read_shelf
from tests.support.serving import serving

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the application of this test listens."""
    with serving(app) as url:
        yield url


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[BrowserContext]:
    """A browser of its own, in the size of a phone, that accepts no error in its console."""
    context = chromium.new_context(
        base_url=address, viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB"
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture(scope="session")
def files() -> Iterator[str]:
    """Where only the static files are served, for modules that need no server."""
    bare = Flask("app", root_path=str(Path("app").resolve()), static_folder=None)
    init_assets(bare)
    bare.add_url_rule("/bench", "bench", lambda: "<!doctype html><title>Bench</title><body>")
    with serving(bare) as address:
        yield address


@pytest.fixture
def bench(chromium: Browser, files: str) -> Iterator[Page]:
    """An empty page of our own origin, for modules alone."""
    context = chromium.new_context(base_url=files)
    page = context.new_page()
    page.goto("/bench")
    yield page
    context.close()


@pytest.fixture
def shelf(database: Database, plant: Plant) -> Shelf:
    """Six coils in staging and the codes of everything that can be scanned."""
    produce_coils(database, plant, 6)
    return read_shelf(database, plant)


@pytest.fixture
def floor(phone: BrowserContext, shelf: Shelf) -> FloorPage:
    """The scan screen with the driver signed in and the shift started."""
    return FloorPage.start_shift(phone, "driver")


@pytest.fixture(scope="session")
def vectors() -> dict:
    return json.loads((Path(__file__).parents[2] / "data" / "code_vectors.json").read_text())
