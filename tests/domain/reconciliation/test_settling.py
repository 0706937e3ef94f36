"""Discrepancies are explained, closed with a reason, or put right; the ledger never changes."""

import uuid
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.outbox import OutboxMessage
from app.domain.alerts.models import Alert
from app.domain.audit.models import AuditEntry
from app.domain.ledger.models import Balance, Posting
from app.domain.reconciliation import commands
from app.domain.reconciliation.commands.settling import AlreadySettled, NotCorrectable
from app.domain.reconciliation.models import CheckRun, Discrepancy
from app.domain.reconciliation.queries import proof_of
from tests.factories.plant import Plant
from tests.factories.proof import busy_plant, check_everything
from tests.factories.stock import assert_books_agree, unit_of


def entries(database: Database) -> list[Discrepancy]:
    with database.reader() as session:
        return list(session.scalars(sa.select(Discrepancy).order_by(Discrepancy.id)))


def break_balance(database: Database, plant: Plant) -> Discrepancy:
    """FM01A01 says 1 kg; the check has found it."""
    busy_plant(database, plant)
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(Balance).where(Balance.location_id == plant.bin.id).values(on_hand=Decimal(1))
        )
    )
    check_everything(database)
    return entries(database)[0]


def settle(database: Database, plant: Plant, command, uid: uuid.UUID, **said) -> Discrepancy:
    return database.unit_of_work(
        lambda session: command(session, actor=plant.manager, discrepancy_uid=uid, **said)
    )


def audited(database: Database) -> list[str]:
    with database.reader() as session:
        actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    return [one for one in actions if one.startswith("reconciliation.")]


def test_a_number_is_put_right_and_the_ledger_stays_as_it_is(database: Database, plant: Plant):
    found = break_balance(database, plant)
    with database.reader() as session:
        before = session.scalar(sa.select(sa.func.count(Posting.id)))

    settle(database, plant, commands.correct, found.uid, reason="disk was full at noon")

    assert_books_agree(database)
    (entry,) = entries(database)
    assert (entry.resolution, entry.reason) == ("corrected", "disk was full at noon")
    assert entry.resolved_by_id == plant.manager.user_id
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Posting.id))) == before
        trace = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert trace.before["found"] == "1"
    assert trace.after == {"reason": "disk was full at noon", "after": "19282"}
    assert check_everything(database) == []


def test_a_site_balance_and_a_roll_are_put_right(database: Database, plant: Plant):
    coil = busy_plant(database, plant)[0]

    def damage(session):
        session.execute(sa.text("UPDATE site_balances SET on_hand = 5"))
        session.execute(
            sa.text("UPDATE units SET location_id = :p, state = 'missing', quantity = 1"
                    " WHERE id = :id"),
            {"p": plant.bins[2].id, "id": coil},
        )  # fmt: skip

    database.unit_of_work(damage)
    check_everything(database)
    for entry in entries(database):
        if entry.kind not in {"tile", "identity"}:
            settle(database, plant, commands.correct, entry.uid, reason="was restored wrongly")

    assert check_everything(database) == []
    unit = unit_of(database, coil)
    assert (unit.location_id, unit.state, unit.quantity) == (
        plant.bin.id, "stored", Decimal("4820.5"),
    )  # fmt: skip


def test_a_sum_of_others_is_not_put_right_by_itself(database: Database, plant: Plant):
    coil = busy_plant(database, plant)[0]
    database.unit_of_work(
        lambda session: session.execute(
            sa.text("UPDATE units SET state = 'missing' WHERE id = :id"), {"id": coil}
        )
    )
    check_everything(database)
    tile = next(entry for entry in entries(database) if entry.kind == "tile")

    with pytest.raises(NotCorrectable, match="only added up from others"):
        settle(database, plant, commands.correct, tile.uid, reason="never mind")

    assert unit_of(database, coil).state == "missing"


def test_an_entry_is_explained_and_closed_with_a_reason(database: Database, plant: Plant):
    found = break_balance(database, plant)

    settle(database, plant, commands.explain, found.uid, explanation="somebody had the console")
    assert entries(database)[0].resolved_at is None
    settle(database, plant, commands.close, found.uid, reason="is rebuilt tonight")

    (entry,) = entries(database)
    assert (entry.explanation, entry.resolution) == ("somebody had the console", "closed")
    assert audited(database) == ["reconciliation.explained", "reconciliation.closed"]
    with pytest.raises(AlreadySettled):
        settle(database, plant, commands.close, found.uid, reason="once more")


def test_closing_does_not_hide_what_still_differs(database: Database, plant: Plant):
    found = break_balance(database, plant)
    settle(database, plant, commands.close, found.uid, reason="looks fine to me")

    check_everything(database)

    assert [entry.resolved_at is None for entry in entries(database)] == [False, True]


@pytest.mark.parametrize("said", ["", "  ", "no", "x" * 501])
def test_a_reason_says_something(database: Database, plant: Plant, said: str):
    found = break_balance(database, plant)

    with pytest.raises(Invalid, match="Say why"):
        settle(database, plant, commands.close, found.uid, reason=said)

    assert entries(database)[0].resolved_at is None


def test_only_whoever_may_settles(database: Database, plant: Plant):
    found = break_balance(database, plant)

    for command, said in ((commands.explain, "explanation"), (commands.close, "reason"),
                          (commands.correct, "reason")):  # fmt: skip
        with pytest.raises(Forbidden):
            database.unit_of_work(
                lambda session, do=command, word=said: do(
                    session, actor=plant.keeper, discrepancy_uid=found.uid, **{word: "because"}
                )
            )
    with pytest.raises(NotFound):
        settle(database, plant, commands.close, uuid.uuid4(), reason="because")
    with pytest.raises(Forbidden):
        database.unit_of_work(lambda session: commands.request_check(session, actor=plant.driver))

    assert entries(database)[0].resolved_at is None
    assert audited(database) == []


def test_rebuilding_writes_only_what_differs_and_leaves_a_trace(database: Database, plant: Plant):
    break_balance(database, plant)
    database.unit_of_work(
        lambda session: session.execute(
            sa.text("UPDATE site_balances SET on_hand = 7 WHERE item_id = :i"),
            {"i": plant.other_item.id},
        )
    )

    written = database.unit_of_work(
        lambda session: commands.rebuild_balances(session, actor=plant.admin, reason="restored")
    )

    assert written == {"balances": 1, "site_balances": 1}
    assert_books_agree(database)
    assert audited(database) == ["reconciliation.rebuilt"] * 2


def test_asking_twice_leads_to_the_same_check(database: Database, plant: Plant):
    runs = {
        database.unit_of_work(
            lambda session: commands.request_check(session, actor=plant.manager)
        ).id
        for _ in range(2)
    }

    assert len(runs) == 1
    with database.reader() as session:
        assert session.scalars(sa.select(OutboxMessage.job)).all() == ["reconciliation.check"]
        assert session.scalar(sa.select(sa.func.count(CheckRun.id))) == 1


def test_a_fault_raises_one_alert_for_the_site(database: Database, plant: Plant):
    break_balance(database, plant)
    check_everything(database)

    with database.reader() as session:
        (alert,) = session.scalars(sa.select(Alert)).all()
        proof = proof_of(session, site_id=plant.site.id)
    assert (alert.message, alert.site_id) == (
        "One number differs from what the ledger says.",
        plant.site.id,
    )
    assert proof.open_count == 1
    assert proof.proven_at is not None
    assert proof.sealed_at is None
