"""Putting and lifting holds. Each locks its subject, so that no booking overlooks a hold."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.core.ids import new_uid
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows
from app.domain.audit.commands import record_change
from app.domain.catalog.models import Item
from app.domain.holds.models import Hold, HoldScope
from app.domain.holds.queries import hold_by_uid
from app.domain.holds.rules import LONGEST_REASON, clean_reason
from app.domain.locations.models import Location
from app.domain.lots.models import NO_LOT, Lot
from app.domain.units.models import Unit

_MODELS: dict[HoldScope, Any] = {
    HoldScope.ITEM: Item,
    HoldScope.LOT: Lot,
    HoldScope.UNIT: Unit,
    HoldScope.LOCATION: Location,
}


class HoldLifted(DomainError):
    """The hold was lifted before."""

    code = "hold_lifted"


def put_hold(
    session: Session,
    *,
    actor: Actor,
    scope: HoldScope,
    subject_id: int,
    reason: str,
    uid: uuid.UUID,
    until: datetime | None = None,
) -> Hold:
    """Stop an item, a lot, a unit or a place. The same uid again is the same hold."""
    subject = _locked(session, scope, subject_id)
    _require(actor, scope, subject)
    return _put(session, actor, scope, subject_id, reason=reason, uid=uid, until=until)


def hold_returned(session: Session, *, actor: Actor, unit_ids: Sequence[int], reason: str) -> None:
    """What a customer sent back waits for the word of quality, whoever booked its return."""
    for unit_id in unit_ids:
        why = f"Returned: {reason}"[:LONGEST_REASON]
        _put(session, actor, HoldScope.UNIT, unit_id, reason=why, uid=new_uid())


def _put(
    session: Session,
    actor: Actor,
    scope: HoldScope,
    subject_id: int,
    *,
    reason: str,
    uid: uuid.UUID,
    until: datetime | None = None,
) -> Hold:
    why = clean_reason(reason, what="The reason of a hold")
    if until is not None and until <= now():
        raise Invalid("A hold ends in the future, or when somebody lifts it.", field="until")
    table: Any = Hold.__table__
    row = {
        "uid": uid,
        "scope": scope,
        "subject_id": subject_id,
        "reason": why,
        "put_at": now(),
        "put_by_id": actor.user_id,
        "until": until,
    }
    made = insert_rows(
        session, table, [row], names=list(row), ignore_conflicts=True, returning=["id"]
    )
    hold = hold_by_uid(session, uid=uid)
    if (hold.scope, hold.subject_id) != (scope, subject_id):
        raise Invalid("This hold is on something else already. Open the page again.", field="uid")
    if made:
        record_change(
            session,
            actor=actor,
            action="hold.put",
            subject_kind=scope,
            subject_id=subject_id,
            after={"hold": str(uid), "reason": why, "until": until and until.isoformat()},
        )
    return hold


def lift_hold(session: Session, *, actor: Actor, uid: uuid.UUID, reason: str) -> Hold:
    """Let go what a hold stopped. Raises HoldLifted where somebody was faster."""
    scope = HoldScope(hold_by_uid(session, uid=uid).scope)
    hold = session.scalars(
        sa.select(Hold)
        .where(Hold.uid == uid)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    _require(actor, scope, session.get_one(_MODELS[scope], hold.subject_id))
    if hold.lifted_at is not None:
        raise HoldLifted("This hold has been lifted already.", lifted_at=hold.lifted_at.isoformat())
    hold.lift_reason = clean_reason(reason, what="The reason for lifting a hold")
    hold.lifted_at, hold.lifted_by_id = now(), actor.user_id
    record_change(
        session,
        actor=actor,
        action="hold.lifted",
        subject_kind=scope,
        subject_id=hold.subject_id,
        after={"hold": str(uid), "reason": hold.lift_reason},
    )
    return hold


def _locked(session: Session, scope: HoldScope, subject_id: int) -> Any:
    model = _MODELS[scope]
    found = session.scalars(
        sa.select(model).where(model.id == subject_id).with_for_update(key_share=True)
    ).first()
    is_virtual = scope is HoldScope.LOCATION and found is not None and found.is_virtual
    if found is None or is_virtual or (scope is HoldScope.LOT and subject_id == NO_LOT):
        raise NotFound(f"There is no such {scope}.", field="subject")
    return found


def _require(actor: Actor, scope: HoldScope, subject: Any) -> None:
    """Units and places are held by people of their department; items and lots lie in many."""
    if scope in (HoldScope.UNIT, HoldScope.LOCATION):
        require(
            actor,
            Permission.HOLDS_MANAGE,
            site_id=subject.site_id,
            department_id=subject.department_id,
        )
    else:
        require(actor, Permission.HOLDS_MANAGE)
