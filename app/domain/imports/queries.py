"""Reading imports: the runs, the log of their rows, and what a file's names stand for already."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.outbox import OutboxMessage
from app.core.rights import Actor, Permission
from app.core.rows import rows_from
from app.domain.accounts.models import User
from app.domain.catalog.models import Item, Tracking
from app.domain.catalog.queries import items_by_number
from app.domain.codes.models import Alias
from app.domain.codes.rules import CodeKind
from app.domain.imports.models import ImportRow, ImportRun, RowOutcome
from app.domain.imports.rules.rows import ReadRow
from app.domain.imports.rules.verdicts import Known
from app.domain.locations.models import Department, Location
from app.domain.locations.queries import departments_in_reach, locations_by_code
from app.domain.units.models import Unit

ROLL_SCHEME = "roll"
RUNS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with the names that a page shows.

    `asked_at` is when its latest job was asked for, `job_error` what that job said if it gave up.
    """

    run: ImportRun
    department: Department
    created_by: str
    asked_at: datetime
    job_error: str | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row of the log with the public id of its unit."""

    row: ImportRow
    unit_uid: uuid.UUID | None


def import_by_uid(session: Session, *, actor: Actor, uid: uuid.UUID) -> RunView:
    """A run that this actor may see. Raises NotFound."""
    found = session.execute(_runs(session, actor).where(ImportRun.uid == uid)).first()
    if found is None:
        raise NotFound("There is no such import.", field="import")
    return _view(found)


def list_imports(
    session: Session, *, actor: Actor, before_id: int | None = None, limit: int = RUNS_AT_ONCE
) -> list[RunView]:
    """The runs that this actor may see, newest first."""
    query = _runs(session, actor).order_by(ImportRun.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(ImportRun.id < before_id)
    return [_view(row) for row in session.execute(query)]


def list_rows(
    session: Session,
    *,
    run_id: int,
    outcomes: Collection[RowOutcome] = (),
    after_row: int = 0,
    limit: int,
) -> list[LogRow]:
    """Rows of a run in the order of the file; no outcomes means all of them."""
    query = (
        sa.select(ImportRow, Unit.uid)
        .outerjoin(Unit, Unit.id == ImportRow.unit_id)
        .where(ImportRow.run_id == run_id, ImportRow.row_no > after_row)
        .order_by(ImportRow.row_no)
        .limit(limit)
    )
    if outcomes:
        query = query.where(ImportRow.outcome.in_(outcomes))
    return [LogRow(row, unit_uid) for row, unit_uid in session.execute(query)]


def booked_rows(session: Session, *, run_id: int) -> set[int]:
    """The rows that this run has booked already; they are never judged again."""
    return set(
        session.scalars(
            sa.select(ImportRow.row_no).where(
                ImportRow.run_id == run_id,
                ImportRow.outcome == RowOutcome.CREATED,
                ImportRow.unit_id.is_not(None),
            )
        )
    )


def suggest_items(session: Session, *, limit: int) -> list[Item]:
    """Items that are kept by roll and in kg, the newest first."""
    query = (
        sa.select(Item)
        .where(Item.tracking == Tracking.UNIT, Item.unit_of_measure_code == "kg")
        .order_by(Item.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def unit_uids(session: Session, *, unit_ids: Sequence[int]) -> list[uuid.UUID]:
    """The public ids of units, in the order in which they were made."""
    query = sa.select(Unit.uid).where(Unit.id.in_(unit_ids)).order_by(Unit.id)
    return list(session.scalars(query))


def load_known(session: Session, *, run: ImportRun, rows: Sequence[ReadRow]) -> Known:
    """What the database knows of everything that the rows name, in a handful of queries."""
    items = items_by_number(session, numbers={row.item for row in rows if row.item})
    places = locations_by_code(
        session, site_id=run.site_id, codes={row.place for row in rows if row.place}
    )
    return Known(
        rolls=_rolls(session, run.site_id, {row.roll for row in rows if row.roll}),
        items={number: _item_fault(item, run) for number, item in items.items()},
        places={code: _place_fault(place, run) for code, place in places.items()},
    )


def _rolls(session: Session, site_id: int, values: set[str]) -> dict[str, int]:
    if not values:
        return {}
    table: Any = Alias.__table__
    wanted = rows_from(session, [{"value": value} for value in sorted(values)], [table.c.value])
    found = session.execute(
        sa.select(table.c.value, table.c.subject_id)
        .join(wanted, wanted.c.value == table.c.value)
        .where(
            table.c.site_id == site_id,
            table.c.scheme == ROLL_SCHEME,
            table.c.kind == CodeKind.UNIT,
        )
    )
    return {row.value: row.subject_id for row in found}


def _item_fault(item: Item, run: ImportRun) -> str:
    if item.tracking != Tracking.UNIT:
        return "an item that is kept by roll"
    if item.unit_of_measure_code != "kg":
        return f"an item that is kept in kg, not in {item.unit_of_measure_code}"
    if item.department_id not in (None, run.department_id):
        return "an item that this department may enter"
    return ""


def _place_fault(place: Location, run: ImportRun) -> str:
    if place.is_virtual:
        return "a place inside the plant"
    if place.blocked_at is not None:
        return f"a place that is not blocked ({place.blocked_reason or 'no reason given'})"
    if place.department_id not in (None, run.department_id):
        return "a place of this department"
    return ""


def _runs(session: Session, actor: Actor) -> Any:
    query: Any = (
        sa.select(ImportRun, Department, User.name, OutboxMessage)
        .join(Department, Department.id == ImportRun.department_id)
        .join(User, User.id == ImportRun.created_by_id)
        .outerjoin(OutboxMessage, OutboxMessage.uid == ImportRun.message_uid)
    )
    departments = departments_in_reach(session, actor=actor, permission=Permission.IMPORTS_RUN)
    if departments is None:
        return query
    return query.where(ImportRun.department_id.in_(sorted(departments)))


def _view(row: Any) -> RunView:
    run, department, name, message = row
    has_failed = message is not None and message.failed_at is not None
    return RunView(
        run,
        department,
        name,
        asked_at=message.created_at if message else run.created_at,
        job_error=(message.error or "It ended without an answer.") if has_failed else None,
    )
