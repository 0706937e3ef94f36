"""Claiming idempotency keys: the first thing a batch does, so that a repeat does nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError
from app.core.rows import insert_rows, rows_from, update_rows
from app.domain.ledger.drafts import Key, Result
from app.domain.ledger.errors import KeyReused
from app.domain.ledger.models import IdempotencyKey

_KEYS: Any = IdempotencyKey.__table__


def claim(session: Session, keys: Sequence[Key | None]) -> list[Result | int | None]:
    """Claim the keys of a batch, sorted, in one statement.

    For each index: None where the key is new (or there is none), the stored Result where it was
    answered before, or the index of the first draft of this batch with the same key.
    """
    first: dict[tuple[str, str], int] = {}
    for index, key in enumerate(keys):
        if key is not None:
            first.setdefault((key.scope, key.key), index)
    chosen = [key for key in (keys[index] for index in first.values()) if key is not None]
    fresh = _insert(session, chosen)
    known = _stored(session, [key for key in chosen if (key.scope, key.key) not in fresh])
    return [_answer(index, key, keys, first, known) for index, key in enumerate(keys)]


def _insert(session: Session, keys: list[Key]) -> set[tuple[str, str]]:
    claimed_at = now()
    rows = [
        {"scope": key.scope, "key": key.key, "hash": key.hash, "created_at": claimed_at}
        for key in keys
    ]
    new = insert_rows(
        session,
        _KEYS,
        rows,
        names=("scope", "key", "hash", "created_at"),
        order_by=("scope", "key"),
        ignore_conflicts=True,
        returning=("scope", "key"),
    )
    return {(row.scope, row.key) for row in new}


def _stored(session: Session, keys: list[Key]) -> dict[tuple[str, str], tuple[str, Any]]:
    if not keys:
        return {}
    wanted = rows_from(
        session,
        [{"scope": key.scope, "key": key.key} for key in keys],
        [_KEYS.c.scope, _KEYS.c.key],
    )
    found = session.execute(
        sa.select(_KEYS.c.scope, _KEYS.c.key, _KEYS.c.hash, _KEYS.c.result).join_from(
            _KEYS,
            wanted,
            sa.and_(_KEYS.c.scope == wanted.c.scope, _KEYS.c.key == wanted.c.key),
        )
    )
    return {(row.scope, row.key): (row.hash, row.result) for row in found}


def _answer(
    index: int,
    key: Key | None,
    keys: Sequence[Key | None],
    first: dict[tuple[str, str], int],
    known: dict[tuple[str, str], tuple[str, Any]],
) -> Result | int | None:
    if key is None:
        return None
    name = (key.scope, key.key)
    earlier = keys[first[name]]
    stored_hash = known[name][0] if name in known else earlier.hash if earlier else key.hash
    if stored_hash != key.hash:
        return Result("refused", error=_reused(key))
    if name in known:
        return from_stored(known[name][1])
    return None if first[name] == index else first[name]


def _reused(key: Key) -> KeyReused:
    return KeyReused(
        "This idempotency key was used for another request. Use a new key.", key=key.key
    )


def store(session: Session, answers: Sequence[tuple[Key, Result]]) -> None:
    """Keep the answers beside their keys."""
    rows = [
        {"scope": key.scope, "key": key.key, "result": to_stored(result)} for key, result in answers
    ]
    update_rows(session, _KEYS, rows, keys=("scope", "key"), names=("result",))


def to_stored(result: Result) -> dict[str, Any]:
    """A result as JSON."""
    error = result.error
    return {
        "status": result.status,
        "movement_id": result.movement_id,
        "movement_uid": str(result.movement_uid) if result.movement_uid else None,
        "unit_ids": list(result.unit_ids),
        "error": error
        and {"code": error.code, "message": error.message, "field": error.field}
        | {"status": error.status, "facts": error.facts},
    }


def from_stored(stored: dict[str, Any]) -> Result:
    """The result that was kept, marked as replayed; a refusal stays a refusal."""
    error = None
    if stored["error"]:
        kept = stored["error"]
        error = DomainError(kept["message"], field=kept["field"], **kept["facts"])
        error.code, error.status = kept["code"], kept["status"]
    movement_uid = stored["movement_uid"]
    return Result(
        "refused" if error else "replayed",
        movement_id=stored["movement_id"],
        movement_uid=uuid.UUID(movement_uid) if movement_uid else None,
        unit_ids=tuple(stored["unit_ids"]),
        error=error,
    )
