"""What a device must know to answer as the server would: the snapshot, and one unit's card."""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Actor, Permission
from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.label_queries import retired_codes
from app.domain.codes.models import Alias, LabelCode, LabelEntry
from app.domain.codes.queries import is_code_on, token_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.history_queries import Event, events_of_unit
from app.domain.ledger.models import Movement
from app.domain.locations.models import Department, Location, Site
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.units.models import ON_SITE_STATES, Unit

# What left the site this long ago is no longer on the device.
DEPARTED_FOR = timedelta(days=7)
MOST_UNITS = 50_000
HISTORY_LENGTH = 20

Row = dict[str, Any]


def epoch(session: Session) -> str:
    """Which ledger this is: a device that meets another one must not take it for its own."""
    return str(session.scalar(sa.select(Site.uid).order_by(Site.id).limit(1)))


def person_card(session: Session, *, user_id: int) -> Row:
    """Who scans, as the strip of a device shows it."""
    row = session.execute(
        sa.select(User.uid, User.name, Department.name, Site.name)
        .outerjoin(Department, Department.id == User.home_department_id)
        .outerjoin(Site, Site.id == Department.site_id)
        .where(User.id == user_id)
    ).one()
    return {"id": str(row[0]), "name": row[1], "department": row[2], "site": row[3]}


def snapshot_tag(session: Session, *, actor: Actor, site_id: int) -> str:
    """A short text that changes whenever the snapshot might have changed. One statement."""
    newest = [
        sa.select(sa.func.max(column)).scalar_subquery()
        for column in (
            Movement.id, LabelCode.id, LabelEntry.id, Alias.id, Location.id, Partner.id,
            Department.id,
        )
    ]  # fmt: skip
    # Ids are given before they are committed: a late commit of a lower one leaves the highest
    # alone, and only the count shows it.
    since = now() - timedelta(days=1)
    lately = [
        sa.select(sa.func.count()).where(at >= since).scalar_subquery()
        for at in (Movement.posted_at, LabelEntry.at)
    ]
    facts = session.execute(sa.select(*newest, *lately)).one()
    departments = actor.departments_for(Permission.SYNC_SCAN, site_id=site_id)
    scope = "*" if departments is None else sorted(departments)
    today = now().date()
    return hashlib.sha256(repr((site_id, scope, tuple(facts), today)).encode()).hexdigest()[:20]


def snapshot(session: Session, *, actor: Actor, site_id: int) -> dict[str, list[Row]]:
    """Units, places, departments and partners that the actor's scans may meet."""
    departments = actor.departments_for(Permission.SYNC_SCAN, site_id=site_id)
    inside = [Unit.site_id == site_id, _is_recent()]
    if departments is not None:
        inside.append(Unit.department_id.in_(departments))
    return {
        "units": _unit_rows(session, sa.and_(*inside)),
        "locations": _locations(session, site_id),
        "departments": _departments(session, site_id),
        "partners": _partners(session),
        "labels": _labels(session, sa.and_(*inside), site_id),
    }


def unit_rows(
    session: Session, *, actor: Actor, unit_ids: Collection[int], own_ids: Collection[int] = ()
) -> dict[int, Row]:
    """Units as a device keeps them, by id: those in the actor's departments, and `own_ids`,
    which the actor has just moved out of them.
    """
    if not unit_ids:
        return {}
    departments = actor.departments_for(Permission.SYNC_SCAN)
    visible: sa.ColumnElement[bool] = Unit.id.in_(unit_ids)
    if departments is not None:
        visible = visible & sa.or_(Unit.department_id.in_(departments), Unit.id.in_(own_ids))
    rows = _unit_rows(session, visible, with_id=True)
    return {row.pop("id"): row for row in rows}


def unit_card(session: Session, *, actor: Actor, uid: uuid.UUID) -> Row:
    """A unit with its properties and its latest history. Raises NotFound outside the scope."""
    unit = session.scalar(sa.select(Unit).where(Unit.uid == uid))
    if unit is None or not actor.may(
        Permission.SYNC_SCAN, site_id=unit.site_id, department_id=unit.department_id
    ):
        raise NotFound("There is no such unit.")
    history = events_of_unit(session, unit_id=unit.id, limit=HISTORY_LENGTH)
    return {
        "unit": unit_rows(session, actor=actor, unit_ids=[unit.id])[unit.id],
        "properties": unit.properties,
        "history": [_step(event) for event in history],
    }


def _step(event: Event) -> Row:
    """One line of a unit's history; a virtual place is named by its partner where it has one."""
    leaves = event.target.is_virtual and event.partner_name
    return {
        "at": event.occurred_at.isoformat(),
        "verb": event.verb,
        "from": event.origin.code,
        "to": event.partner_name if leaves else event.target.code,
        "by": event.by_name,
        "movement": str(event.movement_uid),
        "reversed": event.is_reversed,
    }


