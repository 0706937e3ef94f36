"""Promises are checked against their postings, and put right."""

import sqlalchemy as sa

from app.core.database import Database
from app.domain.ledger.commands import dispatch
from app.domain.ledger.commands.reserving import Wish, reserve
from app.domain.reconciliation import commands
from app.domain.reconciliation.models import Discrepancy
from tests.factories.plant import Plant
from tests.factories.proof import busy_plant, check_everything, check_what_was_touched, kinds


def promise(database: Database, plant: Plant, unit_id: int, reference: str = "MO-1") -> None:
    database.unit_of_work(
        lambda session: reserve(
            session,
            actor=plant.manager,
            site_id=plant.site.id,
            wishes=[Wish(unit_id=unit_id)],
            reference_type="order",
            reference_id=reference,
        )
    )


def run_sql(database: Database, text: str) -> None:
    database.unit_of_work(lambda session: session.execute(sa.text(text)))


def test_promises_in_order_differ_nowhere(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    promise(database, plant, coils[0])
    assert check_everything(database) == []
    promise(database, plant, coils[1], "MO-2")

    assert check_what_was_touched(database).result.differences == []
    assert check_everything(database) == []


def test_a_wrong_promise_of_a_site_is_found_alone(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    promise(database, plant, coils[0])
    run_sql(database, "UPDATE site_balances SET reserved = 5000000 WHERE reserved > 0")

    (found,) = check_everything(database)

    assert (found.what, found.expected, found.found) == (
        "promised in the whole site",
        "4820.5",
        "5",
    )


def test_a_wrong_reservation_is_found_alone_when_it_is_touched(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    check_everything(database)
    promise(database, plant, coils[0])
    run_sql(database, "UPDATE reservations SET open = open + 1000000")
    run_sql(database, "UPDATE site_balances SET reserved = reserved + 1000000 WHERE reserved > 0")

    found = check_what_was_touched(database).result.differences

    assert kinds(found) == ["site_balance 4820.5 → 4821.5"]
    assert found[0].what.startswith("open in reservation ")


def test_both_are_put_right_and_nothing_else_changes(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    promise(database, plant, coils[0])
    run_sql(database, "UPDATE reservations SET open = 0")
    run_sql(database, "UPDATE site_balances SET reserved = 0")
    check_everything(database)
    with database.reader() as session:
        uids = session.scalars(sa.select(Discrepancy.uid)).all()
    assert len(uids) == 2

    for uid in uids:
        database.unit_of_work(
            lambda session, one=uid: commands.correct(
                session, actor=plant.manager, discrepancy_uid=one, reason="restored wrongly"
            )
        )

    assert check_everything(database) == []
    with database.reader() as session:
        assert session.scalar(sa.text("SELECT sum(open) FROM reservations")) == 4_820_500_000
        assert session.scalar(sa.text("SELECT sum(reserved) FROM site_balances")) == 4_820_500_000


def test_what_left_without_its_promise_leaves_the_rest_in_order(database: Database, plant: Plant):
    coils = busy_plant(database, plant)
    promise(database, plant, coils[0])
    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils[1:2], partner_id=plant.customer.id
        )
    )

    assert check_everything(database) == []
