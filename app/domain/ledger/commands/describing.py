"""What is kept of a unit beside its stock: its properties. No movement, so the audit log has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows, rows_from, update_rows
from app.domain.audit.models import AuditEntry
from app.domain.ledger.errors import UnitNotFound
from app.domain.units.models import Unit

_UNITS: Any = Unit.__table__
_AUDIT: Any = AuditEntry.__table__


@dataclass(frozen=True, slots=True)
class Described:
    """A unit and the properties that it gets; those not named stay, an empty one goes."""

    unit_id: int
    properties: Mapping[str, str]


def describe_units(session: Session, *, actor: Actor, wanted: Sequence[Described]) -> None:
    """Set properties of units. Whoever may book their production may say what they are like."""
    before = _locked(session, [one.unit_id for one in wanted])
    changes: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for one in wanted:
        unit = before.get(one.unit_id)
        if unit is None:
            raise UnitNotFound("There is no such unit.", id=one.unit_id)
        require(
            actor,
            Permission.LEDGER_PRODUCE,
            site_id=unit.site_id,
            department_id=unit.department_id,
        )
        merged = {
            name: value for name, value in (unit.properties | one.properties).items() if value
        }
        changes.append({"id": unit.id, "properties": merged})
        entries.append(_entry(actor, unit, merged))
    update_rows(session, _UNITS, changes, keys=("id",), names=("properties",))
    insert_rows(session, _AUDIT, entries, names=list(entries[0]) if entries else ())


def _locked(session: Session, unit_ids: Sequence[int]) -> dict[int, Any]:
    wanted = rows_from(session, [{"id": id_} for id_ in unit_ids], [_UNITS.c.id])
    columns = [_UNITS.c[name] for name in ("id", "site_id", "department_id", "properties")]
    statement = (
        sa.select(*columns)
        .join(wanted, wanted.c.id == _UNITS.c.id)
        .order_by(_UNITS.c.id)
        .with_for_update(of=_UNITS)
    )
    return {row.id: row for row in session.execute(statement)}


def _entry(actor: Actor, unit: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "at": now(),
        "actor_id": actor.user_id,
        "action": "unit.described",
        "subject_kind": "unit",
        "subject_id": unit.id,
        "before": unit.properties,
        "after": properties,
        "origin": actor.origin,
    }