def _is_recent() -> sa.ColumnElement[bool]:
    return sa.or_(Unit.state.in_(ON_SITE_STATES), Unit.state_since > now() - DEPARTED_FOR)


def _unit_rows(
    session: Session, condition: sa.ColumnElement[bool], *, with_id: bool = False
) -> list[Row]:
    rows = session.execute(
        sa.select(
            Unit.id,
            Unit.uid,
            LabelCode.token,
            Item.number,
            Item.name,
            Item.unit_of_measure_code,
            Lot.id.label("lot_id"),
            Lot.number.label("lot"),
            Unit.quantity,
            Unit.state,
            Unit.state_since,
            Location.code,
            Location.is_virtual,
            Partner.name.label("partner"),
            Department.code.label("department"),
        )
        .join(Item, Item.id == Unit.item_id)
        .join(Lot, Lot.id == Unit.lot_id)
        .join(Location, Location.id == Unit.location_id)
        .join(Department, Department.id == Unit.department_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Unit.id))
        .outerjoin(Partner, Partner.id == Unit.partner_id)
        .where(condition)
        .order_by(Unit.id.desc())
        .limit(MOST_UNITS)
    ).all()
    aliases = _aliases(session, condition)
    answer = []
    for row in rows:
        # A roll without a label that counts is known by its id.
        shown: Row = {
            "token": row.token or str(row.uid),
            "uid": str(row.uid),
            "aliases": aliases.get(row.id, []),
            "item": row.number,
            "item_name": row.name,
            "lot": row.lot if row.lot_id else None,
            "quantity": str(row.quantity),
            "unit_of_measure": row.unit_of_measure_code,
            "state": row.state,
            "place": row.partner if row.is_virtual and row.partner else row.code,
            "since": row.state_since.isoformat(),
            "department": row.department,
        }
        answer.append({"id": row.id} | shown if with_id else shown)
    return answer


def _aliases(session: Session, condition: sa.ColumnElement[bool]) -> dict[int, list[str]]:
    rows = session.execute(
        sa.select(Alias.subject_id, Alias.value)
        .join(Unit, Unit.id == Alias.subject_id)
        .where(Alias.kind == CodeKind.UNIT.value, condition)
        .order_by(Alias.id)
    )
    aliases: dict[int, list[str]] = defaultdict(list)
    for subject_id, value in rows:
        aliases[subject_id].append(value)
    return aliases


def _labels(session: Session, units: sa.ColumnElement[bool], site_id: int) -> list[Row]:
    """Labels that were replaced or are void, of everything that the list holds."""
    subjects: dict[CodeKind, sa.Select[Any]] = {
        CodeKind.UNIT: sa.select(Unit.id).where(units),
        CodeKind.LOCATION: sa.select(Location.id).where(Location.site_id == site_id),
        CodeKind.DEPARTMENT: sa.select(Department.id).where(Department.site_id == site_id),
        CodeKind.PARTNER: sa.select(Partner.id).where(Partner.is_customer.is_(True)),
    }
    found = [code for kind, ids in subjects.items() for code in retired_codes(session, kind, ids)]
    return [asdict(code) for code in found]


def _token(kind: CodeKind, subject: Any, name: Any) -> sa.Label[str]:
    """What to scan for a place, department or customer: its label, or its own code without one."""
    return sa.func.coalesce(token_on(kind, subject), name).label("token")


def _locations(session: Session, site_id: int) -> list[Row]:
    rows = session.execute(
        sa.select(
            _token(CodeKind.LOCATION, Location.id, Location.code),
            Location.code,
            Location.name,
            Department.code.label("department"),
            Location.kind,
        )
        .outerjoin(Department, Department.id == Location.department_id)
        .where(Location.site_id == site_id, Location.is_virtual.is_(False))
        .order_by(Location.id)
    )
    return [dict(row._mapping) for row in rows]


def _departments(session: Session, site_id: int) -> list[Row]:
    rows = session.execute(
        sa.select(
            _token(CodeKind.DEPARTMENT, Department.id, Department.code),
            Department.code,
            Department.name,
        )
        .where(Department.site_id == site_id)
        .order_by(Department.id)
    )
    return [dict(row._mapping) for row in rows]


def _partners(session: Session) -> list[Row]:
    rows = session.execute(
        sa.select(_token(CodeKind.PARTNER, Partner.id, Partner.code), Partner.code, Partner.name)
        .where(Partner.is_customer.is_(True))
        .order_by(Partner.id)
    )
    return [dict(row._mapping) for row in rows]
