"""Codes that mean nothing here: the screen says so, and nothing is booked."""

import secrets

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.core.rights import Actor
from app.domain.accounts.queries import load_actor
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from app.domain.locations.commands import open_department, open_site
from app.domain.locations.models import Location
from app.domain.sync.models import ScanEvent
from tests.factories.plant import token_of, user_named
from tests.support.driver import Driver
from tests.support.floor import FloorPage
from tests.support.installation import PHONE, Installation


@pytest.fixture(scope="module")
def place_elsewhere(installation: Installation) -> str:
    """The label of a place on another site of the same company."""

    def work(session):
        code = f"E{secrets.token_hex(2).upper()}"
        arrivals = sa.select(Location.id).where(Location.code == f"{code}-IN")
        admin: Actor = load_actor(session, user_named(session, "admin").id)
        site = open_site(session, actor=admin, code=code, name="Plant Elsewhere", time_zone="UTC")
        open_department(session, actor=admin, site_id=site.id, code=code, name="Elsewhere")
        return token_of(session, CodeKind.LOCATION, session.scalars(arrivals).one())

    return installation.address(installation.database.unit_of_work(work))


@pytest.fixture
def watched(installation: Installation):
    """A browser of the driver that accepts no error in its console."""
    context, watch = installation.context("driver", PHONE)
    yield context, watch
    assert watch.faults == []
    context.close()


@pytest.fixture
def known_roll(installation: Installation) -> str:
    """A roll that is there before the shift starts, so the device has it in its list."""
    [token] = installation.new_rolls(1)
    return token


@pytest.fixture
def driver(watched):
    """A driver in the middle of a shift."""
    driver = Driver(watched[0])
    driver.begin()
    return driver


def written(installation: Installation) -> list[int]:
    """How many scan events and movements the books hold."""
    with installation.database.reader() as session:
        return [
            session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (ScanEvent, Movement)
        ]


def mistype(code: str) -> str:
    """The code with its last character wrong."""
    return code[:-1] + ("2" if code[-1] != "2" else "3")


BAD = {
    "unknown": ("CG278278-NOT-HERE", "Not in this system", "No roll, rack, department"),
    "too long": ("7" * 5000, "Not in this system", "far too long"),
    "a script": ("<script>document.title='hit'</script>", "Not in this system", "<script>"),
    "a picture": ("<img src=x onerror=document.title='hit'>", "Not in this system", "<img"),
    "control characters": ("R7K3\u0000\u0007\u001bF9H2", "Not in this system", "No roll, rack"),
    "a query": ("' OR 1=1; DROP TABLE units; --", "Not in this system", "DROP TABLE"),
    "a foreign address": ("https://example.com/q/", "Not in this system", "example.com"),
}


@pytest.mark.parametrize("pending", [False, True], ids=["with nothing", "with a roll"])
def test_a_bad_code_is_refused_and_books_nothing(installation, driver, place_elsewhere, pending):
    [token] = installation.new_rolls(1)
    codes = BAD | {
        "mistyped": (mistype(token), "A character is wrong", "One character of this label"),
        "another site": (place_elsewhere, "Not in this system", "No roll, rack"),
    }
    if pending:
        driver.scan(installation.address(token))
    before = written(installation)
    events = len(driver.store("events"))

    for code, title, reason in codes.values():
        # Through an input method: no keyboard has keys for all of these.
        FloorPage.scan(driver, code)
        driver.expect_result("refused", title)
        expect(driver.page.locator("#result")).to_contain_text(reason)
        expect(driver.page.locator("#result")).to_contain_text("Nothing was booked")

    assert written(installation) == before
    assert len(driver.store("events")) == events
    assert driver.page.title() == "Scan – Rollcall"
    assert driver.page.evaluate("location.pathname") == "/scan/"
    assert driver.store("scans")[-1]["became"] == "unknown"


def test_a_roll_in_hand_is_still_there_after_a_bad_code(installation, driver):
    [token] = installation.new_rolls(1)
    driver.scan(installation.address(token), "CG278278-NOT-HERE")
    driver.expect_result("refused", "Not in this system")

    driver.scan(installation.place("FM01A01"))

    driver.expect_result("ok", f"{token[:4]} stored")
    driver.wait_until_answered()
    assert installation.place_of(token) == "FM01A01"


def test_a_place_of_another_site_scanned_without_a_network_is_refused_when_sent(
    installation, watched, known_roll, driver, place_elsewhere
):
    before = written(installation)[1]
    with watched[1].server_away():
        driver.page.context.set_offline(True)
        driver.scan(installation.address(known_roll), place_elsewhere)
        driver.expect_unsent(1)
        driver.page.context.set_offline(False)
        driver.wait_until_answered()

    driver.expect_result("refused", f"{known_roll[:4]} was not booked")
    assert driver.store("events")[-1]["verdict"] == "rejected"
    assert written(installation)[1] == before
    assert installation.place_of(known_roll) == "HR-IN"
