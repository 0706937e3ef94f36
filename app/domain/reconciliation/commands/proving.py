"""Keeping the proven balances: only as far as one unbroken line of checks goes.

A full check takes the line over with its own number; while it holds it nobody checks by what was
touched. It ends the line's pause only if no other full check took it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.core.rows import insert_rows, update_rows
from app.core.types import from_micro
from app.domain.reconciliation.balance_checks import Key
from app.domain.reconciliation.commands.sealing import present_epoch
from app.domain.reconciliation.models import LedgerCursor, ProvenBalance

CURSOR = "proof"
_PROVEN: Any = ProvenBalance.__table__
_KEYS = ("location_id", "item_id", "lot_id")


def take_line(session: Session, *, run_id: int) -> None:
    """Stop checks of what was touched: a full check begins a new line."""
    epoch = present_epoch(session)
    cursor = session.get(LedgerCursor, CURSOR, with_for_update=True)
    if cursor is None:
        cursor = LedgerCursor(name=CURSOR, position=0)
        session.add(cursor)
    cursor.epoch_id, cursor.by_id_after = epoch.id, run_id


def begin_line(session: Session, *, run_id: int, position: int) -> bool:
    """From here on what was touched is checked again. False where another check took over."""
    cursor = session.get_one(LedgerCursor, CURSOR, with_for_update=True)
    if cursor.by_id_after != run_id:
        return False
    cursor.position, cursor.by_id_after = position, None
    return True


def move_line(session: Session, *, low: int, high: int, delta: Mapping[Key, int]) -> bool:
    """Take what was committed in [low, high) into the proven balances. False where another did."""
    cursor = session.get_one(LedgerCursor, CURSOR, with_for_update=True)
    if cursor.by_id_after is not None or cursor.position != low:
        return False
    _make(session, delta)
    rows = [_row(key) | {"on_hand": from_micro(change)} for key, change in sorted(delta.items())]
    update_rows(session, _PROVEN, rows, keys=_KEYS, add=("on_hand",))
    cursor.position = high
    return True


def set_proven(session: Session, proven: Iterable[tuple[Key, int]]) -> None:
    """Write proven balances as a full check found them."""
    found = dict(proven)
    _make(session, found)
    rows = [_row(key) | {"on_hand": from_micro(value)} for key, value in sorted(found.items())]
    update_rows(session, _PROVEN, rows, keys=_KEYS, names=("on_hand",))


def _make(session: Session, keys: Iterable[Key]) -> None:
    rows = [_row(key) | {"on_hand": from_micro(0)} for key in sorted(keys)]
    insert_rows(session, _PROVEN, rows, names=(*_KEYS, "on_hand"), ignore_conflicts=True)


def _row(key: Key) -> dict[str, Any]:
    return dict(zip(_KEYS, key, strict=True))
