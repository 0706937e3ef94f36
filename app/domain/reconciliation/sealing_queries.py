"""Reading movements as they are hashed, and what is not sealed yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.commit_order import position_of
from app.core.rows import rows_from
from app.core.types import Quantity
from app.domain.ledger.models import Movement, Posting
from app.domain.reconciliation.balance_checks import micro
from app.domain.reconciliation.models import Epoch, LedgerCursor, Seal, SealLeaf
from app.domain.reconciliation.rules import hash_row

_MOVEMENTS: Any = Movement.__table__
_POSTINGS: Any = Posting.__table__
_LEAVES: Any = SealLeaf.__table__
# Where a row stands in the order of commits differs between two copies of one ledger.
_UNSEALED_COLUMNS = frozenset({"xact"})


@dataclass(frozen=True, slots=True)
class HashedMovement:
    """One movement as it is now: the hash of its own row, then those of its postings."""

    movement_id: int
    row_hashes: tuple[str, ...]


def hash_movements(session: Session, ids: Sequence[int]) -> Iterator[HashedMovement]:
    """The movements with these ids, in the order of the ids; what is not there is left out."""
    if not ids:
        return
    wanted = rows_from(session, [{"id": id_} for id_ in ids], [_MOVEMENTS.c.id])
    lines: dict[int, list[str]] = defaultdict(list)
    for movement_id, hashed in _hash_rows(
        session, _POSTINGS, _POSTINGS.c.movement_id, wanted, _POSTINGS.c.line_no
    ):
        lines[movement_id].append(hashed)
    for movement_id, hashed in _hash_rows(session, _MOVEMENTS, _MOVEMENTS.c.id, wanted):
        yield HashedMovement(movement_id, (hashed, *lines[movement_id]))


def _hash_rows(
    session: Session, table: sa.Table, key: Any, wanted: sa.Subquery, *order: Any
) -> Iterator[tuple[int, str]]:
    columns = [one for one in table.columns if one.name not in _UNSEALED_COLUMNS]
    names = [one.name for one in columns]
    # A column that came later and says nothing must leave older hashes as they are.
    required = [not one.nullable for one in columns]
    # As whole micro-units, which is their sealed form, without the way over decimals.
    raw = [micro(one) if isinstance(one.type, Quantity) else one for one in columns]
    query = sa.select(key.label("movement"), *raw)
    # By IN both engines look each up; joined, SQLite would read the whole table for every seal.
    query = query.where(key.in_(sa.select(wanted.c.id))).order_by(key, *order)
    for movement_id, *values in session.execute(query):
        said = [
            (name, None if needs and not value else value)
            for name, value, needs in zip(names, values, required, strict=True)
        ]
        yield movement_id, hash_row(table.name, said)


def latest_epoch(session: Session) -> Epoch | None:
    """The epoch of now."""
    return session.scalars(sa.select(Epoch).order_by(Epoch.id.desc()).limit(1)).first()


def latest_seal(session: Session) -> Seal | None:
    """The seal whose root holds all the others."""
    return session.scalars(sa.select(Seal).order_by(Seal.number.desc()).limit(1)).first()


def list_seals(session: Session, *, limit: int, before_number: int | None = None) -> Sequence[Seal]:
    """Seals, newest first."""
    query = sa.select(Seal).order_by(Seal.number.desc()).limit(limit)
    if before_number is not None:
        query = query.where(Seal.number < before_number)
    return session.scalars(query).all()


def unsealed_by_id(session: Session, *, after_id: int, limit: int) -> list[int]:
    """Movements without a leaf, by id: for the beginning of an epoch."""
    query = sa.select(_MOVEMENTS.c.id).where(_MOVEMENTS.c.id > after_id, _has_no_leaf())
    return list(session.scalars(query.order_by(_MOVEMENTS.c.id).limit(limit)))


def unsealed_between(session: Session, *, low: int, high: int, limit: int) -> list[tuple[int, int]]:
    """Movements without a leaf in a range of positions, as (position, id) in that order."""
    position = _position(session)
    query = (
        sa.select(position, _MOVEMENTS.c.id)
        .where(position >= low, position < high, _has_no_leaf())
        .order_by(position, _MOVEMENTS.c.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def oldest_unsealed(session: Session, cursor: LedgerCursor | None) -> datetime | None:
    """When the longest waiting movement was booked, or None when everything is sealed."""
    query = sa.select(sa.func.min(_MOVEMENTS.c.posted_at)).where(_has_no_leaf())
    if cursor is not None and cursor.by_id_after is not None:
        query = query.where(_MOVEMENTS.c.id > cursor.by_id_after)
    elif cursor is not None:
        query = query.where(_position(session) >= cursor.position)
    return session.scalar(query)


def leaves_of(session: Session, seal_id: int) -> Sequence[Any]:
    """The leaves of a seal in the order of its tree."""
    columns = (_LEAVES.c.movement_id, _LEAVES.c.leaf, _LEAVES.c.row_marks)
    query = sa.select(*columns).where(_LEAVES.c.seal_id == seal_id)
    return session.execute(query.order_by(_LEAVES.c.movement_id)).all()


def uids_of(session: Session, movement_ids: Iterable[int]) -> dict[int, Any]:
    """The public ids of movements."""
    query = sa.select(_MOVEMENTS.c.id, _MOVEMENTS.c.uid)
    rows = session.execute(query.where(_MOVEMENTS.c.id.in_(list(movement_ids))))
    return {row.id: row.uid for row in rows}


def _position(session: Session) -> Any:
    return position_of(session, ids=_MOVEMENTS.c.id, transactions=_MOVEMENTS.c.xact)


def _has_no_leaf() -> sa.ColumnElement[bool]:
    leaf = sa.select(sa.literal(1)).where(_LEAVES.c.movement_id == _MOVEMENTS.c.id)
    return sa.not_(leaf.exists())
