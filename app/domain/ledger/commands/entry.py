"""How stock enters the books: produced, received, or found by an adjustment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands.details import Details, Posted, post_one, posted
from app.domain.ledger.commands.drafting import (
    NO_DETAILS,
    draft_of,
    location_of,
    staging_of,
    virtual_location,
)
from app.domain.ledger.drafts import LineDraft, MovementDraft, NewUnit
from app.domain.ledger.errors import EmptyMovement
from app.domain.ledger.models import Verb
from app.domain.ledger.posting import post_batch
from app.domain.locations.models import LocationKind

ORIGIN_OF = {
    Verb.PRODUCE: LocationKind.PRODUCTION,
    Verb.RECEIVE: LocationKind.SUPPLIER,
}


@dataclass(frozen=True, slots=True)
class NewStock:
    """New units of one item and lot that enter one department together."""

    department_id: int
    item_id: int
    lot_id: int
    units: Sequence[NewUnit]
    details: Details = NO_DETAILS


def produce(session: Session, *, actor: Actor, stock: NewStock) -> Posted:
    """Book new units from production into the department's staging; each gets a label code."""
    return produce_many(session, actor=actor, groups=[stock])[0]


def produce_many(session: Session, *, actor: Actor, groups: Sequence[NewStock]) -> list[Posted]:
    """Book several groups, one movement each, all of them or none."""
    return _enter(session, actor, Verb.PRODUCE, groups)


def receive(
    session: Session, *, actor: Actor, stock: NewStock, partner_id: int | None = None
) -> Posted:
    """Book new units from a supplier into the department's staging."""
    return _enter(session, actor, Verb.RECEIVE, [stock], partner_id)[0]


def _enter(
    session: Session,
    actor: Actor,
    verb: Verb,
    groups: Sequence[NewStock],
    partner_id: int | None = None,
) -> list[Posted]:
    staging = staging_of(session, {group.department_id for group in groups})
    origins = {
        site_id: virtual_location(session, site_id, ORIGIN_OF[verb])
        for site_id in {site_id for site_id, _ in staging.values()}
    }
    drafts = [_entry_draft(verb, group, staging, origins, partner_id) for group in groups]
    bookings = posted(post_batch(session, drafts, actor=actor))
    new = [id_ for booking in bookings if not booking.is_replay for id_ in booking.unit_ids]
    assign_codes(session, kind=CodeKind.UNIT, subject_ids=new)
    return bookings


def _entry_draft(
    verb: Verb,
    group: NewStock,
    staging: dict[int, tuple[int, int]],
    origins: dict[int, int],
    partner_id: int | None,
) -> MovementDraft:
    site_id, target_id = staging[group.department_id]
    lines = [
        LineDraft(group.item_id, group.lot_id, target_id, origins[site_id], new_unit=unit)
        for unit in group.units
    ]
    return draft_of(verb, site_id, lines, group.details, partner_id=partner_id)


def adjust(
    session: Session,
    *,
    actor: Actor,
    location_id: int,
    item_id: int,
    lot_id: int,
    difference: Decimal,
    reason: str,
    details: Details = NO_DETAILS,
) -> Posted:
    """Correct a balance by a difference: more was found (positive) or less is there (negative)."""
    if not reason.strip():
        raise EmptyMovement("An adjustment needs a reason.", field="reason")
    location = location_of(session, location_id)
    count = virtual_location(session, location.site_id, LocationKind.COUNT)
    ends = (count, location.id) if difference > 0 else (location.id, count)
    line = LineDraft(item_id, lot_id, ends[1], ends[0], quantity=abs(difference))
    details = replace(details, reason=reason)
    return post_one(session, draft_of(Verb.ADJUST, location.site_id, [line], details), actor=actor)
