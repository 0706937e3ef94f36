"""What pages and jobs ask: the state of proof, check runs, discrepancies."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.errors import NotFound
from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.queries import is_code_on
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from app.domain.locations.models import Department, Location
from app.domain.lots.models import Lot
from app.domain.reconciliation.models import (
    CheckKind,
    CheckPlan,
    CheckRun,
    CheckState,
    Discrepancy,
    LedgerCursor,
    Seal,
)
from app.domain.reconciliation.rules import DAILY_AT
from app.domain.reconciliation.sealing_queries import latest_epoch
from app.domain.units.models import Unit


@dataclass(frozen=True, slots=True)
class Proof:
    """When the ledger was proven last, and what is open."""

    proven_at: datetime | None
    sealed_at: datetime | None
    root: str | None
    open_count: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A discrepancy with the names of what it is about."""

    row: Discrepancy
    department_name: str | None
    place_code: str | None
    place_uid: uuid.UUID | None
    item_name: str | None
    item_uid: uuid.UUID | None
    lot_number: str | None
    unit_uid: uuid.UUID | None
    token: str | None
    suspect_uid: uuid.UUID | None
    explained_by: str | None
    resolved_by: str | None


def line_position(session: Session) -> int | None:
    """From where what was touched can be checked; None where a full check must come first."""
    cursor, epoch = session.get(LedgerCursor, "proof"), latest_epoch(session)
    if cursor is None or epoch is None or cursor.by_id_after is not None:
        return None
    return cursor.position if cursor.epoch_id == epoch.id else None


def proof_of(
    session: Session, *, site_id: int, departments: Collection[int] | None = None
) -> Proof:
    """The state of proof of a site, in one statement."""
    last_seal = sa.select(Seal.id).order_by(Seal.number.desc()).limit(1).scalar_subquery()
    proven = (
        sa.select(sa.func.max(CheckRun.finished_at))
        .where(
            CheckRun.state == CheckState.DONE,
            sa.or_(CheckRun.site_id.is_(None), CheckRun.site_id == site_id),
        )
        .scalar_subquery()
    )
    waiting = (
        sa.select(sa.func.count())
        .select_from(Discrepancy)
        .where(Discrepancy.resolved_at.is_(None), *_visible(site_id, departments))
        .scalar_subquery()
    )
    query = (
        sa.select(sa.type_coerce(proven, CheckRun.finished_at.type), waiting, Seal)
        .select_from(sa.select(sa.literal(1).label("one")).subquery())
        .outerjoin(Seal, Seal.id == last_seal)
    )
    at, count, seal = session.execute(query).one()
    return Proof(at, seal and seal.sealed_at, seal and seal.root, count)


def list_discrepancies(
    session: Session,
    *,
    site_id: int,
    departments: Collection[int] | None,
    is_open: bool,
    limit: int,
    before_id: int | None = None,
) -> list[Entry]:
    """Discrepancies that somebody may see, newest first."""
    query = _entries().where(*_visible(site_id, departments))
    settled = Discrepancy.resolved_at
    query = query.where(settled.is_(None) if is_open else settled.is_not(None))
    if before_id is not None:
        query = query.where(Discrepancy.id < before_id)
    query = query.order_by(Discrepancy.id.desc()).limit(limit)
    return [Entry(*row) for row in session.execute(query)]


def discrepancy_by_uid(
    session: Session, *, uid: uuid.UUID, site_id: int, departments: Collection[int] | None
) -> Entry:
    """One discrepancy. Raises NotFound for one that may not be seen, too."""
    query = _entries().where(Discrepancy.uid == uid, *_visible(site_id, departments))
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("There is no such entry.")
    return Entry(*row)


def list_runs(session: Session, *, site_id: int, limit: int) -> Sequence[CheckRun]:
    """The last checks of everything and of this site's days, newest first."""
    query = sa.select(CheckRun).where(
        sa.or_(CheckRun.site_id.is_(None), CheckRun.site_id == site_id),
        sa.or_(CheckRun.kind != CheckKind.CONTINUOUS, CheckRun.found > 0),
    )
    return session.scalars(query.order_by(CheckRun.id.desc()).limit(limit)).all()


def last_continuous(session: Session) -> CheckRun | None:
    """The last check of what was touched."""
    query = sa.select(CheckRun).where(CheckRun.kind == CheckKind.CONTINUOUS)
    return session.scalars(query.order_by(CheckRun.id.desc()).limit(1)).first()


def daily_at(session: Session, *, site_id: int) -> time:
    """When a site's daily check is due, by its own clocks."""
    return (
        session.scalar(sa.select(CheckPlan.daily_at).where(CheckPlan.site_id == site_id))
        or DAILY_AT
    )


def _visible(site_id: int, departments: Collection[int] | None) -> list[Any]:
    conditions: list[Any] = [sa.or_(Discrepancy.site_id.is_(None), Discrepancy.site_id == site_id)]
    if departments is not None:
        place = aliased(Location)
        owner = sa.select(place.department_id).where(place.id == Discrepancy.location_id)
        of = sa.func.coalesce(Discrepancy.department_id, owner.scalar_subquery())
        conditions.append(sa.or_(of.is_(None), of.in_(sorted(departments))))
    return conditions


def _entries() -> sa.Select[Any]:
    explainer, resolver = aliased(User), aliased(User)
    return (
        sa.select(
            Discrepancy, Department.name, Location.code, Location.uid, Item.name, Item.uid,
            sa.case((Lot.id != 0, Lot.number)), Unit.uid, LabelCode.token, Movement.uid,
            explainer.name, resolver.name,
        )
        .outerjoin(Department, Department.id == Discrepancy.department_id)
        .outerjoin(Location, Location.id == Discrepancy.location_id)
        .outerjoin(Item, Item.id == Discrepancy.item_id)
        .outerjoin(Lot, Lot.id == Discrepancy.lot_id)
        .outerjoin(Unit, Unit.id == Discrepancy.unit_id)
        .outerjoin(LabelCode, is_code_on(CodeKind.UNIT, Unit.id))
        .outerjoin(Movement, Movement.id == Discrepancy.suspect_movement_id)
        .outerjoin(explainer, explainer.id == Discrepancy.explained_by_id)
        .outerjoin(resolver, resolver.id == Discrepancy.resolved_by_id)
    )  # fmt: skip
