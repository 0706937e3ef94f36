"""The only writer of movements, postings, balances and of what units are and where.

A batch is claimed, locked, folded in order and written with one statement per table. One
movement is a batch of one. The caller's transaction is retried as a whole, never in part.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.ids import new_uid
from app.core.rights import Actor
from app.core.rows import insert_rows, update_rows
from app.domain.ledger import keys
from app.domain.ledger.drafts import MovementDraft, Result, UnitBook
from app.domain.ledger.fold import BalanceKey, Books, Folded, fold
from app.domain.ledger.locking import BALANCE_KEYS, SITE_BALANCE_KEYS, load_books
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance
from app.domain.units.models import Unit

_MOVEMENTS: Any = Movement.__table__
_POSTINGS: Any = Posting.__table__
_BALANCES: Any = Balance.__table__
_SITE_BALANCES: Any = SiteBalance.__table__
_UNITS: Any = Unit.__table__

MOVEMENT_NAMES = (
    *("uid", "verb", "site_id", "actor_id", "device_id", "partner_id", "occurred_at"),
    *("posted_at", "reference_type", "reference_id", "reason", "note", "reverses_id", "act_id"),
)
POSTING_NAMES = (
    *("movement_id", "line_no", "item_id", "lot_id", "unit_id"),
    *("from_location_id", "to_location_id", "quantity"),
)
UNIT_NAMES = (
    *("location_id", "department_id", "state", "state_since", "partner_id", "last_movement_id"),
    *("last_seen_at", "last_seen_uncertainty_seconds", "last_seen_location_id"),
    "last_seen_device_id",
)
NEW_UNIT_NAMES = (
    *("uid", "site_id", "item_id", "lot_id", "quantity", "properties", "created_at"),
    *UNIT_NAMES,
)


@dataclass(frozen=True, slots=True)
class _Written:
    """Ids of what was inserted: movements by index of draft, new units by their negative id."""

    movements: dict[int, tuple[int, Any]]
    units: dict[int, int]


def post_batch(session: Session, drafts: Sequence[MovementDraft], *, actor: Actor) -> list[Result]:
    """Book the drafts in order; returns one Result per draft, at the same index.

    A refused draft refuses itself only (or its linked group); nothing of it is written. Rights
    are checked for every line on the locked books.
    """
    claims = keys.claim(session, [draft.key for draft in drafts])
    live = [draft if claim is None else None for draft, claim in zip(drafts, claims, strict=True)]
    results = _post(session, live, actor) if None in claims else []
    answers: list[Result] = []
    for index, claim in enumerate(claims):
        if claim is None:
            answers.append(results[index])
        else:
            answers.append(_repeated(answers[claim]) if isinstance(claim, int) else claim)
    fresh = [
        (draft.key, answer)
        for draft, answer in zip(live, answers, strict=True)
        if draft is not None and draft.key is not None
    ]
    keys.store(session, fresh)
    return answers


def _post(session: Session, drafts: Sequence[MovementDraft | None], actor: Actor) -> list[Result]:
    books = load_books(session, [draft for draft in drafts if draft is not None])
    folded = fold(books, drafts, actor)
    written = _write(session, drafts, folded, books, actor)
    return [_result(index, entry, written) for index, entry in enumerate(folded)]


def _repeated(result: Result) -> Result:
    """The answer to a key that stands twice in one batch."""
    return keys.from_stored(keys.to_stored(result))


def _result(index: int, entry: Folded, written: _Written) -> Result:
    if entry.error is not None:
        return Result("refused", error=entry.error)
    if index not in written.movements:
        return Result("unchanged")
    movement_id, movement_uid = written.movements[index]
    new = tuple(
        written.units[line.unit_id]
        for line in entry.lines
        if line.unit_id is not None and line.unit_id < 0
    )
    return Result("posted", movement_id, movement_uid, new)


def _write(
    session: Session,
    drafts: Sequence[MovementDraft | None],
    folded: Sequence[Folded],
    books: Books,
    actor: Actor,
) -> _Written:
    movements = _insert_movements(session, drafts, folded, actor)
    units = _insert_units(session, drafts, books, movements)
    lines = [
        (movements[index][0], number, line)
        for index, entry in enumerate(folded)
        for number, line in enumerate(entry.lines, start=1)
    ]
    rows = [
        {
            "movement_id": movement_id,
            "line_no": number,
            "item_id": line.item_id,
            "lot_id": line.lot_id,
            "unit_id": units.get(line.unit_id, line.unit_id) if line.unit_id else None,
            "from_location_id": line.origin.id,
            "to_location_id": line.target.id,
            "quantity": line.quantity,
        }
        for movement_id, number, line in lines
    ]
    insert_rows(session, _POSTINGS, rows, names=POSTING_NAMES, order_by=("movement_id", "line_no"))
    _update_balances(session, folded)
    changed = [
        _unit_row(books.units[unit_id], movements)
        for unit_id in sorted(books.changed_unit_ids)
        if unit_id > 0
    ]
    update_rows(session, _UNITS, changed, keys=("id",), names=UNIT_NAMES)
    return _Written(movements, units)


def _insert_movements(
    session: Session,
    drafts: Sequence[MovementDraft | None],
    folded: Sequence[Folded],
    actor: Actor,
) -> dict[int, tuple[int, Any]]:
    posted_at = now()
    uids = {index: new_uid() for index, entry in enumerate(folded) if entry.lines}
    rows = []
    for index, uid in uids.items():
        draft = drafts[index]
        assert draft is not None
        rows.append(
            {name: getattr(draft, name, None) for name in MOVEMENT_NAMES}
            | {"uid": uid, "actor_id": actor.user_id, "posted_at": posted_at}
        )
    found = insert_rows(
        session,
        _MOVEMENTS,
        rows,
        names=MOVEMENT_NAMES,
        order_by=("uid",),
        returning=("uid", "id"),
    )
    ids = {row.uid: row.id for row in found}
    return {index: (ids[uid], uid) for index, uid in uids.items()}


def _insert_units(
    session: Session,
    drafts: Sequence[MovementDraft | None],
    books: Books,
    movements: dict[int, tuple[int, Any]],
) -> dict[int, int]:
    new = [unit for unit in books.units.values() if unit.id < 0]
    properties = {
        line.new_unit.uid: line.new_unit.properties
        for draft in drafts
        if draft is not None
        for line in draft.lines
        if line.new_unit is not None
    }
    created_at = now()
    rows = [
        _unit_row(unit, movements)
        | {name: getattr(unit, name) for name in ("uid", "site_id", "item_id", "lot_id")}
        | {"quantity": unit.quantity, "created_at": created_at}
        | {"properties": properties[unit.uid]}
        for unit in new
    ]
    found = insert_rows(
        session,
        _UNITS,
        rows,
        names=NEW_UNIT_NAMES,
        order_by=("uid",),
        returning=("uid", "id"),
    )
    ids = {row.uid: row.id for row in found}
    return {unit.id: ids[unit.uid] for unit in new}


def _unit_row(unit: UnitBook, movements: dict[int, tuple[int, Any]]) -> dict[str, Any]:
    last = unit.last_movement_id
    if unit.last_draft is not None:
        last = movements[unit.last_draft][0]
    row = {name: getattr(unit, name) for name in ("id", *UNIT_NAMES)}
    return row | {"last_movement_id": last}


def _update_balances(session: Session, folded: Sequence[Folded]) -> None:
    on_hand: dict[BalanceKey, Decimal] = defaultdict(Decimal)
    of_site: dict[BalanceKey, Decimal] = defaultdict(Decimal)
    for line in (line for entry in folded for line in entry.lines):
        stock = (line.item_id, line.lot_id)
        for place, change in ((line.origin, -line.quantity), (line.target, line.quantity)):
            if not place.is_virtual:
                on_hand[(place.id, *stock)] += change
                if line.origin.is_virtual or line.target.is_virtual:
                    of_site[(place.site_id, *stock)] += change
    for table, names, changes in (
        (_BALANCES, BALANCE_KEYS, on_hand),
        (_SITE_BALANCES, SITE_BALANCE_KEYS, of_site),
    ):
        rows = [
            dict(zip(names, key, strict=True)) | {"on_hand": change}
            for key, change in changes.items()
            if change
        ]
        update_rows(session, table, rows, keys=names, add=("on_hand",))
