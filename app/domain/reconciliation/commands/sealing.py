"""Sealing: taking what was committed since the last seal into the next one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.commit_order import horizon, system_identifier
from app.core.rights import Actor
from app.core.rows import insert_rows
from app.domain.alerts.commands import end_alert, raise_alert
from app.domain.alerts.models import Severity
from app.domain.audit.commands import record_change
from app.domain.ledger.models import Movement
from app.domain.reconciliation.models import Epoch, LedgerCursor, Seal, SealLeaf
from app.domain.reconciliation.rules import NOTHING, leaf_of, marks_of, root_of, tree_of
from app.domain.reconciliation.sealing_queries import (
    hash_movements,
    latest_epoch,
    latest_seal,
    oldest_unsealed,
    unsealed_between,
    unsealed_by_id,
)

CURSOR = "seal"
UNSEALED = "ledger.unsealed"
MOVEMENTS_PER_SEAL = 2_000
UNSEALED_AT_MOST = timedelta(minutes=15)
_LEAVES: Any = SealLeaf.__table__


def begin_epoch(session: Session, *, actor: Actor | None, reason: str) -> Epoch:
    """Say that positions begin anew: after a restore, an upgrade, a move to another server."""
    epoch = Epoch(system_identifier=system_identifier(session), reason=reason[:200])
    session.add(epoch)
    session.flush()
    record_change(
        session,
        actor=actor,
        action="ledger.epoch_begun",
        subject_kind="ledger_epoch",
        subject_id=epoch.id,
        after={"reason": epoch.reason},
    )
    return epoch


def present_epoch(session: Session) -> Epoch:
    """The epoch of now. Another database system than last time begins a new one by itself."""
    epoch = latest_epoch(session)
    if epoch is None:
        return begin_epoch(session, actor=None, reason="the first one")
    if epoch.system_identifier != system_identifier(session):
        return begin_epoch(session, actor=None, reason="another database system")
    return epoch


def seal_ledger(session: Session, *, limit: int = MOVEMENTS_PER_SEAL) -> Seal | None:
    """Seal up to `limit` movements; None when nothing waits. Sealers take turns at the cursor."""
    cursor = session.get(LedgerCursor, CURSOR, with_for_update=True)
    epoch = present_epoch(session)
    if cursor is None:
        cursor = LedgerCursor(name=CURSOR, epoch_id=epoch.id, position=0, by_id_after=0)
        session.add(cursor)
        cursor.position = horizon(session, Movement.id)
    elif cursor.epoch_id != epoch.id:
        cursor.epoch_id = epoch.id
        # First the horizon, then the rows: what is under way now comes later, by its position.
        cursor.position = horizon(session, Movement.id)
        cursor.by_id_after = 0
    ids = _take(session, cursor, limit)
    return _seal(session, epoch, ids) if ids else None


def _take(session: Session, cursor: LedgerCursor, limit: int) -> list[int]:
    """The next movements, moving the cursor over them."""
    if cursor.by_id_after is not None:
        ids = unsealed_by_id(session, after_id=cursor.by_id_after, limit=limit)
        cursor.by_id_after = ids[-1] if ids else None
        if ids:
            return ids
    high = horizon(session, Movement.id)
    found = unsealed_between(session, low=cursor.position, high=high, limit=limit)
    # A transaction that is larger than a seal stays in reach until all of it is sealed.
    cursor.position = found[-1][0] if len(found) == limit else max(high, cursor.position)
    return [id_ for _, id_ in found]


def _seal(session: Session, epoch: Epoch, ids: list[int]) -> Seal:
    hashed = list(hash_movements(session, sorted(ids)))
    last = latest_seal(session)
    leaves = [leaf_of(one.row_hashes) for one in hashed]
    tree, number = tree_of(leaves), last.number + 1 if last else 1
    seal = Seal(
        number=number,
        epoch_id=epoch.id,
        movement_count=len(hashed),
        posting_count=sum(len(one.row_hashes) - 1 for one in hashed),
        tree=tree,
        root=root_of(
            previous=last.root if last else NOTHING,
            tree=tree,
            number=number,
            epoch=epoch.id,
            movements=len(hashed),
        ),
    )
    session.add(seal)
    session.flush()
    rows = [
        {
            "movement_id": one.movement_id,
            "seal_id": seal.id,
            "leaf": leaf,
            "row_marks": marks_of(one.row_hashes),
        }
        for one, leaf in zip(hashed, leaves, strict=True)
    ]
    insert_rows(session, _LEAVES, rows, names=("movement_id", "seal_id", "leaf", "row_marks"))
    return seal


def watch_unsealed(session: Session) -> datetime | None:
    """Raise an alert where a movement waits for its seal for too long; since when, if so."""
    waiting = oldest_unsealed(session, session.get(LedgerCursor, CURSOR))
    if waiting is None or now() - waiting <= UNSEALED_AT_MOST:
        end_alert(session, dedupe_key=UNSEALED, resolution="Everything is sealed by now.")
        return None
    raise_alert(
        session,
        rule_code=UNSEALED,
        severity=Severity.CRITICAL,
        dedupe_key=UNSEALED,
        message="Movements wait for their seal for more than 15 minutes. "
        "A transaction that stays open, or a scheduler that is down, holds it up.",
        path="/proof/",
        facts={"since": waiting.isoformat()},
    )
    return waiting
