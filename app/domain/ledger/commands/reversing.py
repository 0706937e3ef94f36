"""Reversal: the mirror of a movement, once. Corrections are new entries, never edits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.errors import NotFound
from app.core.rights import Actor
from app.domain.ledger.commands.details import Details, Posted, post_one
from app.domain.ledger.commands.drafting import NO_DETAILS, draft_of
from app.domain.ledger.drafts import LineDraft
from app.domain.ledger.errors import AlreadyReversed, EmptyMovement, NotReversible
from app.domain.ledger.models import Movement, Posting, Verb

# Own acts can be undone this long with the small right; after that it needs ledger.reverse.
UNDO_WINDOW = timedelta(minutes=30)


def reverse(
    session: Session,
    *,
    actor: Actor,
    movement_id: int,
    reason: str,
    details: Details = NO_DETAILS,
) -> Posted:
    """Book the mirror of a movement.

    Refused when it was reversed before, when it is a reversal itself, or when a later movement
    of one of its units builds on it. The own act may be undone for 30 minutes with the right
    `ledger.undo`; everything else needs `ledger.reverse`.
    """
    original = session.get(Movement, movement_id)
    if original is None:
        raise NotFound("There is no such movement.", id=movement_id)
    if original.verb == Verb.REVERSE:
        raise NotReversible("A reversal is not reversed. Do the act again instead.")
    if not reason.strip():
        raise EmptyMovement("A reversal needs a reason.", field="reason")
    _require_first(session, original)
    draft = draft_of(
        Verb.REVERSE,
        original.site_id,
        _mirror(session, original),
        replace(details, reason=reason),
        partner_id=original.partner_id,
    )
    draft = replace(draft, reverses_id=original.id, reverses_own_act=_is_own(actor, original))
    return post_one(session, draft, actor=actor)


def _require_first(session: Session, original: Movement) -> None:
    """Say who reversed it already, before the locks; under them the ledger asks again."""
    done = session.scalar(sa.select(Movement).where(Movement.reverses_id == original.id))
    if done is not None:
        raise AlreadyReversed("This movement has been reversed already.", movement=str(done.uid))


def _is_own(actor: Actor, original: Movement) -> bool:
    return original.actor_id == actor.user_id and now() - original.posted_at <= UNDO_WINDOW


def _mirror(session: Session, original: Movement) -> Sequence[LineDraft]:
    """The original's lines with from and to changed over, and what each unit goes back to."""
    earlier, undoing = aliased(Movement), aliased(Movement)
    earlier_posting = aliased(Posting)
    # What is the unit's last movement once this one is gone: the latest before it that stands.
    restored = (
        sa.select(sa.func.max(earlier_posting.movement_id))
        .join(earlier, earlier.id == earlier_posting.movement_id)
        .where(
            earlier_posting.unit_id == Posting.unit_id,
            earlier_posting.movement_id < original.id,
            earlier.verb != Verb.REVERSE,
            ~sa.exists().where(undoing.reverses_id == earlier.id),
        )
        .scalar_subquery()
    )
    rows: Any = session.execute(
        sa.select(Posting, restored.label("restored"))
        .where(Posting.movement_id == original.id)
        .order_by(Posting.line_no)
    )
    return [
        LineDraft(
            posting.item_id,
            posting.lot_id,
            to_location_id=posting.from_location_id,
            from_location_id=posting.to_location_id,
            quantity=posting.quantity,
            unit_id=posting.unit_id,
            restores_movement_id=restored_id,
        )
        for posting, restored_id in rows
    ]
