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
from app.domain.ledger.books import BalanceKey, Books, Folded, SiteKey
from app.domain.ledger.drafts import MovementDraft, Result, UnitBook
from app.domain.ledger.fold import fold
from app.domain.ledger.locking import BALANCE_KEYS, SITE_BALANCE_KEYS, load_books
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance, Verb
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit

_MOVEMENTS: Any = Movement.__table__
_POSTINGS: Any = Posting.__table__
_BALANCES: Any = Balance.__table__
_SITE_BALANCES: Any = SiteBalance.__table__
_RESERVATIONS: Any = Reservation.__table__
_UNITS: Any = Unit.__table__

MOVEMENT_NAMES = (
    *("uid", "verb", "site_id", "actor_id", "device_id", "partner_id", "occurred_at"),
    *("posted_at", "reference_type", "reference_id", "reason", "note", "reverses_id", "act_id"),
)
POSTING_NAMES = (
    *("movement_id", "line_no", "item_id", "lot_id", "unit_id"),
    *("from_location_id", "to_location_id", "quantity"),
    *("reserved_delta", "reservation_id", "unit_cost"),
)
UNIT_NAMES = (
    *("site_id", "quantity", "location_id", "department_id", "state", "state_since"),
    *("partner_id", "reservation_id", "last_movement_id"),
    *("last_seen_at", "last_seen_uncertainty_seconds", "last_seen_location_id"),
    "last_seen_device_id",
)
NEW_UNIT_NAMES = (
    *("uid", "item_id", "lot_id", "properties", "created_at"),
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
            "reserved_delta": line.reserved_delta,
            "reservation_id": line.reservation_id,
            "unit_cost": line.unit_cost,
        }
        for movement_id, number, line in lines
    ]
    insert_rows(session, _POSTINGS, rows, names=POSTING_NAMES, order_by=("movement_id", "line_no"))
    _update_balances(session, folded)
    _update_site_balances(session, folded)
    _update_reservations(session, drafts, folded, books)
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
        | {name: getattr(unit, name) for name in ("uid", "item_id", "lot_id")}
        | {"properties": properties[unit.uid], "created_at": created_at}
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
    for line in (line for entry in folded for line in entry.lines):
        for place, change in ((line.origin, -line.quantity), (line.target, line.quantity)):
            if not place.is_virtual:
                on_hand[(place.id, line.item_id, line.lot_id)] += change
    rows = [
        dict(zip(BALANCE_KEYS, key, strict=True)) | {"on_hand": change}
        for key, change in on_hand.items()
        if change
    ]
    update_rows(session, _BALANCES, rows, keys=BALANCE_KEYS, add=("on_hand",))


def _update_site_balances(session: Session, folded: Sequence[Folded]) -> None:
    """What entered or left the site, and what was promised or released."""
    on_hand: dict[SiteKey, Decimal] = defaultdict(Decimal)
    reserved: dict[SiteKey, Decimal] = defaultdict(Decimal)
    for line in (line for entry in folded for line in entry.lines):
        stock = (line.item_id, line.lot_id)
        if line.origin.is_virtual != line.target.is_virtual:
            place = line.origin if line.target.is_virtual else line.target
            entering = line.quantity if line.origin.is_virtual else -line.quantity
            on_hand[(place.site_id, *stock)] += entering
        if line.reserved_delta:
            reserved[(line.origin.site_id, *stock)] += line.reserved_delta
    rows = [
        dict(zip(SITE_BALANCE_KEYS, key, strict=True))
        | {"on_hand": on_hand[key], "reserved": reserved[key]}
        for key in sorted({*on_hand, *reserved})
        if on_hand[key] or reserved[key]
    ]
    update_rows(session, _SITE_BALANCES, rows, keys=SITE_BALANCE_KEYS, add=("on_hand", "reserved"))


def _update_reservations(
    session: Session,
    drafts: Sequence[MovementDraft | None],
    folded: Sequence[Folded],
    books: Books,
) -> None:
    """What is still promised; whoever reserves more says anew until when."""
    until = {
        line.reservation_id: draft.reserve_until
        for draft, entry in zip(drafts, folded, strict=True)
        for line in entry.lines
        if draft is not None and draft.verb is Verb.RESERVE
    }
    changed = [books.reservations[id_] for id_ in sorted(books.changed_reservation_ids)]
    rows = [
        {"id": one.id, "open": one.open, "expires_at": until.get(one.id, one.expires_at)}
        for one in changed
    ]
    update_rows(session, _RESERVATIONS, rows, keys=("id",), names=("open", "expires_at"))
