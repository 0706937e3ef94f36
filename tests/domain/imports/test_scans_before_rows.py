"""A roll that is scanned before its row comes waits, and is put where it was scanned then."""

import pytest
import sqlalchemy as sa

from app.core.outbox import OutboxMessage
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from app.domain.sync.models import ScanOutcome, Verdict
from app.domain.sync.reprocessing import reprocess_received
from app.domain.units.models import Unit
from tests.factories.imports import coil
from tests.factories.scans import Phone, token_of


@pytest.fixture
def phone(database, plant):
    return Phone(database, plant.driver)


@pytest.fixture
def rack(database, plant):
    return token_of(database, CodeKind.LOCATION, plant.bin.id)


def reprocess(database, plant):
    def work(session):
        last = reprocess_received(session, site_id=plant.site.id, after_id=0)
        return last and reprocess_received(session, site_id=plant.site.id, after_id=last)

    assert database.unit_of_work(work) is None


def verdicts(database):
    with database.reader() as session:
        rows = session.execute(
            sa.select(ScanOutcome.n, ScanOutcome.verdict, ScanOutcome.code).order_by(ScanOutcome.id)
        )
        return [tuple(row) for row in rows]


def units(database):
    with database.reader() as session:
        return session.scalars(sa.select(Unit)).all()


def bring(imports, *numbers):
    rows = [coil(number, yard="", storage_loc="") for number in numbers]
    return imports.apply(imports.checked(rows))


def test_a_scan_is_booked_once_its_roll_is_there(database, plant, imports, phone, rack):
    (early,) = phone.deliver(phone.event("putaway", "CA000001", rack))
    bring(imports, 1)

    reprocess(database, plant)
    reprocess(database, plant)

    assert early.verdict == Verdict.RECEIVED
    assert verdicts(database) == [
        (1, "received", "unknown_code"),
        (2, "applied", "booked"),
    ]
    assert [unit.location_id for unit in units(database)] == [plant.bin.id]


def test_an_import_asks_for_it(database, plant, imports):
    bring(imports, 1)

    with database.reader() as session:
        jobs = session.scalars(sa.select(OutboxMessage.job).order_by(OutboxMessage.id)).all()
    assert jobs[-1] == "sync.reprocess"


def test_a_scan_of_what_is_still_not_known_goes_on_waiting(database, plant, imports, phone, rack):
    phone.deliver(phone.event("putaway", "CA000009", rack))
    bring(imports, 1)

    reprocess(database, plant)

    assert verdicts(database) == [(1, "received", "unknown_code")]


def test_scans_are_booked_in_the_order_of_the_device(database, plant, imports, phone, rack):
    other = token_of(database, CodeKind.LOCATION, plant.bins[1].id)
    phone.deliver(phone.event("putaway", "CA000001", rack))
    phone.deliver(phone.event("putaway", "CA000001", other))
    bring(imports, 1)

    reprocess(database, plant)

    assert [unit.location_id for unit in units(database)] == [plant.bins[1].id]


def test_a_scan_that_was_undone_meanwhile_is_not_booked(database, plant, imports, phone, rack):
    event = phone.event("putaway", "CA000001", rack)
    phone.deliver(event)
    phone.deliver(phone.event("reverse", "CA000001", reverses=event.id))
    bring(imports, 1)

    reprocess(database, plant)

    assert [unit.location_id for unit in units(database)] == [plant.hot_staging.id]
    with database.reader() as session:
        assert set(session.scalars(sa.select(Movement.verb))) == {"produce"}
