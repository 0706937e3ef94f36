"""Checks for tests: everything at once, or what was touched; what they found in short."""

from app.core.database import Database
from app.domain.ledger.commands import NewStock, dispatch, produce, transfer
from app.domain.ledger.drafts import NewUnit
from app.domain.reconciliation import commands
from app.domain.reconciliation.checks import CheckedTouched, check_all, check_day, check_touched
from app.domain.reconciliation.models import CheckKind
from app.domain.reconciliation.queries import line_position
from tests.factories.plant import Plant
from tests.factories.stock import COIL, stored_coils


def check_everything(database: Database) -> list:
    """A full check as the job does it; what it found."""
    run = database.unit_of_work(
        lambda session: commands.request_full_check(session, kind=CheckKind.WEEKLY)
    )
    database.unit_of_work(lambda session: commands.begin_check(session, run_id=run.id))
    database.unit_of_work(lambda session: commands.take_line(session, run_id=run.id))
    with database.snapshot() as session:
        found = check_all(session)
        rows = list(found.unproven)
    database.unit_of_work(lambda session: commands.set_proven(session, rows))
    database.unit_of_work(
        lambda session: commands.begin_line(session, run_id=run.id, position=found.position)
    )
    database.unit_of_work(
        lambda session: commands.finish_check(
            session,
            run_id=run.id,
            checked=found.result.checked,
            differences=found.result.differences,
            root=found.result.root,
        )
    )
    return found.result.differences


def check_what_was_touched(database: Database) -> CheckedTouched:
    """A continuous check as the schedule does it."""
    with database.snapshot() as session:
        low = line_position(session)
        assert low is not None
        found = check_touched(session, low=low)

    def keep(session):
        assert commands.move_line(session, low=found.low, high=found.high, delta=found.delta)
        commands.record_touched(
            session, checked=found.result.checked, differences=found.result.differences
        )

    database.unit_of_work(keep)
    return found


def check_the_day(database: Database, plant: Plant) -> list:
    """What a daily check finds."""
    with database.snapshot() as session:
        return check_day(session, site_id=plant.site.id).differences


def kinds(differences) -> list[str]:
    """Kinds with what was expected and found: "balance 4820.5 → 1"."""
    return sorted(f"{one.kind} {one.expected} → {one.found}" for one in differences)


def busy_plant(database: Database, plant: Plant) -> list[int]:
    """Coils in a rack, in staging of both departments, and with a customer; the stored ones."""
    coils = stored_coils(database, plant, 6)
    stock = NewStock(plant.hot_rolling.id, plant.other_item.id, plant.other_lot.id, [NewUnit(COIL)])
    database.unit_of_work(lambda session: produce(session, actor=plant.keeper, stock=stock))
    database.unit_of_work(
        lambda session: transfer(
            session, actor=plant.driver, unit_ids=coils[4:5], department_id=plant.finishing.id
        )
    )
    database.unit_of_work(
        lambda session: dispatch(
            session, actor=plant.driver, unit_ids=coils[5:], partner_id=plant.customer.id
        )
    )
    return coils
