"""Booking items and lots: what is new is made, what is said otherwise of an item is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.catalog.commands import change_items, ensure_items
from app.domain.catalog.queries import items_by_number
from app.domain.catalog.rules import ItemChange, ItemDraft
from app.domain.imports.models import ImportRun, RowOutcome
from app.domain.imports.rules.rows import ReadRow
from app.domain.imports.rules.verdicts import Verdict
from app.domain.lots.commands import ensure_lots


def book_items(
    session: Session, actor: Actor, _run: ImportRun, verdicts: Sequence[Verdict]
) -> dict[int, int]:
    """The items of these rows, new or changed, by row number."""
    new = [one.row for one in verdicts if one.outcome == RowOutcome.CREATED]
    made = ensure_items(session, actor=actor, drafts=[_draft(row) for row in new])
    changed = [one.row for one in verdicts if one.outcome == RowOutcome.UPDATED]
    known = items_by_number(session, numbers=[row.item for row in changed])
    changes = [
        ItemChange(known[row.item].id, _values(row, known[row.item].properties)) for row in changed
    ]
    change_items(session, actor=actor, changes=changes)
    items = {number: item.id for number, item in (made | known).items()}
    return {one.row.row_no: items[one.row.item] for one in verdicts}


def book_lots(
    session: Session, actor: Actor, _run: ImportRun, verdicts: Sequence[Verdict]
) -> dict[int, int]:
    """The lots of these rows by row number; an item that there is not yet is made."""
    drafts = {one.row.item: ItemDraft(one.row.item, one.row.name or None) for one in verdicts}
    items = ensure_items(session, actor=actor, drafts=list(drafts.values()))
    pairs = {one.row.row_no: (items[one.row.item].id, one.row.lot) for one in verdicts}
    lots = ensure_lots(session, actor=actor, wanted=list(pairs.values()))
    return {row_no: lots[pair].id for row_no, pair in pairs.items()}


def _draft(row: ReadRow) -> ItemDraft:
    return ItemDraft(
        row.item,
        row.name or None,
        unit_of_measure_code=row.measure.casefold() or "kg",
        properties=row.properties,
        typical_quantity=row.typical,
        tolerance_percent=row.tolerance,
    )


def _values(row: ReadRow, properties: dict[str, Any]) -> dict[str, Any]:
    """What the row says of a known item; an empty cell says nothing."""
    said = {
        "name": row.name,
        "typical_quantity": row.typical,
        "tolerance_percent": row.tolerance,
        "properties": properties | row.properties if row.properties else None,
    }
    return {name: value for name, value in said.items() if value not in ("", None)}
