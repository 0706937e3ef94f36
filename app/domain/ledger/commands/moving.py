"""How units move: into racks, to other departments, out to customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.ledger.commands.details import Details, Posted, post_one, posted
from app.domain.ledger.commands.drafting import (
    NO_DETAILS,
    draft_of,
    lines_to,
    read_units,
    staging_of,
    virtual_location,
)
from app.domain.ledger.models import Verb
from app.domain.ledger.posting import post_batch
from app.domain.locations.models import LocationKind


@dataclass(frozen=True, slots=True)
class Placement:
    """Units that go to one location together; its own details win over those of the call."""

    location_id: int
    unit_ids: Sequence[int]
    details: Details | None = None


def putaway(
    session: Session,
    *,
    actor: Actor,
    unit_ids: Sequence[int],
    location_id: int,
    details: Details = NO_DETAILS,
) -> Posted:
    """Put units into a place of their site, from wherever the books have them."""
    placement = Placement(location_id, unit_ids)
    return putaway_many(session, actor=actor, placements=[placement], details=details)[0]


def putaway_many(
    session: Session,
    *,
    actor: Actor,
    placements: Sequence[Placement],
    details: Details = NO_DETAILS,
) -> list[Posted]:
    """Put units into several places, one movement each, all of them or none."""
    units = read_units(session, [id_ for place in placements for id_ in place.unit_ids])
    drafts = [
        draft_of(
            Verb.PUTAWAY,
            units[place.unit_ids[0]].site_id,
            lines_to(units, place.unit_ids, place.location_id),
            place.details or details,
        )
        for place in placements
    ]
    return posted(post_batch(session, drafts, actor=actor))


def transfer(
    session: Session,
    *,
    actor: Actor,
    unit_ids: Sequence[int],
    department_id: int,
    details: Details = NO_DETAILS,
) -> Posted:
    """Send units to another department of the site; they land in its staging."""
    site_id, target_id = staging_of(session, [department_id])[department_id]
    lines = lines_to(read_units(session, unit_ids), unit_ids, target_id)
    return post_one(session, draft_of(Verb.TRANSFER, site_id, lines, details), actor=actor)


def dispatch(
    session: Session,
    *,
    actor: Actor,
    unit_ids: Sequence[int],
    partner_id: int,
    details: Details = NO_DETAILS,
) -> Posted:
    """Send units out of the site to a customer."""
    units = read_units(session, unit_ids)
    site_id = units[unit_ids[0]].site_id
    customer = virtual_location(session, site_id, LocationKind.CUSTOMER)
    lines = lines_to(units, unit_ids, customer)
    draft = draft_of(Verb.DISPATCH, site_id, lines, details, partner_id=partner_id)
    return post_one(session, draft, actor=actor)
