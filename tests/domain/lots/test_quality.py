"""What quality says of a lot: who may, why, and what it stops."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.errors import Forbidden, Invalid, NotFound
from app.domain.audit.models import AuditEntry
from app.domain.catalog.commands import create_item
from app.domain.catalog.rules import ItemDraft
from app.domain.ledger import errors
from app.domain.ledger.commands import dispatch, putaway
from app.domain.lots.commands import judge_lot, register_lot, set_expiry
from app.domain.lots.models import NO_LOT, Lot, LotDecision, LotStatus
from app.domain.lots.queries import list_decisions
from app.domain.lots.rules import is_expired
from tests.factories.plant import Plant
from tests.factories.stock import assert_books_agree, movement_count, stored_coils, unit_of


def judge(database: Database, actor, lot_id: int, status: LotStatus, reason: str = "Scratches"):
    return database.unit_of_work(
        lambda session: judge_lot(session, actor=actor, lot_id=lot_id, status=status, reason=reason)
    )


def send_out(database: Database, plant: Plant, coils: list[int]):
    return database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
        )
    )


def test_a_lot_of_an_item_that_needs_quality_waits_in_quarantine(session: Session, plant: Plant):
    draft = ItemDraft("ACID-30", "Pickling acid", is_qc_required=True)
    item = create_item(session, actor=plant.admin, draft=draft)

    waiting = register_lot(session, actor=plant.keeper, item_id=item.id, number="A1")
    free = register_lot(session, actor=plant.keeper, item_id=plant.item.id, number="A1")

    assert (waiting.status, free.status) == (LotStatus.QUARANTINE, LotStatus.APPROVED)


def test_a_decision_is_kept_with_who_and_why(database: Database, plant: Plant):
    judge(database, plant.manager, plant.lot.id, LotStatus.QUARANTINE, " Edge  cracks ")
    judge(database, plant.admin, plant.lot.id, LotStatus.APPROVED, "Cut off")

    with database.reader() as session:
        decisions = list_decisions(session, lot_id=plant.lot.id, limit=10)
        entries = session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "lot.judged")
        ).all()
    assert [(one.decided_by, one.to_status, one.reason) for one in decisions] == [
        (plant.admin.name, "approved", "Cut off"),
        (plant.manager.name, "quarantine", "Edge cracks"),
    ]
    assert [entry.before for entry in entries] == [{"status": "approved"}, {"status": "quarantine"}]


def test_saying_the_same_again_changes_nothing(database: Database, plant: Plant):
    judge(database, plant.manager, plant.lot.id, LotStatus.REJECTED)
    judge(database, plant.manager, plant.lot.id, LotStatus.REJECTED)

    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(LotDecision.id))) == 1


def test_only_quality_decides_with_a_reason_about_a_real_lot(database: Database, plant: Plant):
    for actor, lot_id, reason, error in (
        (plant.keeper, plant.lot.id, "No", Forbidden),
        (plant.manager, plant.lot.id, "  ", Invalid),
        (plant.manager, NO_LOT, "No", NotFound),
        (plant.manager, 999_999, "No", NotFound),
    ):
        with pytest.raises(error):
            judge(database, actor, lot_id, LotStatus.REJECTED, reason)

    with database.reader() as session:
        assert session.get_one(Lot, plant.lot.id).status == LotStatus.APPROVED
        assert session.scalar(sa.select(sa.func.count(LotDecision.id))) == 0


def test_what_quality_said_stays_said(database: Database, plant: Plant):
    judge(database, plant.manager, plant.lot.id, LotStatus.REJECTED)

    for change in (sa.update(LotDecision).values(reason="No"), sa.delete(LotDecision)):
        with pytest.raises(DBAPIError, match="append-only"):
            database.unit_of_work(lambda session, change=change: session.execute(change))


@pytest.mark.parametrize("status", [LotStatus.QUARANTINE, LotStatus.REJECTED])
def test_what_is_not_approved_can_be_moved_but_does_not_leave(
    database: Database, plant: Plant, status
):
    coils = stored_coils(database, plant)
    judge(database, plant.manager, plant.lot.id, status)
    before = movement_count(database)

    with pytest.raises(errors.LotNotApproved, match="L-26-1187"):
        send_out(database, plant, coils)
    assert movement_count(database) == before
    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bins[1].id
        )
    )

    assert unit_of(database, coils[0]).location_id == plant.bins[1].id
    assert_books_agree(database)


def test_an_expired_lot_does_not_leave_and_its_last_day_is_a_good_day(
    database: Database, plant: Plant
):
    coils = stored_coils(database, plant)
    expires(database, plant, date(2026, 1, 31))
    with pytest.raises(errors.LotExpired, match="2026-01-31"):
        send_out(database, plant, coils)
    expires(database, plant, now().date())

    send_out(database, plant, coils)

    assert unit_of(database, coils[0]).state == "dispatched"


def expires(database: Database, plant: Plant, day: date | None):
    database.unit_of_work(
        lambda session: set_expiry(
            session, actor=plant.manager, lot_id=plant.lot.id, expires_on=day
        )
    )


@pytest.mark.parametrize(
    "last, today, expected",
    [
        (None, date(2026, 11, 20), False),
        (date(2026, 11, 20), date(2026, 11, 20), False),
        (date(2026, 11, 19), date(2026, 11, 20), True),
    ],
)
def test_a_lot_lasts_through_its_last_day(last, today, expected):
    assert is_expired(last, today=today) is expected
