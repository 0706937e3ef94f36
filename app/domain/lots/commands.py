"""Registering lots. Each gets its label code at birth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Forbidden
from app.core.ids import new_uid
from app.core.rights import Actor, Permission
from app.core.rows import insert_rows
from app.domain.audit.commands import record_change
from app.domain.catalog.rules import clean_text
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind
from app.domain.lots.models import NO_LOT, Lot, LotStatus
from app.domain.lots.queries import lots_by_number

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
    if not any(actor.may(permission) for permission in _RIGHTS):
        raise Forbidden(f"{actor.name} may not register lots.", permission=str(_RIGHTS[0]))
    table: Any = Lot.__table__
    rows = [
        {
            "uid": new_uid(),
            "item_id": item_id,
            "number": number,
            "status": LotStatus.APPROVED,
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


def _clean_number(text: str) -> str:
    return clean_text(text, what="A lot number", field="lot", longest=80)
