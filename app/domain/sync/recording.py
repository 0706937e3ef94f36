"""Keeping scan events and their outcomes: rows are only added, the last outcome counts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.rows import insert_rows
from app.domain.ledger.models import Movement
from app.domain.sync.messages import EventIn
from app.domain.sync.models import ScanEvent, ScanOutcome, Verdict

_EVENTS: Any = ScanEvent.__table__
_OUTCOMES: Any = ScanOutcome.__table__
EVENT_NAMES = (
    *("uid", "site_id", "device_id", "submit_grant_id", "actor_id", "seq", "act_id", "verb"),
    *("raw", "hash", "occurred_at", "uncertainty_seconds", "received_at"),
)
# Every unit of work ends within its deadline of 5 s; the rest is for clocks of several hosts.
LONGEST_TRANSACTION = timedelta(seconds=10)
BIGGEST_ID = 2**62
MOST_OUTCOMES = 200
OUTCOME_NAMES = ("event_id", "n", "verdict", "code", "message", "movement_id", "at")


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it came, with its estimated time."""

    event: EventIn
    raw: str
    hash: str
    occurred_at: datetime
    uncertainty_seconds: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event. `unit_id` is the unit that it was about, where one was found.

    An answer to an event that came before has the verdict `duplicate`, and in `latest` the verdict
    that counts: a device that never got the first answer must learn what became of its scan.
    """

    verdict: str
    code: str
    message: str
    movement_id: int | None = None
    movement_uid: uuid.UUID | None = None
    unit_id: int | None = None
    at: datetime | None = None
    latest: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """An event that came before: its hash and its latest outcome."""

    hash: str
    outcome: Outcome


def claim_events(session: Session, rows: Sequence[Mapping[str, Any]]) -> dict[uuid.UUID, int]:
    """Store the events that are new; returns their ids by uid. A known uid is left alone."""
    found = insert_rows(
        session,
        _EVENTS,
        rows,
        names=EVENT_NAMES,
        order_by=("uid",),
        ignore_conflicts=True,
        returning=("uid", "id"),
    )
    return {row.uid: row.id for row in found}


def known_events(session: Session, uids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Known]:
    """What became of events that came before, the latest outcome of each."""
    latest = (
        sa.select(sa.func.max(ScanOutcome.n))
        .where(ScanOutcome.event_id == ScanEvent.id)
        .correlate(ScanEvent)
        .scalar_subquery()
    )
    rows: Any = session.execute(
        sa.select(ScanEvent.uid, ScanEvent.hash, ScanOutcome, Movement.uid)
        .join(ScanOutcome, ScanOutcome.event_id == ScanEvent.id)
        .outerjoin(Movement, Movement.id == ScanOutcome.movement_id)
        .where(ScanEvent.uid.in_(uids), ScanOutcome.n == latest)
    )
    return {
        uid: Known(event_hash, _outcome(outcome, movement_uid))
        for uid, event_hash, outcome, movement_uid in rows
    }


def later_outcomes(
    session: Session, *, device_id: int, after_id: int
) -> list[tuple[int, uuid.UUID, Outcome]]:
    """Verdicts of a device's events that came after the first one: (row id, event uid, outcome).

    Rows are numbered before they are committed, so the newest are held back until no transaction
    that began before them can still be open; a cursor by id then loses none.
    """
    settled = now() - LONGEST_TRANSACTION
    unsettled = sa.select(sa.func.min(ScanOutcome.id)).where(ScanOutcome.at >= settled)
    bound = sa.func.coalesce(unsettled.scalar_subquery(), BIGGEST_ID)
    rows: Any = session.execute(
        sa.select(ScanOutcome, ScanEvent.uid, Movement.uid)
        .join(ScanEvent, ScanEvent.id == ScanOutcome.event_id)
        .outerjoin(Movement, Movement.id == ScanOutcome.movement_id)
        .where(
            ScanEvent.device_id == device_id,
            ScanOutcome.id > after_id,
            ScanOutcome.id < bound,
            ScanOutcome.n > 1,
        )
        .order_by(ScanOutcome.id)
        .limit(MOST_OUTCOMES)
    )
    return [
        (row.id, event_uid, _outcome(row, movement_uid)) for row, event_uid, movement_uid in rows
    ]


def _outcome(row: ScanOutcome, movement_uid: uuid.UUID | None) -> Outcome:
    return Outcome(
        row.verdict,
        row.code,
        row.message,
        movement_id=row.movement_id,
        movement_uid=movement_uid,
        at=row.at,
    )


def store_outcomes(session: Session, outcomes: Sequence[tuple[int, Outcome]]) -> None:
    """Add the first outcome of each event."""
    decided_at = now()
    rows = [
        {
            "event_id": event_id,
            "n": 1,
            "verdict": Verdict(outcome.verdict),
            "code": outcome.code,
            "message": printable(outcome.message),
            "movement_id": outcome.movement_id,
            "at": decided_at,
        }
        for event_id, outcome in outcomes
    ]
    insert_rows(session, _OUTCOMES, rows, names=OUTCOME_NAMES, order_by=("event_id",))


def printable(message: str) -> str:
    """A message that quotes a scanned text, without what no screen and no database takes."""
    return "".join(char for char in message if char.isprintable())[:500]
