"""Trying again what could not be judged when it came: a roll was scanned before it was entered.

The first verdict stays, as the device was told it; a later one is added, which counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.rows import insert_rows
from app.domain.codes.queries import find_codes
from app.domain.sync.booking import Booking, Delivery
from app.domain.sync.messages import EventIn
from app.domain.sync.models import ScanEvent, ScanOutcome, Verdict
from app.domain.sync.planning import load_submissions
from app.domain.sync.recording import OUTCOME_NAMES, Outcome, Received, printable

EVENTS_AT_ONCE = 200
_OUTCOMES: Any = ScanOutcome.__table__
_UNDONE = Outcome(Verdict.APPLIED, "undone", "The scan was taken back before its roll was known.")
_Waiting = tuple[ScanEvent, int]


def reprocess_received(session: Session, *, site_id: int, after_id: int) -> int | None:
    """Judge the next waiting events of a site again, in the order in which their devices made them.

    Returns where to go on, or None after the last one. What is still not known goes on waiting.
    """
    waiting = _waiting(session, site_id, after_id)
    if not waiting:
        return None
    last_id = waiting[-1][0].id
    answerable = _with_known_codes(session, site_id, waiting)
    ordered = sorted(answerable, key=lambda pair: (pair[0].device_id, pair[0].seq))
    for device, group in groupby(ordered, key=lambda pair: (pair[0].device_id, pair[0].actor_id)):
        _judge(session, *device, list(group))
    return last_id


def _waiting(session: Session, site_id: int, after_id: int) -> list[_Waiting]:
    """Events whose latest verdict is `received`, with the number of that verdict."""
    later = aliased(ScanOutcome)
    rows = session.execute(
        sa.select(ScanEvent, ScanOutcome.n)
        .join(ScanOutcome, ScanOutcome.event_id == ScanEvent.id)
        .where(
            ScanEvent.site_id == site_id,
            ScanEvent.id > after_id,
            ScanOutcome.verdict == Verdict.RECEIVED,
            ~sa.exists().where(later.event_id == ScanEvent.id, later.n > ScanOutcome.n),
        )
        .order_by(ScanEvent.id)
        .limit(EVENTS_AT_ONCE)
    )
    return [(row[0], row[1]) for row in rows]


def _with_known_codes(
    session: Session, site_id: int, waiting: Sequence[_Waiting]
) -> list[_Waiting]:
    """Those of which every code stands for something now."""
    codes = {event.id: EventIn.model_validate_json(event.raw).codes for event, _ in waiting}
    lookups = find_codes(session, [code for some in codes.values() for code in some], site_id)
    return [
        (event, n)
        for event, n in waiting
        if all(lookups[code].refusal is None for code in codes[event.id])
    ]


def _judge(session: Session, device_id: int, actor_id: int, waiting: list[_Waiting]) -> None:
    received = [_again(event) for event, _ in waiting]
    submissions = load_submissions(
        session,
        device_id=device_id,
        # Whose scans they are was settled when they came.
        bearer_id=actor_id,
        grant_uids=[item.event.grant for item in received],
    )
    delivery = Delivery(device_id, actor_id, received_at=now(), clock_offset_ms=0.0)
    undone = _taken_back(session, device_id, first_seq=waiting[0][0].seq)
    outcomes = {item.event.id: _UNDONE for item in received if item.event.id in undone}
    open_ones = [item for item in received if item.event.id not in undone]
    outcomes |= Booking(session, delivery, submissions).book(open_ones)
    rows = [
        _row(event.id, n + 1, outcomes[event.uid])
        for event, n in waiting
        if outcomes[event.uid].verdict != Verdict.RECEIVED
    ]
    insert_rows(session, _OUTCOMES, rows, names=OUTCOME_NAMES, order_by=("event_id",))


def _taken_back(session: Session, device_id: int, *, first_seq: int) -> set[uuid.UUID | None]:
    """What the person has undone on the device meanwhile: it must not be booked after all."""
    undos = session.scalars(
        sa.select(ScanEvent.raw).where(
            ScanEvent.device_id == device_id,
            ScanEvent.verb == "reverse",
            ScanEvent.seq > first_seq,
        )
    )
    return {EventIn.model_validate_json(raw).reverses for raw in undos}


def _again(event: ScanEvent) -> Received:
    return Received(
        EventIn.model_validate_json(event.raw),
        event.raw,
        event.hash,
        event.occurred_at,
        event.uncertainty_seconds or 0.0,
    )


def _row(event_id: int, n: int, outcome: Outcome) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "n": n,
        "verdict": Verdict(outcome.verdict),
        "code": outcome.code,
        "message": printable(outcome.message),
        "movement_id": outcome.movement_id,
        "at": now(),
    }
