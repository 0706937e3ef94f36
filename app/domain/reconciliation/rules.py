"""How the ledger is hashed: rows, movements, trees, the chain of seals. When a check is due.

Leaves and inner nodes are hashed under different first bytes, as in RFC 6962 §2.1, so that no
inner node can be passed off as a movement.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from app.core.types import to_micro

MARK_LENGTH = 16
DAILY_AT = time(9)
NOTHING = "0" * 64
_ROW, _LEAF, _NODE, _SEAL = b"\x00", b"\x01", b"\x02", b"\x03"


def hash_row(table: str, members: Iterable[tuple[str, object]]) -> str:
    """The hash of one row, by the names of its columns. Members without a value are left out."""
    said = [(name, _TEXT_OF[type(value)](value)) for name, value in members if value is not None]
    said.sort()
    return _hash(_ROW, _encode([table, said]).encode())


def leaf_of(row_hashes: Sequence[str]) -> str:
    """The leaf of a movement: its own row first, then its postings by line."""
    return _hash(_LEAF, "".join(row_hashes).encode())


def marks_of(row_hashes: Sequence[str]) -> str:
    """What is kept of each row's hash to name the one that was changed."""
    return "".join(one[:MARK_LENGTH] for one in row_hashes)


def first_changed(marks: str, row_hashes: Sequence[str]) -> int:
    """The index of the first row that is not as it was sealed: 0 is the movement itself."""
    kept = [marks[start : start + MARK_LENGTH] for start in range(0, len(marks), MARK_LENGTH)]
    found = [one[:MARK_LENGTH] for one in row_hashes]
    rows = range(max(len(kept), len(found)))
    return next((n for n in rows if kept[n : n + 1] != found[n : n + 1]), 0)


def tree_of(leaves: Sequence[str]) -> str:
    """The root of a binary tree over leaves; one without a partner goes up as it is."""
    level = list(leaves)
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [_hash(_NODE, "".join(pair).encode()) if pair[1:] else pair[0] for pair in pairs]
    return level[0] if level else NOTHING


def root_of(*, previous: str, tree: str, number: int, epoch: int, movements: int) -> str:
    """The root of a seal, which holds every seal before it."""
    return _hash(_SEAL, json.dumps([previous, tree, number, epoch, movements]).encode())


def due_day(at: datetime, time_zone: str, daily_at: time) -> date:
    """The last local day whose hour of the daily check has come.

    An hour that the clocks skip counts as come when they have skipped it; one that they show
    twice has come when they show it first.
    """
    zone = ZoneInfo(time_zone)
    today = at.astimezone(zone).date()
    comes = datetime.combine(today, daily_at, tzinfo=zone).astimezone(UTC)
    return today if at >= comes else today - timedelta(days=1)


def _hash(kind: bytes, content: bytes) -> str:
    return hashlib.sha256(kind + content).hexdigest()


_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode
# By exact type: what is not here has no sealed form, and asking for it fails.
_TEXT_OF: dict[type, Callable[[Any], str]] = {
    int: str,
    str: str,
    bool: lambda value: str(int(value)),
    uuid.UUID: str,
    Decimal: lambda value: str(to_micro(value)),
    datetime: lambda value: value.astimezone(UTC).isoformat(timespec="microseconds"),
}
