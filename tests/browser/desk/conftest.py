"""A manager at the desk: Chromium in front of the real application, some rolls in the racks."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from app.core.database import Database
from tests.factories.plant import PASSWORD, Plant
from tests.factories.stock import produce_coils
from tests.support.serving import serving

Desk = Callable[..., Page]


@pytest.fixture
def coils(database: Database, plant: Plant) -> object:
    """Three coils that wait to be put away."""
    return produce_coils(database, plant, 3)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def open_desk(chromium: Browser, address: str, coils: object) -> Iterator[Desk]:
    """Open a page as somebody who has logged in; any error in its console fails the test."""
    contexts, faults = [], []

    def begin(path="/", *, username="manager", width=1440, height=900, theme="light") -> Page:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            color_scheme=theme,
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(f"/login/?next={path}")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"**{path}")
        begin.faults = faults
        return page

    yield begin
    for context in contexts:
        context.close()
    assert faults == []
