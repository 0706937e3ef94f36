"""The sync protocol `rollcall-sync/1` (docs/offline.md): grants, events, snapshot, unit cards."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, TypeVar

import structlog
from flask import Response, jsonify, request
from pydantic import BaseModel, ValidationError

from app.core.clock import now
from app.core.errors import Busy, Forbidden, Invalid
from app.core.halving import in_halves
from app.core.rights import Permission
from app.domain.sync import commands, queries
from app.domain.sync.booking import Delivery
from app.domain.sync.messages import PROTOCOL, BatchIn, EnrolmentIn, EventIn
from app.domain.sync.recording import Outcome, later_outcomes
from app.web.bearer import current_grant
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow, bearer_grant

log = structlog.get_logger(__name__)
Message = TypeVar("Message", bound=BaseModel)

# 64 KB of events and their envelope.
LARGEST_BODY = 96 * 1024


@allow(Permission.SYNC_SCAN)
def issue_grant() -> tuple[Response, int]:
    """Enrol the device and give the signed-in person the right to scan with it for 14 days."""
    enrolment = _read(EnrolmentIn)
    actor = current_actor()
    device, grant, token = unit_of_work(
        lambda session: commands.enrol_device(session, actor=actor, enrolment=enrolment)
    )
    body = _envelope() | {
        "device": {"id": str(device.uid), "name": device.name},
        "grant": {
            "id": str(grant.uid),
            "token": token,
            "expires_at": grant.expires_at.isoformat(),
            "user": queries.person_card(reading(), user_id=actor.user_id),
            "rights": grant.content["rights"],
        },
    }
    return jsonify(body), 201


@bearer_grant
def receive_events() -> Response:
    """Keep and book a delivery; one verdict per event. Nothing is written when this is no 200."""
    batch = _read(BatchIn)
    _require_own_device(batch.device_id)
    received_at = now()
    offset_ms = (batch.sent_at - received_at).total_seconds() * 1000
    grant = current_grant()
    delivery = Delivery(grant.device_id, grant.user_id, received_at, offset_ms)

    def attempt(events: Sequence[EventIn]) -> list[Outcome]:
        return unit_of_work(
            lambda session: commands.apply_scan_events(session, delivery=delivery, events=events)
        )

    def give_up(event: EventIn, error: Exception) -> Outcome:
        log.error("scan event failed", event_id=str(event.id), exc_info=error)
        return unit_of_work(
            lambda session: commands.record_failure(session, delivery=delivery, event=event)
        )

    outcomes = in_halves(batch.events, attempt, give_up) if batch.events else []
    _record_heartbeat(batch, delivery)
    return jsonify(_envelope() | {"results": _results(batch.events, outcomes)})


@bearer_grant
def list_outcomes() -> Response:
    """Verdicts that came after the first answer, from the row after `since` on."""
    since = request.args.get("since", "0")
    if not since.isdecimal() or len(since) > 18:
        raise Invalid("“since” is the number of the last answer.", field="since")
    rows = later_outcomes(reading(), device_id=current_grant().device_id, after_id=int(since))
    results = [{"id": str(uid)} | _verdict(outcome) for _, uid, outcome in rows]
    next_id = rows[-1][0] if rows else int(since)
    return jsonify(_envelope() | {"next": next_id, "results": results})


@bearer_grant
def show_snapshot() -> Response:
    """What the device needs to answer offline; 304 while nothing has changed."""
    session, actor, site_id = reading(), current_actor(), current_grant().content["site_id"]
    tag = queries.snapshot_tag(session, actor=actor, site_id=site_id)
    response = Response(status=304)
    if not request.if_none_match.contains(tag):
        body = queries.snapshot(session, actor=actor, site_id=site_id)
        response = jsonify(_envelope() | {"etag": tag} | body)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache, private"
    return response


@bearer_grant
def show_unit(uid: uuid.UUID) -> Response:
    """One unit with its history."""
    card = queries.unit_card(reading(), actor=current_actor(), uid=uid)
    return jsonify(_envelope() | card)


def _envelope() -> dict[str, Any]:
    return {
        "proto": PROTOCOL,
        "server_time": now().isoformat(),
        "epoch": queries.epoch(reading()),
    }


def _read(kind: type[Message]) -> Message:
    """The message in the body. Raises Invalid with the place of the first fault, or 413."""
    # Also for a body that comes in chunks and does not say how long it is.
    request.max_content_length = LARGEST_BODY
    try:
        return kind.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(
            f"The message does not follow {PROTOCOL}: {place or 'body'}: {first['msg']}.",
            field=place or None,
        ) from error


def _require_own_device(device_uid: uuid.UUID) -> None:
    device = commands.device_by_uid(reading(), device_uid)
    if device is None or device.id != current_grant().device_id:
        raise Forbidden("This grant belongs to another device. Sign in on this one.")


def _record_heartbeat(batch: BatchIn, delivery: Delivery) -> None:
    """Keep how the device is; what it has just delivered no longer waits there.

    The events are answered whatever becomes of this: the next contact brings the next heartbeat.
    """
    waiting = max(0, batch.heartbeat.pending - len(batch.events))
    heartbeat = batch.heartbeat.model_copy(update={"pending": waiting})
    try:
        unit_of_work(
            lambda session: commands.record_heartbeat(
                session, device_id=delivery.device_id, heartbeat=heartbeat
            ),
            deadline_seconds=1,
        )
    except Busy:
        log.warning("heartbeat not kept", device_id=delivery.device_id)


def _results(events: Sequence[EventIn], outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    unit_ids = sorted({one.unit_id for one in outcomes if one.unit_id is not None})
    moved = {one.unit_id for one in outcomes if one.unit_id and one.movement_uid}
    rows = queries.unit_rows(reading(), actor=current_actor(), unit_ids=unit_ids, own_ids=moved)
    return [
        {
            "id": str(event.id),
            **_verdict(outcome),
            "unit": rows.get(outcome.unit_id) if outcome.unit_id is not None else None,
        }
        for event, outcome in zip(events, outcomes, strict=True)
    ]


def _verdict(outcome: Outcome) -> dict[str, Any]:
    return {
        "verdict": outcome.verdict,
        "latest": outcome.latest or outcome.verdict,
        "code": outcome.code,
        "message": outcome.message,
        "movement": str(outcome.movement_uid) if outcome.movement_uid else None,
        "at": (outcome.at or now()).isoformat(),
    }
