"""Devices, and what they deliver: each event kept, booked once, and answered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.rights import Actor, Permission, require
from app.domain.accounts.commands import issue_submit_grant
from app.domain.accounts.models import SubmitGrant
from app.domain.alerts.commands import raise_alert
from app.domain.alerts.models import Severity
from app.domain.audit.commands import record_change
from app.domain.sync import planning
from app.domain.sync.booking import Booking, Delivery
from app.domain.sync.messages import EnrolmentIn, EventIn, HeartbeatIn, canonical, digest
from app.domain.sync.models import Device, ScanEvent, Verdict
from app.domain.sync.recording import (
    Known,
    Outcome,
    Received,
    claim_events,
    known_events,
    store_outcomes,
)
from app.domain.sync.rules import estimate_time


def enrol_device(
    session: Session, *, actor: Actor, enrolment: EnrolmentIn
) -> tuple[Device, SubmitGrant, str]:
    """Enrol the device at its first log-in and give its user a new submit grant.

    Returns the device, the grant and its token. The device chose its uid; enrolling it again
    only issues another grant.
    """
    require(actor, Permission.SYNC_SCAN)
    device = device_by_uid(session, enrolment.device_id)
    if device is None:
        device = Device(
            uid=enrolment.device_id, name=enrolment.device_name, enrolled_by_id=actor.user_id
        )
        session.add(device)
        session.flush()
        record_change(
            session,
            actor=actor,
            action="device.enrolled",
            subject_kind="device",
            subject_id=device.id,
            after={"name": device.name},
        )
    device.app_version = enrolment.app_version
    device.last_contact_at = now()
    grant, token = issue_submit_grant(session, actor=actor, device_id=device.id)
    return device, grant, token


def device_by_uid(session: Session, uid: uuid.UUID) -> Device | None:
    """The device that chose this uid."""
    return session.scalar(sa.select(Device).where(Device.uid == uid))


def record_heartbeat(session: Session, *, device_id: int, heartbeat: HeartbeatIn) -> None:
    """Keep how the device says it is."""
    session.execute(
        sa.update(Device)
        .where(Device.id == device_id)
        .values(
            last_contact_at=now(),
            last_seq=sa.case(
                (Device.last_seq > heartbeat.last_seq, Device.last_seq),
                else_=heartbeat.last_seq,
            ),
            pending=heartbeat.pending,
            oldest_pending_at=heartbeat.oldest_at,
            is_storage_persistent=heartbeat.persisted,
            app_version=heartbeat.app_version,
        )
    )


def apply_scan_events(
    session: Session, *, delivery: Delivery, events: Sequence[EventIn]
) -> list[Outcome]:
    """Book the events of one device in order; one outcome each, at the same index.

    An event that came before is answered with its latest outcome (`duplicate`), or `conflict`
    when its payload differs. A refused event stops nothing behind it.
    """
    received = _receive(session, delivery, events)
    submissions = planning.load_submissions(
        session,
        device_id=delivery.device_id,
        bearer_id=delivery.bearer_id,
        grant_uids=[event.grant for event in events],
    )
    claimed = _claim(session, delivery, received, submissions)
    known = known_events(session, [event.id for event in events if event.id not in claimed])
    fresh = list({item.event.id: item for item in received if item.event.id in claimed}.values())
    outcomes = Booking(session, delivery, submissions).book(fresh)
    store_outcomes(session, [(claimed[uid], outcome) for uid, outcome in outcomes.items()])
    _alert_reviews(session, outcomes)
    answered: set[uuid.UUID] = set()
    answers = []
    for item in received:
        uid = item.event.id
        if uid in outcomes and uid not in answered:
            answers.append(outcomes[uid])
        elif uid in outcomes:
            first = next(one for one in fresh if one.event.id == uid)
            answers.append(_repeat(session, item, Known(first.hash, outcomes[uid])))
        else:
            answers.append(_repeat(session, item, known.get(uid)))
        answered.add(uid)
    return answers


def _alert_reviews(session: Session, outcomes: Mapping[uuid.UUID, Outcome]) -> None:
    """A person must settle what contradicts the ledger; until then somebody must know of it."""
    for uid, outcome in outcomes.items():
        if outcome.verdict == Verdict.REVIEW:
            raise_alert(
                session,
                rule_code="sync.review",
                severity=Severity.WARNING,
                dedupe_key=f"sync.review:{uid}",
                message=outcome.message,
                facts={"event": str(uid), "code": outcome.code},
            )


def record_failure(session: Session, *, delivery: Delivery, event: EventIn) -> Outcome:
    """Keep an event that made the writer fail, for review; nothing of it is booked."""
    received = _receive(session, delivery, [event])
    submissions = planning.load_submissions(
        session,
        device_id=delivery.device_id,
        bearer_id=delivery.bearer_id,
        grant_uids=[event.grant],
    )
    claimed = _claim(session, delivery, received, submissions)
    outcome = Outcome(
        Verdict.REVIEW, "internal", "This scan could not be booked. A supervisor will settle it."
    )
    if event.id in claimed:
        store_outcomes(session, [(claimed[event.id], outcome)])
        raise_alert(
            session,
            rule_code="sync.internal",
            severity=Severity.CRITICAL,
            dedupe_key=f"sync.internal:{event.id}",
            message="A scan made the ledger fail. It is kept for review.",
            facts={"event": str(event.id)},
        )
    return outcome


def _receive(session: Session, delivery: Delivery, events: Sequence[EventIn]) -> list[Received]:
    """Events with their raw form and estimated time, in device order."""
    previous_at = session.scalar(
        sa.select(ScanEvent.occurred_at)
        .where(ScanEvent.device_id == delivery.device_id)
        .order_by(ScanEvent.seq.desc())
        .limit(1)
    )
    received = []
    for event in events:
        estimate = estimate_time(
            client_time=event.client_time,
            offset_at_capture_ms=event.clock_offset_ms,
            offset_at_delivery_ms=delivery.clock_offset_ms,
            received_at=delivery.received_at,
            previous_at=previous_at,
        )
        previous_at = estimate.occurred_at
        # Only what was sent: a member that a later version adds must not change the hash.
        raw = canonical(event.model_dump(mode="json", exclude_unset=True))
        received.append(
            Received(event, raw, digest(raw), estimate.occurred_at, estimate.uncertainty_seconds)
        )
    return received


def _claim(
    session: Session,
    delivery: Delivery,
    received: Sequence[Received],
    submissions: Mapping[uuid.UUID, planning.Submission],
) -> dict[uuid.UUID, int]:
    rows = [
        {
            "uid": item.event.id,
            "site_id": submissions[item.event.grant].site_id,
            "device_id": delivery.device_id,
            "submit_grant_id": submissions[item.event.grant].grant_id,
            "actor_id": submissions[item.event.grant].user_id,
            "seq": item.event.seq,
            "act_id": item.event.act_id,
            "verb": item.event.verb,
            "raw": item.raw,
            "hash": item.hash,
            "occurred_at": item.occurred_at,
            "uncertainty_seconds": item.uncertainty_seconds,
            "received_at": delivery.received_at,
        }
        for item in received
        if item.event.grant in submissions
    ]
    return claim_events(session, rows)


def _repeat(session: Session, item: Received, known: Known | None) -> Outcome:
    """The answer to an event that came before, or whose grant is not of this device."""
    if known is None:
        return Outcome(
            Verdict.REJECTED,
            "unknown_grant",
            "This scan was made under a log-in that this device never had. Sign in again.",
        )
    if known.hash != item.hash:
        raise_alert(
            session,
            rule_code="sync.conflict",
            severity=Severity.CRITICAL,
            dedupe_key=f"sync.conflict:{item.event.id}",
            message="A device sent two different scans under one id.",
            facts={"event": str(item.event.id)},
        )
        return Outcome(
            "conflict", "conflict", "Another scan came under the same id. It was not booked."
        )
    return replace(known.outcome, verdict="duplicate", latest=known.outcome.verdict)
