"""What every command may be told beside its subject, and how it has its drafts posted."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.ledger.drafts import Guard, Key, MovementDraft, Result
from app.domain.ledger.posting import post_batch


@dataclass(frozen=True, slots=True)
class Details:
    """When, why, on what ground and by which device; all of it optional.

    `occurred_at` is when it happened, by default now; `uncertainty_seconds` how far that may be
    off. `guard` judges the draft on the locked books. `key` makes a repeat harmless.
    """

    occurred_at: datetime | None = None
    uncertainty_seconds: float = 0.0
    device_id: int | None = None
    reference_type: str | None = None
    reference_id: str | None = None
    reason: str | None = None
    note: str | None = None
    act_id: uuid.UUID | None = None
    key: Key | None = None
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """A booked movement; both ids are None where everything was there already."""

    movement_id: int | None
    movement_uid: uuid.UUID | None
    unit_ids: tuple[int, ...] = ()
    is_replay: bool = False


def post_one(session: Session, draft: MovementDraft, *, actor: Actor) -> Posted:
    """Post one draft, or raise what refused it."""
    return posted(post_batch(session, [draft], actor=actor))[0]


def posted(results: Sequence[Result]) -> list[Posted]:
    """The bookings of a batch that must pass whole; raises the first refusal."""
    for result in results:
        if result.error is not None:
            raise result.error
    return [
        Posted(
            result.movement_id,
            result.movement_uid,
            result.unit_ids,
            is_replay=result.status == "replayed",
        )
        for result in results
    ]
