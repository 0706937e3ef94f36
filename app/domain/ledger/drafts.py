"""What callers hand to the ledger and what they get back: values only, no session."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from app.core.errors import DomainError
from app.core.ids import new_uid
from app.core.types import plain
from app.domain.ledger.models import Verb


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: who chose it, the key, and the hash of what was asked with it."""

    scope: str
    key: str
    hash: str

    @classmethod
    def of(cls, scope: str, key: str, payload: Any) -> Key:
        """The key for a payload, hashed in canonical form (sorted JSON)."""
        canonical = json.dumps(payload, sort_keys=True, separators=(",", ":"), default=str)
        return cls(scope, key, hashlib.sha256(canonical.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that the movement brings into the books."""

    quantity: Decimal
    properties: dict[str, Any] = field(default_factory=dict)
    uid: uuid.UUID = field(default_factory=new_uid)


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line. A unit line may leave out `from_location_id`: the unit moves from where it is.

    `quantity` may be left out for a unit: it moves whole. `restores_movement_id` and
    `restores_department_id` are set by a reversal: the movement that is the unit's last one again
    afterwards, and whose it was then. So is `reserved_delta`, the mirror of the original's.
    """

    item_id: int
    lot_id: int
    to_location_id: int
    from_location_id: int | None = None
    quantity: Decimal | None = None
    unit_id: int | None = None
    new_unit: NewUnit | None = None
    unit_cost: Decimal | None = None
    reservation_id: int | None = None
    reserved_delta: Decimal = Decimal(0)
    restores_movement_id: int | None = None
    restores_department_id: int | None = None


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One line as it was entered. A unit says its item and lot itself, and moves whole unless a
    quantity is given."""

    item_id: int | None = None
    lot_id: int = 0
    unit_id: int | None = None
    quantity: Decimal | None = None
    from_location_id: int | None = None
    to_location_id: int | None = None
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class UnitBook:
    """What the books say of a unit at one point of a batch.

    `last_draft` is the index of the draft of this batch that moved it last.
    """

    id: int
    uid: uuid.UUID
    site_id: int
    item_id: int
    lot_id: int
    department_id: int
    location_id: int
    state: str
    quantity: Decimal
    partner_id: int | None = None
    reservation_id: int | None = None
    state_since: datetime | None = None
    last_movement_id: int | None = None
    last_draft: int | None = None
    last_seen_at: datetime | None = None
    last_seen_uncertainty_seconds: float = 0.0
    last_seen_location_id: int | None = None
    last_seen_device_id: int | None = None


@dataclass(frozen=True, slots=True)
class SiteStock:
    """What a site has of an item and lot, and how much of it is promised."""

    on_hand: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        """What is promised to nobody."""
        return plain(self.on_hand - self.reserved)


@dataclass(frozen=True, slots=True)
class ReservationBook:
    """What the books say of a reservation at one point of a batch."""

    id: int
    site_id: int
    item_id: int
    lot_id: int
    unit_id: int | None
    reference_type: str
    reference_id: str
    open: Decimal
    expires_at: datetime | None

    @property
    def words(self) -> str:
        """To whom it is promised."""
        return f"{self.reference_type.replace('_', ' ')} {self.reference_id}"


@dataclass(frozen=True, slots=True)
class Place:
    """What a movement must know of a location."""

    id: int
    code: str
    site_id: int
    department_id: int | None
    kind: str
    is_virtual: bool
    may_go_negative: bool
    blocked_reason: str | None
    hold_reason: str | None
    time_zone: str


@dataclass(frozen=True, slots=True)
class LotBook:
    """What a movement must know of a lot."""

    id: int
    item_id: int | None
    number: str
    status: str
    expires_on: date | None


# Judges a draft on the locked books of its units; refuses it by raising a DomainError.
Guard = Callable[["MovementDraft", Sequence[UnitBook], Sequence[Place]], None]


@dataclass(frozen=True, slots=True)
class MovementDraft:
    """One movement that somebody wants booked.

    Drafts with the same `linked` are booked together or not at all. `uncertainty_seconds` is how
    far `occurred_at` may be off; a late scan is weighed by it.
    """

    verb: Verb
    site_id: int
    lines: tuple[LineDraft, ...]
    occurred_at: datetime
    key: Key | None = None
    partner_id: int | None = None
    device_id: int | None = None
    reference_type: str | None = None
    reference_id: str | None = None
    reason: str | None = None
    note: str | None = None
    reverses_id: int | None = None
    reverses_own_act: bool = False
    act_id: uuid.UUID | None = None
    linked: str | None = None
    reserve_until: datetime | None = None
    uncertainty_seconds: float = 0.0
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a draft, at the same index.

    posted: booked now. replayed: booked or refused before under the same key, answered again.
    unchanged: everything was there already; only seen. refused: `error` says why.
    """

    status: Literal["posted", "replayed", "unchanged", "refused"]
    movement_id: int | None = None
    movement_uid: uuid.UUID | None = None
    unit_ids: tuple[int, ...] = ()
    error: DomainError | None = None
