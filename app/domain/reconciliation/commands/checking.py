"""Check runs: asking for one, beginning it, keeping what it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.ids import new_uid
from app.core.outbox import enqueue
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows
from app.domain.alerts.commands import raise_alert
from app.domain.alerts.models import Severity
from app.domain.audit.commands import record_change
from app.domain.locations.models import Site
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import (
    CheckKind,
    CheckPlan,
    CheckRun,
    CheckState,
    Discrepancy,
)
from app.domain.reconciliation.rules import DAILY_AT, due_day

JOB = "reconciliation.check"
FOUND_AT_MOST = 1_000
# A run that says nothing for so long has died; another may be asked for.
GIVEN_UP_AFTER = timedelta(hours=1)
CLEAN_CONTINUOUS_KEPT = timedelta(days=2)
_RUNS: Any = CheckRun.__table__
_DISCREPANCIES: Any = Discrepancy.__table__
_FACTS = (
    *("kind", "subject_key", "site_id", "department_id", "location_id", "item_id", "lot_id"),
    *("unit_id", "what", "expected", "found", "suspect_movement_id"),
)


def request_check(session: Session, *, actor: Actor) -> CheckRun:
    """Have everything checked now. While such a check is under way it is the answer."""
    require(actor, Permission.RECONCILIATION_MANAGE, site_id=actor.site_id)
    run = request_full_check(session, kind=CheckKind.MANUAL, asked_by_id=actor.user_id)
    record_change(
        session,
        actor=actor,
        action="reconciliation.requested",
        subject_kind="check_run",
        subject_id=run.id,
    )
    return run


def request_full_check(
    session: Session, *, kind: CheckKind, asked_by_id: int | None = None
) -> CheckRun:
    """Put a check of everything into the queue, unless one is there already."""
    under_way = session.scalars(
        sa.select(CheckRun).where(
            CheckRun.kind.in_([CheckKind.MANUAL, CheckKind.WEEKLY]),
            CheckRun.state.in_([CheckState.WAITING, CheckState.RUNNING]),
            CheckRun.asked_at > now() - GIVEN_UP_AFTER,
        )
    ).first()
    if under_way is not None:
        return under_way
    run = CheckRun(kind=kind, asked_by_id=asked_by_id)
    session.add(run)
    session.flush()
    enqueue(session, JOB, {"run_id": run.id})
    return run


def start_due_checks(session: Session, *, at: datetime) -> int:
    """Begin the daily check of every site whose hour has come; once per local day, however the
    clocks were changed. Returns how many began."""
    plans = dict(session.execute(sa.select(CheckPlan.site_id, CheckPlan.daily_at)).all())
    rows = []
    for site_id, zone in session.execute(sa.select(Site.id, Site.time_zone)):
        day = due_day(at, zone, plans.get(site_id, DAILY_AT))
        rows.append(_daily(site_id, day, at))
    made = insert_rows(
        session, _RUNS, rows, names=list(rows[0]) if rows else (), ignore_conflicts=True,
        returning=("id",),
    )  # fmt: skip
    for row in made:
        enqueue(session, JOB, {"run_id": row.id})
    return len(made)


def _daily(site_id: int, day: date, at: datetime) -> dict[str, Any]:
    return {
        "uid": new_uid(),
        "kind": CheckKind.DAILY,
        "state": CheckState.WAITING,
        "site_id": site_id,
        "business_day": day,
        "asked_at": at,
        "checked": 0,
        "found": 0,
    }


def begin_check(session: Session, *, run_id: int) -> CheckRun:
    """Say that a check is under way."""
    run = session.get_one(CheckRun, run_id, with_for_update=True)
    run.state, run.started_at = CheckState.RUNNING, now()
    return run


def finish_check(
    session: Session,
    *,
    run_id: int,
    checked: int,
    differences: Sequence[Difference],
    root: str | None = None,
) -> CheckRun:
    """Keep what a check found, and raise an alert for each site where something differs."""
    run = session.get_one(CheckRun, run_id, with_for_update=True)
    run.state, run.finished_at = CheckState.DONE, now()
    run.checked, run.found, run.root = checked, len(differences), root
    keep_differences(session, run, differences)
    return run


def fail_check(session: Session, *, run_id: int, reason: str) -> None:
    """Say why a check did not come to its end."""
    run = session.get_one(CheckRun, run_id, with_for_update=True)
    run.state, run.finished_at, run.error = CheckState.FAILED, now(), reason[:500]


def record_touched(
    session: Session, *, checked: int, differences: Sequence[Difference]
) -> CheckRun:
    """Keep one check of what was touched; clean ones are forgotten after two days."""
    moment = now()
    run = CheckRun(kind=CheckKind.CONTINUOUS, asked_at=moment, started_at=moment)
    session.add(run)
    session.flush()
    session.execute(
        sa.delete(CheckRun).where(
            CheckRun.kind == CheckKind.CONTINUOUS,
            CheckRun.found == 0,
            CheckRun.asked_at < moment - CLEAN_CONTINUOUS_KEPT,
            CheckRun.id != run.id,
            ~sa.exists().where(Discrepancy.run_id == CheckRun.id),
        )
    )
    return finish_check(session, run_id=run.id, checked=checked, differences=differences)


def keep_differences(session: Session, run: CheckRun, differences: Sequence[Difference]) -> None:
    """One open entry a subject: a known one is seen again, a new one is added."""
    facts = {
        one.subject_key: {name: getattr(one, name) for name in _FACTS}
        | {"last_seen_at": now(), "run_id": run.id}
        for one in differences[:FOUND_AT_MOST]
    }
    if not facts:
        return
    known = set(
        session.scalars(
            sa.select(Discrepancy.subject_key)
            .where(Discrepancy.subject_key.in_(list(facts)), Discrepancy.resolved_at.is_(None))
            .with_for_update()
        )
    )
    for key in sorted(known):
        session.execute(
            sa.update(Discrepancy)
            .where(Discrepancy.subject_key == key, Discrepancy.resolved_at.is_(None))
            .values({name: facts[key][name] for name in ("expected", "found", "last_seen_at")})
        )
    new = [
        facts[key] | {"uid": new_uid(), "found_at": now()} for key in sorted(facts.keys() - known)
    ]
    if new:
        insert_rows(session, _DISCREPANCIES, new, names=list(new[0]), ignore_conflicts=True)
    for site_id, count in sorted(
        Counter(one.site_id for one in differences).items(), key=lambda pair: pair[0] or 0
    ):
        _alert(session, site_id, count)


def _alert(session: Session, site_id: int | None, count: int) -> None:
    numbers = "One number differs" if count == 1 else f"{count:,} numbers differ"
    raise_alert(
        session,
        rule_code="reconciliation.mismatch",
        severity=Severity.CRITICAL,
        dedupe_key=f"reconciliation.mismatch:{site_id or 'all'}",
        message=f"{numbers} from what the ledger says.",
        path="/proof/",
        facts={"found": count},
        site_id=site_id,
    )
