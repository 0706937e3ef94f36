"""What proof costs: checks of everything and of what was touched, and sealing, beside bare scans.

    python -m bench.reconciliation 100000 [postgresql]

Generates two plants, one with a tenth of the units, and measures in both. A full check is compared
with one bare scan of the postings; a check of what was touched must cost the same in both plants.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cli.demo.generating import generate
from app.core.clock import now
from app.core.database import Database
from app.core.rights import Actor
from app.domain.accounts.models import User
from app.domain.accounts.queries import load_actor
from app.domain.ledger.commands import Placement, putaway_many
from app.domain.ledger.models import Movement
from app.domain.locations.models import Location, LocationKind
from app.domain.reconciliation import balance_checks as balances
from app.domain.reconciliation.checks import check_touched
from app.domain.reconciliation.commands import seal_ledger
from app.domain.reconciliation.commands.proving import set_proven
from app.domain.reconciliation.promise_checks import find_wrong_promises
from app.domain.reconciliation.unit_checks import find_wrong_units
from app.domain.units.models import Unit, UnitState
from tests.support.databases import databases_for

REPEATS = 3
TOUCHED = 500
PASSWORD = "correct horse battery"


def timed(work: Callable[[], object]) -> float:
    """The median of some runs, in seconds."""
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def full(database: Database) -> None:
    """Every balance, site balance, promise and roll."""
    with database.snapshot() as session:
        lacking = balances.find_wrong_balances(session)
        of_sites = balances.find_wrong_site_balances(session, lacking)
        wrong = [*lacking, *of_sites, *find_wrong_promises(session), *find_wrong_units(session)]
    assert wrong == []


def scan(database: Database) -> None:
    """The least that any check of everything can cost."""
    with database.snapshot() as session:
        session.execute(sa.text("SELECT count(*), sum(quantity) FROM postings")).all()


def touch(database: Database) -> int:
    """Move so many rolls, one movement each; the position from which they are found."""
    with database.reader() as session:
        low = (session.scalar(sa.select(sa.func.max(Movement.id))) or 0) + 1
        if database.dialect == "postgresql":
            low = session.scalar(sa.text("SELECT pg_current_xact_id()::text::bigint")) or 0
        actor = _admin(session)
        rolls = session.execute(
            sa.select(Unit.id, Unit.department_id, Unit.location_id)
            .where(Unit.state == UnitState.STORED)
            .order_by(Unit.id)
            .limit(TOUCHED)
        ).all()
        bins: dict[int, list[int]] = {}
        query = sa.select(Location.department_id, Location.id).where(
            Location.kind == LocationKind.BIN
        )
        for department_id, location_id in session.execute(query):
            bins.setdefault(department_id or 0, []).append(location_id)
    placements = [
        Placement(next(one for one in bins[department] if one != place), [unit_id])
        for unit_id, department, place in rolls
    ]
    database.unit_of_work(
        lambda session: putaway_many(session, actor=actor, placements=placements),
        deadline_seconds=60,
    )
    return low


def _admin(session: Session) -> Actor:
    user_id = session.scalars(sa.select(User.id).where(User.username == "admin")).one()
    actor = load_actor(session, user_id)
    assert actor is not None
    return actor


def prove(database: Database) -> None:
    """Fill the proven balances, as a first full check does."""
    with database.snapshot() as session:
        rows = list(balances.unproven(session, lacking={}, tail={}))
    database.unit_of_work(lambda session: set_proven(session, rows), deadline_seconds=600)


def measure(url: str, units: int) -> dict[str, float]:
    """Generate a plant and measure everything in it."""
    database = Database(url)
    started = time.perf_counter()
    counts = database.unit_of_work(
        lambda session: generate(session, units=units, days=365, password=PASSWORD, until=now()),
        deadline_seconds=7_200,
    )
    facts = {"postings": float(counts["postings"]), "generate": time.perf_counter() - started}
    started = time.perf_counter()
    sealed = database.unit_of_work(seal_ledger, deadline_seconds=60)
    assert sealed is not None
    per_posting = (time.perf_counter() - started) / sealed.posting_count
    facts["seal, per 1,000 postings"] = per_posting * 1_000
    facts["scan"] = timed(lambda: scan(database))
    facts["full"] = timed(lambda: full(database))
    prove(database)
    low = touch(database)

    def touched() -> None:
        with database.snapshot() as session:
            found = check_touched(session, low=low)
        assert found.result.differences == []

    facts["touched"] = timed(touched)
    database.dispose()
    return facts


def main(units: int, engine: str) -> None:
    """Measure both plants, say so."""
    databases = databases_for(engine)
    found = {}
    for size in (units // 10, units):
        found[size] = measure(databases.create(), size)
        words = "  ".join(f"{key} {value:,.3f}" for key, value in found[size].items())
        print(f"{engine} {size:>9,} units  {words}", flush=True)  # noqa: T201
    small, large = found[units // 10], found[units]
    print("full / scan", round(large["full"] / large["scan"], 1))  # noqa: T201
    print("touched, ten times the ledger", round(large["touched"] / small["touched"], 2))  # noqa: T201
    databases.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "sqlite")
