"""Making items. Each gets its label code at birth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid
from app.core.ids import new_uid
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows
from app.domain.audit.commands import record_change
from app.domain.catalog.models import Item, UnitOfMeasure
from app.domain.catalog.queries import items_by_number
from app.domain.catalog.rules import UNIT_OF_MEASURE_SEEDS, ItemDraft, clean_number, clean_text
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind


class ItemExists(DomainError):
    """An item has that number already."""

    code = "item_exists"


def seed_units_of_measure(session: Session) -> None:
    """Make sure that the usual units of measure exist."""
    table: Any = UnitOfMeasure.__table__
    names = ["code", "name", "dimension", "numerator", "denominator"]
    rows = [dict(zip(names, seed, strict=True)) for seed in UNIT_OF_MEASURE_SEEDS]
    insert_rows(session, table, rows, names=names, ignore_conflicts=True)


def create_item(session: Session, *, actor: Actor, draft: ItemDraft) -> Item:
    """Make one item. Raises ItemExists."""
    require(actor, Permission.CATALOG_MANAGE, department_id=draft.department_id)
    number = clean_number(draft.number)
    if number in items_by_number(session, numbers=[number]):
        raise ItemExists(f"There is an item {number} already.", field="number")
    ensure_items(session, actor=actor, drafts=[draft])
    return session.scalars(sa.select(Item).where(Item.number == number)).one()


def ensure_items(session: Session, *, actor: Actor, drafts: Sequence[ItemDraft]) -> dict[str, Item]:
    """The item of each draft's number, made where there is none; by cleaned number.

    An item that exists is left as it is. The right is needed only where something is made.
    """
    wanted = {clean_number(draft.number): draft for draft in drafts}
    existing = items_by_number(session, numbers=wanted)
    missing = {number: draft for number, draft in wanted.items() if number not in existing}
    if not missing:
        return existing
    for draft in missing.values():
        require(actor, Permission.CATALOG_MANAGE, department_id=draft.department_id)
    _refuse_unknown_measures(session, missing.values())
    table: Any = Item.__table__
    rows = [_row(number, draft) for number, draft in missing.items()]
    inserted = insert_rows(
        session,
        table,
        rows,
        names=list(rows[0]),
        order_by=["number"],
        ignore_conflicts=True,
        returning=["id", "number"],
    )
    assign_codes(session, CodeKind.ITEM, [row.id for row in inserted])
    for row in inserted:
        _record_item(session, actor, row.id, row.number, missing[row.number])
    return items_by_number(session, numbers=wanted)


def _row(number: str, draft: ItemDraft) -> dict[str, Any]:
    name = clean_text(draft.name or number, what="An item's name", field="name", longest=200)
    return {
        "uid": new_uid(),
        "number": number,
        "name": name,
        "tracking": draft.tracking,
        "unit_of_measure_code": draft.unit_of_measure_code,
        "department_id": draft.department_id,
        "is_qc_required": draft.is_qc_required,
        "properties": draft.properties,
        "created_at": now(),
    }


def _refuse_unknown_measures(session: Session, drafts: Any) -> None:
    wanted = {draft.unit_of_measure_code for draft in drafts}
    known = set(
        session.scalars(sa.select(UnitOfMeasure.code).where(UnitOfMeasure.code.in_(wanted)))
    )
    for code in sorted(wanted - known):
        raise Invalid(f"There is no unit of measure “{code}”.", field="unit_of_measure")


def _record_item(
    session: Session, actor: Actor, item_id: int, number: str, draft: ItemDraft
) -> None:
    record_change(
        session,
        actor=actor,
        action="item.created",
        subject_kind="item",
        subject_id=item_id,
        after={
            "number": number,
            "name": draft.name,
            "unit_of_measure": draft.unit_of_measure_code,
            "tracking": draft.tracking,
            "is_qc_required": draft.is_qc_required,
        },
    )
