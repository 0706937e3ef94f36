"""What stands against taking an import back: later acts that build on what it has booked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode, LabelEntry
from app.domain.codes.rules import CodeKind
from app.domain.holds.models import Hold, HoldScope
from app.domain.imports.models import ImportKind, ImportRow, ImportRun, RowOutcome
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance
from app.domain.lots.models import Lot, LotDecision
from app.domain.units.models import Unit

ROWS_AT_ONCE = 2_000
REFERENCE = "import"
_SUBJECTS: Mapping[str, Any] = {
    ImportKind.UNITS: Unit,
    ImportKind.ITEMS: Item,
    ImportKind.LOTS: Lot,
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that was used since: its row, what it is, and what happened to it."""

    row_no: int
    what: str
    why: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BookedRow:
    """A booked row, and what its subject says now by the names of changes."""

    row_no: int
    said: Mapping[str, Any]
    changes: Sequence[Mapping[str, Any]]
    subject_id: int
    facts: Mapping[str, Any]
    properties: Mapping[str, Any]

    def now(self, change: Mapping[str, Any]) -> str:
        """What a changed fact is now, spelt as the change spells it."""
        among = self.properties if change["is_property"] else self.facts
        value = among.get(change["field"])
        return "" if value is None else str(value)


def find_blockers(session: Session, *, run: ImportRun, limit: int) -> list[Blocker]:
    """The first things that later acts build on, in the order of the file."""
    found = []
    sources = [_changed_since(session, run)]
    sources.append(_moved(session, run) if run.kind == ImportKind.UNITS else _used(session, run))
    for source in sources:
        for blocker in source:
            found.append(blocker)
            if len(found) == limit:
                return found
    return found


def each_booked(session: Session, *, run: ImportRun, outcome: str) -> Iterator[list[BookedRow]]:
    """Booked rows with that outcome, part by part."""
    model: Any = _SUBJECTS[run.kind]
    names = ("row_no", "said", "changes", "subject_id")
    after = 0
    while True:
        rows = session.execute(
            sa.select(*[getattr(ImportRow, name) for name in names], *_facts(model))
            .join(model, model.id == ImportRow.subject_id)
            .where(
                ImportRow.run_id == run.id,
                ImportRow.outcome == outcome,
                ImportRow.is_booked,
                ImportRow.row_no > after,
            )
            .order_by(ImportRow.row_no)
            .limit(ROWS_AT_ONCE)
        ).all()
        if not rows:
            return
        yield [
            BookedRow(
                row.row_no,
                row.said,
                row.changes,
                row.subject_id,
                dict(row._mapping),
                getattr(row, "properties", {}),
            )
            for row in rows
        ]
        after = rows[-1].row_no


def _facts(model: Any) -> list[Any]:
    """What a file can change of a subject, by the names that changes have for it."""
    if model is Unit:
        return [Unit.properties]
    if model is Lot:
        return []
    return [
        Item.properties,
        Item.name,
        Item.typical_quantity.label("usual weight"),
        Item.tolerance_percent.label("tolerance"),
    ]


def _changed_since(session: Session, run: ImportRun) -> Iterator[Blocker]:
    """Changed things that somebody has changed once more."""
    for rows in each_booked(session, run=run, outcome=RowOutcome.UPDATED):
        for row in rows:
            for change in row.changes:
                now = row.now(change)
                if now != change["after"]:
                    said = f"{change['field']} is “{now}” now, not “{change['after']}”"
                    yield Blocker(row.row_no, _name(row.said), said)


def _moved(session: Session, run: ImportRun) -> Iterator[Blocker]:
    """Rolls whose last movement is not one of this file's."""
    last = aliased(Movement)
    rows = session.execute(
        sa.select(ImportRow.row_no, ImportRow.said, last.verb, last.occurred_at, User.name)
        .join(Unit, Unit.id == ImportRow.subject_id)
        .join(last, last.id == Unit.last_movement_id)
        .join(User, User.id == last.actor_id)
        .where(
            ImportRow.run_id == run.id,
            ImportRow.outcome == RowOutcome.CREATED,
            ImportRow.is_booked,
            sa.or_(
                last.reference_type.is_(None),
                last.reference_type != REFERENCE,
                last.reference_id != str(run.uid),
            ),
        )
        .order_by(ImportRow.row_no)
    )
    for row_no, said, verb, at, name in rows.yield_per(ROWS_AT_ONCE):
        yield Blocker(row_no, _name(said), verb, name, at)


def _used(session: Session, run: ImportRun) -> Iterator[Blocker]:
    """New items and lots that something was booked on, or that have lots, since."""
    is_lot = run.kind == ImportKind.LOTS
    id_, name = (Lot.id, "lot_id") if is_lot else (Item.id, "item_id")
    own: Any = LotDecision if is_lot else Lot
    users: list[tuple[Any, str]] = [
        (own, "quality has judged it" if is_lot else "it has lots"),
        (Unit, "it has rolls"),
        (Posting, "it is in movements"),
        (Balance, "it has a balance"),
        (SiteBalance, "it has a balance"),
    ]
    scope = HoldScope.LOT if is_lot else HoldScope.ITEM
    kind = CodeKind.LOT if is_lot else CodeKind.ITEM
    labelled = sa.exists().where(
        LabelEntry.code_id == LabelCode.id,
        LabelCode.kind == kind.value,
        LabelCode.subject_id == id_,
    )
    uses = sa.case(
        *[(sa.exists().where(getattr(model, name) == id_), why) for model, why in users],
        (
            sa.exists().where(Hold.scope == scope, Hold.subject_id == id_),
            "it was put on hold",
        ),
        (labelled, "its label was printed again or changed"),
    )
    rows = session.execute(
        sa.select(ImportRow.row_no, ImportRow.said, uses)
        .join(Lot if is_lot else Item, id_ == ImportRow.subject_id)
        .where(
            ImportRow.run_id == run.id,
            ImportRow.outcome == RowOutcome.CREATED,
            ImportRow.is_booked,
            uses.is_not(None),
        )
        .order_by(ImportRow.row_no)
    )
    for row_no, said, why in rows.yield_per(ROWS_AT_ONCE):
        yield Blocker(row_no, _name(said), why)


def _name(said: Mapping[str, Any]) -> str:
    """What a row is about, in words."""
    if roll := said.get("roll"):
        return f"Roll {roll}"
    if lot := said.get("lot"):
        return f"Lot {lot} of {said.get('item', '')}"
    return f"Item {said.get('item', '')}"
