"""Registering lots, each with its label code, and what quality says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.ids import new_uid
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows, rows_from
from app.domain.audit.commands import record_change
from app.domain.catalog.models import Item
from app.domain.catalog.rules import clean_text
from app.domain.codes.commands import assign_codes, withdraw_codes
from app.domain.codes.rules import CodeKind
from app.domain.lots.models import NO_LOT, Lot, LotDecision, LotStatus
from app.domain.lots.queries import lots_by_number
from app.domain.lots.rules import clean_reason, status_at_birth

# A lot is registered by whoever brings its stock into the books.
_RIGHTS = (Permission.LEDGER_PRODUCE, Permission.LEDGER_RECEIVE, Permission.CATALOG_MANAGE)


class LotExists(DomainError):
    """The item has a lot of that number already."""

    code = "lot_exists"


def seed_no_lot(session: Session) -> None:
    """Make sure that row 0, "no lot", exists."""
    table: Any = Lot.__table__
    row = {
        "id": NO_LOT,
        "uid": new_uid(),
        "number": "",
        "status": LotStatus.APPROVED,
        "created_at": now(),
    }
    insert_rows(session, table, [row], names=list(row), ignore_conflicts=True)


def register_lot(session: Session, *, actor: Actor, item_id: int, number: str) -> Lot:
    """Register one lot of an item. Raises LotExists."""
    pair = (item_id, _clean_number(number))
    if lots_by_number(session, wanted=[pair]):
        raise LotExists(f"This item has a lot {pair[1]} already.", field="lot")
    return ensure_lots(session, actor=actor, wanted=[pair])[pair]


def ensure_lots(
    session: Session, *, actor: Actor, wanted: Sequence[tuple[int, str]]
) -> Mapping[tuple[int, str], Lot]:
    """The lot of each (item, number), registered where there is none; by cleaned pair."""
    pairs = list(dict.fromkeys((item_id, _clean_number(number)) for item_id, number in wanted))
    existing = lots_by_number(session, wanted=pairs)
    missing = [pair for pair in pairs if pair not in existing]
    if not missing:
        return existing
    _require_right(actor)
    table: Any = Lot.__table__
    waiting = _items_with_qc(session, {item_id for item_id, _ in missing})
    rows = [
        {
            "uid": new_uid(),
            "item_id": item_id,
            "number": number,
            "status": status_at_birth(is_qc_required=item_id in waiting),
            "created_at": now(),
        }
        for item_id, number in missing
    ]
    inserted = insert_rows(
        session,
        table,
        rows,
        names=list(rows[0]),
        order_by=["item_id", "number"],
        ignore_conflicts=True,
        returning=["id", "item_id", "number"],
    )
    assign_codes(session, CodeKind.LOT, [row.id for row in inserted])
    for row in inserted:
        record_change(
            session,
            actor=actor,
            action="lot.registered",
            subject_kind="lot",
            subject_id=row.id,
            after={"item_id": row.item_id, "number": row.number},
        )
    return lots_by_number(session, wanted=pairs)


def _items_with_qc(session: Session, item_ids: set[int]) -> set[int]:
    return set(
        session.scalars(
            sa.select(Item.id).where(Item.id.in_(item_ids), Item.is_qc_required.is_(True))
        )
    )


def judge_lot(
    session: Session, *, actor: Actor, lot_id: int, status: LotStatus, reason: str
) -> Lot:
    """Approve a lot, put it in quarantine, or reject it. What it is already changes nothing.

    The lot is locked, so that a booking sees it before or after, never half.
    """
    require(actor, Permission.LOTS_JUDGE)
    why = clean_reason(reason)
    lot = _locked(session, lot_id)
    if lot.status == status:
        return lot
    session.add(
        LotDecision(
            lot_id=lot.id,
            from_status=lot.status,
            to_status=status,
            reason=why,
            decided_by_id=actor.user_id,
        )
    )
    record_change(
        session,
        actor=actor,
        action="lot.judged",
        subject_kind="lot",
        subject_id=lot.id,
        before={"status": lot.status},
        after={"status": str(status), "reason": why},
    )
    lot.status = status
    return lot


def set_expiry(session: Session, *, actor: Actor, lot_id: int, expires_on: date | None) -> Lot:
    """Say until which day, site time, a lot may be used; None for as long as it lasts."""
    require(actor, Permission.LOTS_JUDGE)
    lot = _locked(session, lot_id)
    if lot.expires_on != expires_on:
        record_change(
            session,
            actor=actor,
            action="lot.expiry_set",
            subject_kind="lot",
            subject_id=lot.id,
            before={"expires_on": lot.expires_on and lot.expires_on.isoformat()},
            after={"expires_on": expires_on and expires_on.isoformat()},
        )
        lot.expires_on = expires_on
    return lot


def _locked(session: Session, lot_id: int) -> Lot:
    lot = session.scalars(
        sa.select(Lot)
        .where(Lot.id == lot_id, Lot.id != NO_LOT)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if lot is None:
        raise NotFound("There is no such lot.", field="lot")
    return lot


def remove_lots(session: Session, *, actor: Actor, lot_ids: Sequence[int]) -> None:
    """Take lots out again that nothing refers to, with their label codes."""
    _require_right(actor)
    table: Any = Lot.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in lot_ids], [table.c.id])
    lots = session.scalars(sa.select(Lot).join(wanted, wanted.c.id == Lot.id)).all()
    for lot in lots:
        session.delete(lot)
        record_change(
            session,
            actor=actor,
            action="lot.removed",
            subject_kind="lot",
            subject_id=lot.id,
            before={"item_id": lot.item_id, "number": lot.number},
        )
    session.flush()
    withdraw_codes(session, CodeKind.LOT, lot_ids)


def _require_right(actor: Actor) -> None:
    if not any(actor.may(permission) for permission in _RIGHTS):
        raise Forbidden(f"{actor.name} may not register lots.", permission=str(_RIGHTS[0]))


def _clean_number(text: str) -> str:
    return clean_text(text, what="A lot number", field="lot", longest=80)
