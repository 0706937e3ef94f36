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
from app.core.rows import rows_from
from app.domain.ledger.commands.details import Details, Posted, posted
from app.domain.ledger.commands.drafting import NO_DETAILS, draft_of
from app.domain.ledger.drafts import LineDraft, MovementDraft
from app.domain.ledger.errors import AlreadyReversed, EmptyMovement, NotReversible
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.ledger.posting import post_batch
from app.domain.locations.models import Location

# Own acts can be undone this long with the small right; after that it needs ledger.reverse.
UNDO_WINDOW = timedelta(minutes=30)


def reverse(
    session: Session,
    *,
    actor: Actor,
    movement_id: int,
    reason: str,
    location_id: int | None = None,
    details: Details = NO_DETAILS,
) -> Posted:
    """Book the mirror of a movement.

    `location_id` is where its units are now, if not where they came from: they are put there by
    a second movement, and neither is booked without the other.

    Refused when it was reversed before, when it is a reversal itself, or when a later movement
    of one of its units builds on it. The own act may be undone for 30 minutes with the right
    `ledger.undo`; everything else needs `ledger.reverse`.
    """
    (draft,) = _drafts(session, actor, [movement_id], replace(details, reason=reason))
    if location_id is not None:
        return _reverse_to(session, actor=actor, draft=draft, location_id=location_id)
    return posted(post_batch(session, [draft], actor=actor))[0]


def reverse_many(
    session: Session,
    *,
    actor: Actor,
    movement_ids: Sequence[int],
    reason: str,
    details: Details = NO_DETAILS,
) -> list[Posted]:
    """Book the mirrors of several movements in this order, all of them or none.

    No two of them may move the same unit: what a reversal of this batch gave back is not there
    for the next one.
    """
    drafts = _drafts(session, actor, movement_ids, replace(details, reason=reason))
    return posted(post_batch(session, drafts, actor=actor))


def _drafts(
    session: Session, actor: Actor, movement_ids: Sequence[int], details: Details
) -> list[MovementDraft]:
    if not (details.reason or "").strip():
        raise EmptyMovement("A reversal needs a reason.", field="reason")
    originals = _originals(session, movement_ids)
    lines = _mirrors(session, movement_ids)
    drafts = []
    for id_ in movement_ids:
        original = originals[id_]
        draft = draft_of(
            Verb.REVERSE,
            original.site_id,
            lines.get(id_, []),
            details,
            partner_id=original.partner_id,
        )
        drafts.append(replace(draft, reverses_id=id_, reverses_own_act=_is_own(actor, original)))
    return drafts


def _reverse_to(
    session: Session, *, actor: Actor, draft: MovementDraft, location_id: int
) -> Posted:
    """Book a mirror, and that its units are in this place now; neither without the other."""
    placed = [
        LineDraft(line.item_id, line.lot_id, location_id, unit_id=line.unit_id)
        for line in draft.lines
        if line.unit_id is not None
    ]
    found = replace(
        draft,
        verb=Verb.PUTAWAY,
        lines=tuple(placed),
        partner_id=None,
        key=None,
        reverses_id=None,
        reverses_own_act=False,
    )
    both = [replace(one, linked=f"reverse:{draft.reverses_id}") for one in (draft, found)]
    return posted(post_batch(session, both if placed else [draft], actor=actor))[0]


def _originals(session: Session, movement_ids: Sequence[int]) -> dict[int, Movement]:
    """The movements, if none of them is a reversal or was reversed before.

    Who reversed one already is said before the locks; under them the ledger asks again.
    """
    table: Any = Movement.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in movement_ids], [table.c.id])
    found = session.scalars(sa.select(Movement).join(wanted, wanted.c.id == Movement.id))
    originals = {movement.id: movement for movement in found}
    for id_ in movement_ids:
        if id_ not in originals:
            raise NotFound("There is no such movement.", id=id_)
        if originals[id_].verb == Verb.REVERSE:
            raise NotReversible("A reversal is not reversed. Do the act again instead.")
    done = session.scalars(
        sa.select(Movement).join(wanted, wanted.c.id == Movement.reverses_id).limit(1)
    ).first()
    if done is not None:
        raise AlreadyReversed("This movement has been reversed already.", movement=str(done.uid))
    return originals


def _is_own(actor: Actor, original: Movement) -> bool:
    return original.actor_id == actor.user_id and now() - original.posted_at <= UNDO_WINDOW


def _mirrors(session: Session, movement_ids: Sequence[int]) -> dict[int, list[LineDraft]]:
    """The originals' lines with from and to changed over, and what each unit goes back to."""
    earlier, undoing = aliased(Movement), aliased(Movement)
    earlier_posting = aliased(Posting)
    # What is the unit's last movement once this one is gone: the latest before it that stands.
    restored = (
        sa.select(sa.func.max(earlier_posting.movement_id))
        .join(earlier, earlier.id == earlier_posting.movement_id)
        .where(
            earlier_posting.unit_id == Posting.unit_id,
            earlier_posting.movement_id < Posting.movement_id,
            earlier.verb != Verb.REVERSE,
            ~sa.exists().where(undoing.reverses_id == earlier.id),
        )
        .scalar_subquery()
    )
    # Whose the unit was then: outside the site, the place does not say.
    owner = (
        sa.select(Location.department_id)
        .join(earlier_posting, earlier_posting.from_location_id == Location.id)
        .where(earlier_posting.unit_id == Posting.unit_id, earlier_posting.movement_id == restored)
        .limit(1)
        .scalar_subquery()
    )
    table: Any = Posting.__table__
    rows = [{"movement_id": id_} for id_ in movement_ids]
    wanted = rows_from(session, rows, [table.c.movement_id])
    found: Any = session.execute(
        sa.select(*table.c, restored.label("restored"), owner.label("owner"))
        .join(wanted, wanted.c.movement_id == table.c.movement_id)
        .order_by(table.c.movement_id, table.c.line_no)
    )
    mirrors: dict[int, list[LineDraft]] = {}
    for row in found:
        line = LineDraft(
            row.item_id,
            row.lot_id,
            to_location_id=row.from_location_id,
            from_location_id=row.to_location_id,
            quantity=row.quantity,
            unit_id=row.unit_id,
            reservation_id=row.reservation_id,
            reserved_delta=-row.reserved_delta,
            restores_movement_id=row.restored,
            restores_department_id=row.owner,
        )
        mirrors.setdefault(row.movement_id, []).append(line)
    return mirrors
