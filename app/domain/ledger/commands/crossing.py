"""What arrives from another site, and what comes back from customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.rights import Actor
from app.domain.holds.commands import hold_returned
from app.domain.ledger.commands.details import Details, Posted, post_one, posted
from app.domain.ledger.commands.drafting import NO_DETAILS, draft_of, read_units, staging_of
from app.domain.ledger.drafts import Key, LineDraft
from app.domain.ledger.entry_rules import require_reason
from app.domain.ledger.errors import NothingInTransit, OtherSite
from app.domain.ledger.models import IdempotencyKey, Movement, Posting, Verb
from app.domain.ledger.posting import post_batch
from app.domain.locations.models import Location, LocationKind, Site
from app.domain.units.models import Unit, UnitState

SHIPMENT = "shipment"


def arrive(
    session: Session,
    *,
    actor: Actor,
    movement_id: int,
    department_id: int,
    details: Details = NO_DETAILS,
) -> Posted:
    """Take in what another site sent, into the department's staging. A shipment arrives once.

    A roll of it that is not in transit any more (reversed, arrived) is left out.
    """
    sent = session.get(Movement, movement_id)
    if sent is None:
        raise NotFound("There is no such shipment.", id=movement_id)
    site_id, target_id = staging_of(session, [department_id])[department_id]
    _require_addressee(session, sent, site_id)
    lines = _lines_in_transit(session, sent, target_id)
    key = Key.of(SHIPMENT, f"{sent.uid}:{_arrivals(session, sent)}", {"to": department_id})
    is_new = session.get(IdempotencyKey, (key.scope, key.key)) is None
    if is_new and (not lines or _is_reversed(session, sent.id)):
        raise NothingInTransit("Nothing of this shipment is in transit.")
    details = replace(details, reference_type=SHIPMENT, reference_id=str(sent.uid), key=key)
    return post_one(session, draft_of(Verb.TRANSFER, site_id, lines, details), actor=actor)


def _require_addressee(session: Session, sent: Movement, site_id: int) -> None:
    if sent.reference_type != "site":
        return
    code = session.scalar(sa.select(Site.code).where(Site.id == site_id))
    if code != sent.reference_id:
        raise OtherSite(
            f"This shipment goes to {sent.reference_id}, not to {code}.", site=sent.reference_id
        )


def _lines_in_transit(session: Session, sent: Movement, target_id: int) -> list[LineDraft]:
    rows: Any = session.scalars(
        sa.select(Posting)
        .join(Location, Location.id == Posting.to_location_id)
        .outerjoin(Unit, Unit.id == Posting.unit_id)
        .where(
            Posting.movement_id == sent.id,
            Location.kind == LocationKind.TRANSIT,
            sa.or_(Posting.unit_id.is_(None), Unit.state == UnitState.IN_TRANSIT),
        )
        .order_by(Posting.line_no)
    )
    return [
        LineDraft(
            line.item_id,
            line.lot_id,
            target_id,
            line.to_location_id,
            quantity=line.quantity,
            unit_id=line.unit_id,
            unit_cost=line.unit_cost,
        )
        for line in rows
    ]


def _is_reversed(session: Session, movement_id: int) -> bool:
    undone = sa.select(Movement.id).where(Movement.reverses_id == movement_id)
    return session.scalar(undone) is not None


def _arrivals(session: Session, sent: Movement) -> int:
    """How often it arrived and was taken back: the next arrival has a key of its own."""
    keys = session.scalars(
        sa.select(IdempotencyKey)
        .where(
            IdempotencyKey.scope == SHIPMENT,
            IdempotencyKey.key.startswith(f"{sent.uid}:", autoescape=True),
        )
        .order_by(IdempotencyKey.created_at)
    ).all()
    last = keys[-1].result if keys else None
    if last is None:
        return 0
    return len(keys) if _is_reversed(session, last["movement_id"]) else len(keys) - 1


def bring_back(
    session: Session,
    *,
    actor: Actor,
    unit_ids: Sequence[int],
    department_id: int,
    reason: str,
    details: Details = NO_DETAILS,
) -> list[Posted]:
    """Take rolls back from their customers into the department's staging, on hold as returned.

    One movement per customer, all of them or none. Quality releases or scraps what came back.
    """
    require_reason(Verb.RETURN, reason)
    site_id, target_id = staging_of(session, [department_id])[department_id]
    units = read_units(session, unit_ids)
    by_partner: dict[int | None, list[int]] = {}
    for unit_id in dict.fromkeys(unit_ids):
        by_partner.setdefault(units[unit_id].partner_id, []).append(unit_id)
    details = replace(details, reason=reason)
    drafts = [
        draft_of(
            Verb.RETURN,
            site_id,
            [
                LineDraft(units[id_].item_id, units[id_].lot_id, target_id, unit_id=id_)
                for id_ in ids
            ],
            details,
            partner_id=partner_id,
        )
        for partner_id, ids in by_partner.items()
    ]
    bookings = posted(post_batch(session, drafts, actor=actor))
    if not any(booking.is_replay for booking in bookings):
        hold_returned(session, actor=actor, unit_ids=list(dict.fromkeys(unit_ids)), reason=reason)
    return bookings
