"""Making items. Each gets its label code at birth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.core.ids import new_uid
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows, rows_from
from app.domain.audit.commands import record_change
from app.domain.catalog.models import Item, UnitOfMeasure
from app.domain.catalog.queries import items_by_number
from app.domain.catalog.rules import (
    UNIT_OF_MEASURE_SEEDS,
    ItemChange,
    ItemDraft,
    clean_number,
    clean_text,
)
from app.domain.codes.commands import assign_codes, withdraw_codes
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


def change_items(session: Session, *, actor: Actor, changes: Sequence[ItemChange]) -> None:
    """Change what is said of items; their numbers and measures stay, for what is booked says them.

    What a change leaves out stays as it is.
    """
    items = _locked(session, [change.item_id for change in changes])
    for change in changes:
        item = items.get(change.item_id)
        if item is None:
            raise NotFound("There is no such item.", field="item")
        require(actor, Permission.CATALOG_MANAGE, department_id=item.department_id)
        before = {name: getattr(item, name) for name in change.values}
        for name, value in change.values.items():
            setattr(item, name, value)
        record_change(
            session,
            actor=actor,
            action="item.changed",
            subject_kind="item",
            subject_id=item.id,
            before=_plain(before),
            after=_plain(change.values),
        )
    session.flush()


def remove_items(session: Session, *, actor: Actor, item_ids: Sequence[int]) -> None:
    """Take items out again that nothing refers to, with their label codes."""
    for item_id, item in _locked(session, item_ids).items():
        require(actor, Permission.CATALOG_MANAGE, department_id=item.department_id)
        session.delete(item)
        record_change(
            session,
            actor=actor,
            action="item.removed",
            subject_kind="item",
            subject_id=item_id,
            before={"number": item.number, "name": item.name},
        )
    session.flush()
    withdraw_codes(session, CodeKind.ITEM, item_ids)


def _locked(session: Session, item_ids: Sequence[int]) -> dict[int, Item]:
    table: Any = Item.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in item_ids], [table.c.id])
    found = session.scalars(
        sa.select(Item)
        .join(wanted, wanted.c.id == Item.id)
        .order_by(Item.id)
        .with_for_update(of=Item)
    )
    return {item.id: item for item in found}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()
    }


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
        "scrap_below": draft.scrap_below,
        "properties": draft.properties,
        "typical_quantity": draft.typical_quantity,
        "tolerance_percent": draft.tolerance_percent,
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
