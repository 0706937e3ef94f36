"""Something to show on every page: one of each thing, and a file in each state of its import."""

from __future__ import annotations

import secrets

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.core.clock import now
from app.core.ids import new_uid
from app.domain.accounts.commands import Wish, ask_for_role
from app.domain.accounts.queries import load_actor
from app.domain.alerts.models import Alert
from app.domain.catalog.models import Item
from app.domain.exports.models import ExportRun
from app.domain.holds.commands import put_hold
from app.domain.holds.models import HoldScope
from app.domain.imports.models import ImportRun
from app.domain.ledger.commands import Wish as ReservationWish
from app.domain.ledger.commands import reserve
from app.domain.ledger.models import Movement, Verb
from app.domain.locations.models import Department, Location, LocationKind
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.reconciliation.commands.checking import keep_differences
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import (
    CheckKind,
    CheckRun,
    CheckState,
    DifferenceKind,
    Discrepancy,
)
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit
from tests.factories.plant import user_named
from tests.support.installation import DESKTOP, PHONE, Installation


@pytest.fixture(scope="package")
def import_runs(installation: Installation) -> dict[str, str]:
    """A booked file, one that waits for answers, and one that is being worked on."""
    context, _ = installation.context("keeper", DESKTOP)
    page = context.new_page()
    runs = {}
    for state, order in (("booked", f"P-{secrets.token_hex(3)}"), ("asking", "")):
        page.goto("/material-entry/bulk/")
        row = f"{secrets.token_hex(4)},HTS400,453.23,0.25,{order}\n,HTS400,heavy,0.25,{order}\n"
        # Only a header that says its measure leaves nothing to ask.
        weight = "weight_kg" if state == "booked" else "weight"
        text = f"roll,item,{weight},thickness_mm,lot\n{row}"
        page.locator("input[type=file]").set_input_files(
            {"name": f"{state}.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        page.get_by_role("button", name="Upload and check").click()
        expect(page.locator("#meanings")).to_be_visible(timeout=30_000)
        if state == "booked":
            page.get_by_role("button", name="Book 1 roll").click()
            expect(page.get_by_role("link", name="See the rolls")).to_be_visible(timeout=30_000)
        runs[state] = page.url.removeprefix(installation.server.url)
    context.close()
    runs["working"] = f"/imports/{_unfinished_run(installation)}/"
    return runs


def _unfinished_run(installation: Installation) -> str:
    """A run like the newest one that no worker has taken up."""

    def work(session):
        table = ImportRun.__table__
        newest = session.execute(sa.select(table).order_by(table.c.id.desc()).limit(1)).one()
        values = newest._asdict() | {"uid": new_uid(), "state": "applying", "finished_at": None}
        values["file_sha256"] = secrets.token_hex(32)
        del values["id"]
        session.execute(sa.insert(table).values(values))
        return str(values["uid"])

    return installation.database.unit_of_work(work)


@pytest.fixture(scope="package")
def export_runs(installation: Installation) -> dict[str, str]:
    """A made export, and one that is being worked on."""
    context, _ = installation.context("admin", DESKTOP)
    page = context.new_page()
    page.goto("/exports/")
    page.get_by_role("button", name="New audit export").click()
    expect(page.get_by_role("link", name="Download the workbook")).to_be_visible(timeout=30_000)
    done = page.url.removeprefix(installation.server.url)
    context.close()

    def work(session):
        table = ExportRun.__table__
        newest = session.execute(sa.select(table).order_by(table.c.id.desc()).limit(1)).one()
        values = newest._asdict() | {"uid": new_uid(), "state": "running", "rows_done": 7}
        values |= {"finished_at": None, "storage_key": None}
        del values["id"]
        session.execute(sa.insert(table).values(values))
        return str(values["uid"])

    working = installation.database.unit_of_work(work)
    return {"export_done": done, "export_working": f"/exports/{working}/"}


@pytest.fixture(scope="package")
def things(installation: Installation) -> dict[str, str]:
    """The uid of one thing of each kind, as a part of its address."""

    def newest(session, model, *conditions):
        found = sa.select(model.uid).where(*conditions).order_by(model.id.desc()).limit(1)
        return str(session.scalars(found).one())

    request_uid = installation.database.unit_of_work(_ask_for_role)
    hold_uid = installation.database.unit_of_work(_put_hold)
    reservation_uid = installation.database.unit_of_work(_promise)
    # It raises an alert, too.
    discrepancy_uid = installation.database.unit_of_work(_find_discrepancy)
    with installation.database.reader() as session:
        moved = sa.select(Movement.uid).where(Movement.verb == Verb.DISPATCH).limit(1)
        return {
            "unit": newest(session, Unit, Unit.state == "stored"),
            "lot": newest(session, Lot, Lot.id > 0),
            "item": newest(session, Item),
            "location": newest(session, Location, Location.code == "FM01A01"),
            "rack": newest(session, Location, Location.kind == LocationKind.RACK),
            "department": newest(session, Department, Department.code == "HR"),
            "partner": newest(session, Partner, Partner.is_customer),
            "movement": str(session.scalars(moved).one()),
            "user": str(user_named(session, "viewer").uid),
            "request": request_uid,
            "hold": hold_uid,
            "reservation": reservation_uid,
            "alert": newest(session, Alert),
            "discrepancy": discrepancy_uid,
        }


def _find_discrepancy(session) -> str:
    """A place whose balance is not what the ledger says."""
    run = CheckRun(kind=CheckKind.WEEKLY, state=CheckState.DONE, found=1, finished_at=now())
    session.add(run)
    session.flush()
    place = session.scalars(sa.select(Location).where(Location.code == "FM01A01")).one()
    item = session.scalars(sa.select(Item).order_by(Item.id).limit(1)).one()
    found = Difference(
        DifferenceKind.BALANCE,
        "on hand in a place",
        expected="19282",
        found="14461.5",
        site_id=place.site_id,
        location_id=place.id,
        item_id=item.id,
        lot_id=0,
        suspect_movement_id=1,
    )
    keep_differences(session, run, [found])
    return str(session.scalars(sa.select(Discrepancy.uid).limit(1)).one())


def _promise(session) -> str:
    """A roll of the demo plant, promised to an order."""
    admin = load_actor(session, user_named(session, "admin").id)
    unit = session.scalars(
        sa.select(Unit)
        .join(Lot, Lot.id == Unit.lot_id)
        .where(Unit.state == "stored", Lot.status == "approved")
        .order_by(Unit.id.desc())
        .limit(1)
    ).one()
    said = {"reference_type": "order", "reference_id": "MO-7731"}
    wish = ReservationWish(unit_id=unit.id)
    reserve(session, actor=admin, site_id=unit.site_id, wishes=[wish], **said)
    return str(session.scalars(sa.select(Reservation.uid)).one())


def _put_hold(session) -> str:
    """A lot that nobody may use for now."""
    admin = load_actor(session, user_named(session, "admin").id)
    lot_id = session.scalars(sa.select(Lot.id).where(Lot.id > 0).order_by(Lot.id)).first()
    said = {"scope": HoldScope.LOT, "subject_id": lot_id, "reason": "Being analysed again"}
    return str(put_hold(session, actor=admin, uid=new_uid(), **said).uid)


def _ask_for_role(session) -> str:
    """The viewer wants to be an operator."""
    viewer = load_actor(session, user_named(session, "viewer").id)
    home_id = session.scalars(sa.select(Department.id).where(Department.code == "HR")).one()
    return str(ask_for_role(session, actor=viewer, wish=Wish("operator", home_id)).uid)


@pytest.fixture(scope="package")
def desk(installation: Installation):
    """The administrator's browser, for whom no page is closed, and what goes wrong in it."""
    context, watch = installation.context("admin", DESKTOP)
    yield context.new_page(), watch
    context.close()


@pytest.fixture
def phone(installation: Installation):
    """The driver's browser, and what goes wrong in it."""
    context, watch = installation.context("driver", PHONE)
    yield context, watch
    context.close()
