"""Proof by the clock: sealing, checks of what was touched, the daily and the full check."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.errors import DomainError
from app.domain.reconciliation import commands
from app.domain.reconciliation.balance_checks import Key
from app.domain.reconciliation.checks import Checked, check_all, check_day, check_touched
from app.domain.reconciliation.models import CheckKind
from app.domain.reconciliation.queries import line_position
from app.jobs.relay import Relay
from app.jobs.running import JobRun

# So many seals at a time: the scheduler has other work, and comes back soon.
SEALS_AT_ONCE = 20
DEADLINE_SECONDS = 15.0
ROWS_AT_ONCE = 2_000


def seal(relay: Relay) -> None:
    """Seal what was committed, and say so when something waits for too long."""
    for _ in range(SEALS_AT_ONCE):
        sealed = relay.database.unit_of_work(
            commands.seal_ledger, deadline_seconds=DEADLINE_SECONDS
        )
        if sealed is None:
            break
    relay.database.unit_of_work(commands.watch_unsealed)


def check_continuously(relay: Relay) -> None:
    """Check what was touched since the last time; where no full check was made yet, ask for one."""
    database = relay.database
    with database.snapshot() as session:
        low = line_position(session)
        found = check_touched(session, low=low) if low is not None else None
    if found is None:
        database.unit_of_work(
            lambda session: commands.request_full_check(session, kind=CheckKind.WEEKLY)
        )
        return

    def keep(session: Session) -> None:
        moved = commands.move_line(session, low=found.low, high=found.high, delta=found.delta)
        if moved:
            commands.record_touched(
                session, checked=found.result.checked, differences=found.result.differences
            )

    database.unit_of_work(keep, deadline_seconds=DEADLINE_SECONDS)


def start_daily(relay: Relay) -> None:
    """Begin the daily check of every site whose hour has come."""
    relay.database.unit_of_work(lambda session: commands.start_due_checks(session, at=now()))


def start_weekly(relay: Relay) -> None:
    """Have everything checked once a week."""
    relay.database.unit_of_work(
        lambda session: commands.request_full_check(session, kind=CheckKind.WEEKLY)
    )


def keep_checkpoint(relay: Relay) -> None:
    """Keep what the books say, for questions about the past."""
    relay.database.unit_of_work(
        lambda session: commands.take_checkpoint(session, at=now()),
        deadline_seconds=DEADLINE_SECONDS,
    )


def check(run: JobRun) -> None:
    """Do one check; what it found is kept in the transaction that ends it."""
    run_id = run.payload["run_id"]
    asked = run.step(lambda session: commands.begin_check(session, run_id=run_id))
    try:
        result = _day(run.database, asked.site_id or 0) if asked.site_id else _all(run, run_id)
    except DomainError as error:
        reason = error.message
        run.finish(lambda session: commands.fail_check(session, run_id=run_id, reason=reason))
        return
    run.finish(
        lambda session: commands.finish_check(
            session,
            run_id=run_id,
            checked=result.checked,
            differences=result.differences,
            root=result.root,
        )
    )


def _day(database: Database, site_id: int) -> Checked:
    with database.snapshot() as session:
        return check_day(session, site_id=site_id)


def _all(run: JobRun, run_id: int) -> Checked:
    run.step(lambda session: commands.take_line(session, run_id=run_id))
    with run.database.snapshot() as session:
        found = check_all(session)
        while chunk := list(islice(found.unproven, ROWS_AT_ONCE)):
            _set_proven(run, chunk)
    run.step(lambda session: commands.begin_line(session, run_id=run_id, position=found.position))
    return found.result


def _set_proven(run: JobRun, rows: Sequence[tuple[Key, int]]) -> None:
    run.step(lambda session: commands.set_proven(session, rows))
