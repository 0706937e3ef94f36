"""Turning ids into drafts: where the virtual places and the staging of a site are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.rows import rows_from
from app.domain.ledger.commands.details import Details
from app.domain.ledger.drafts import LineDraft, MovementDraft
from app.domain.ledger.errors import LocationNotFound, UnitNotFound
from app.domain.ledger.models import Verb
from app.domain.locations.models import Location, LocationKind
from app.domain.units.models import Unit

NO_DETAILS = Details()
_UNIT_FACTS = ("id", "site_id", "item_id", "lot_id", "location_id", "quantity", "partner_id")


def draft_of(
    verb: Verb,
    site_id: int,
    lines: Sequence[LineDraft],
    details: Details,
    *,
    partner_id: int | None = None,
    linked: str | None = None,
) -> MovementDraft:
    """A draft of these lines with the details that the caller gave."""
    return MovementDraft(
        verb=verb,
        site_id=site_id,
        lines=tuple(lines),
        occurred_at=details.occurred_at or now(),
        uncertainty_seconds=details.uncertainty_seconds,
        key=details.key,
        partner_id=partner_id,
        device_id=details.device_id,
        reference_type=details.reference_type,
        reference_id=details.reference_id,
        reason=details.reason,
        note=details.note,
        act_id=details.act_id,
        linked=linked,
        guard=details.guard,
    )


def virtual_location(session: Session, site_id: int, kind: LocationKind) -> int:
    """The id of the site's virtual location of that kind."""
    location_id = session.scalar(
        sa.select(Location.id).where(Location.site_id == site_id, Location.kind == kind)
    )
    if location_id is None:
        raise LocationNotFound(f"The site has no location for “{kind}”.", kind=str(kind))
    return location_id


def staging_of(session: Session, department_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """(site id, staging location id) of each department."""
    wanted = set(department_ids)
    rows = session.execute(
        sa.select(Location.department_id, Location.site_id, Location.id).where(
            Location.department_id.in_(wanted), Location.kind == LocationKind.STAGING
        )
    )
    found = {row.department_id: (row.site_id, row.id) for row in rows}
    if wanted - found.keys():
        raise LocationNotFound("This department does not exist or has no staging place.")
    return found


def location_of(session: Session, location_id: int) -> Location:
    """The location, or LocationNotFound."""
    location = session.get(Location, location_id)
    if location is None:
        raise LocationNotFound("There is no such location.", id=location_id)
    return location


def read_units(session: Session, unit_ids: Sequence[int]) -> dict[int, Any]:
    """What these units are and where, by id. One query; UnitNotFound where one is missing."""
    table: Any = Unit.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in unit_ids], [table.c.id])
    rows = session.execute(
        sa.select(*[table.c[name] for name in _UNIT_FACTS]).join_from(
            table, wanted, table.c.id == wanted.c.id
        )
    )
    found = {row.id: row for row in rows}
    missing = [id_ for id_ in unit_ids if id_ not in found]
    if missing or not unit_ids:
        raise UnitNotFound("There is no such unit.", ids=missing)
    return found


def lines_to(
    units: Mapping[int, Any], unit_ids: Sequence[int], location_id: int
) -> list[LineDraft]:
    """One line per unit, from wherever it is to the location; a unit named twice moves once."""
    return [
        LineDraft(units[id_].item_id, units[id_].lot_id, location_id, unit_id=id_)
        for id_ in dict.fromkeys(unit_ids)
    ]
