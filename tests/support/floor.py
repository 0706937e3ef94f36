"""The scan screen as a driver meets it, and what the books and the device say afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from app.core.database import Database
from app.domain.accounts.models import User
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from app.domain.locations.models import Location
from app.domain.sync.models import ScanEvent
from app.domain.units.models import Unit
from tests.factories.plant import PASSWORD, Plant, token_of
from tests.support.web import csrf_in

READ_STORE = """(name) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("rollcall");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const all = opening.result.transaction(name).objectStore(name).getAll();
    all.onsuccess = () => { opening.result.close(); resolve(all.result); };
  };
})"""


@dataclass(frozen=True)
class Shelf:
    """Codes by what they stand for."""

    units: list[str]
    bins: list[str]
    department: str
    customer: str


def read_shelf(database: Database, plant: Plant) -> Shelf:
    with database.reader() as session:
        unit_ids = session.scalars(sa.select(Unit.id).order_by(Unit.id)).all()
        return Shelf(
            units=[token_of(session, CodeKind.UNIT, unit_id) for unit_id in unit_ids],
            bins=[token_of(session, CodeKind.LOCATION, place.id) for place in plant.bins],
            department=token_of(session, CodeKind.DEPARTMENT, plant.finishing.id),
            customer=token_of(session, CodeKind.PARTNER, plant.customer.id),
        )


class FloorPage:
    """One tab with the scan screen. Any error in its console fails the test that looks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._note)

    @classmethod
    def start_shift(cls, context: BrowserContext, username: str, path: str = "/scan/") -> FloorPage:
        """Log in without the pages of it, open the scan screen, start the shift."""
        sign_in = {"username": username, "password": PASSWORD}
        token = csrf_in(context.request.get("/login/").text())
        context.request.post("/login/", form={"csrf_token": token, **sign_in}, max_redirects=0)
        page = context.new_page()
        page.goto(path)
        floor = cls(page)
        floor.wait_until_ready()
        page.get_by_role("button", name="Start shift").click()
        expect(page.locator("#scan")).to_be_visible()
        return floor

    def wait_until_ready(self) -> None:
        self.page.wait_for_selector("html[data-ready]")

    def scan(self, *texts: str) -> None:
        """Like a scanner that types through an input method; waits until each has been stored."""
        for text in texts:
            count = len(self.store("scans")) + 1
            self.page.keyboard.insert_text(text)
            self.page.keyboard.press("Enter")
            self.wait_until(lambda count=count: len(self.store("scans")) == count)

    def expect_result(self, state: str, title: str) -> None:
        expect(self.page.locator("#result h1")).to_have_text(title)
        expect(self.page.locator("#result")).to_have_attribute("data-state", state)

    def wait_until_answered(self) -> None:
        """Until the server has given a verdict on every scan, and the strip says so."""
        self.wait_until(
            lambda: {event["verdict"] is None for event in self.store("events")} == {False}
        )
        self.expect_unsent(0)

    def come_online(self) -> None:
        """What the browser says when the network is back; any pause ends."""
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def wait_until(self, is_so: Callable[[], bool], *, patience_seconds: float = 10) -> None:
        deadline = time.monotonic() + patience_seconds
        while not is_so():
            assert time.monotonic() < deadline, "it did not happen in time"
            self.page.wait_for_timeout(20)

    def expect_unsent(self, count: int) -> None:
        expect(self.page.locator("#unsent b")).to_have_text(str(count))

    def store(self, name: str) -> list[dict[str, Any]]:
        """Everything in one store of the device."""
        return list(self.page.evaluate(READ_STORE, name))

    def _note(self, message: Any) -> None:
        # A request that fails is what several tests arrange; anything else is a fault of ours.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.faults.append(message.text)


def place_of(database: Database, shelf: Shelf, n: int) -> str:
    """The code of the location where the books have the n-th coil."""
    with database.reader() as session:
        units = session.scalars(sa.select(Unit).order_by(Unit.id)).all()
        return session.get_one(Location, units[n].location_id).code


def booked(database: Database, verb: str) -> int:
    """How many movements of that verb there are."""
    with database.reader() as session:
        count = sa.select(sa.func.count()).select_from(Movement).where(Movement.verb == verb)
        return session.scalar(count) or 0


def authors(database: Database, verb: str) -> list[str]:
    """Who booked the movements of that verb."""
    with database.reader() as session:
        people = sa.select(User.name).join(Movement, Movement.actor_id == User.id)
        return list(session.scalars(people.where(Movement.verb == verb)))


def received(database: Database) -> list[int]:
    """The sequence numbers of all scan events that the server keeps."""
    with database.reader() as session:
        return list(session.scalars(sa.select(ScanEvent.seq).order_by(ScanEvent.seq)))
