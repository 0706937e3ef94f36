"""Pure rules of late and contradictory scans: when it was, who wins, who might do it.

The last physical sighting wins for *where* a unit is, never for *how much* there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.core.errors import DomainError
from app.domain.ledger.drafts import MovementDraft, Place, UnitBook
from app.domain.ledger.models import Verb
from app.domain.units.models import ON_SITE_STATES, UnitState

# Clocks that differ by less are taken as right.
CLOCK_TOLERANCE_MS = 60_000
CLOSEST_SIGHTINGS_SECONDS = 30.0
# A device whose clock was never compared with ours may be off by anything.
UNLIMITED_SECONDS = 1e9


class Superseded(DomainError):
    """The unit has been seen elsewhere since."""

    code = "superseded"


class NeedsReview(DomainError):
    """It contradicts the ledger in a way that a person must settle."""

    code = "review"


class AlreadyDone(DomainError):
    """The act was done before; there is nothing left to book."""

    code = "already_done"


@dataclass(frozen=True, slots=True)
class Estimate:
    """When something happened, and how far that may be off."""

    occurred_at: datetime
    uncertainty_seconds: float


def estimate_time(
    *,
    client_time: datetime,
    offset_at_capture_ms: float | None,
    offset_at_delivery_ms: float,
    received_at: datetime,
    previous_at: datetime | None,
) -> Estimate:
    """The true time of an event (offline.md §2, "Time").

    Offsets are device clock minus server clock. A clock that was set between capture and
    delivery makes the time uncertain by the difference. Never after the delivery, nor before
    the same device's previous event.
    """
    if offset_at_capture_ms is None:
        offset_ms, uncertainty = offset_at_delivery_ms, UNLIMITED_SECONDS
    else:
        drift_ms = abs(offset_at_delivery_ms - offset_at_capture_ms)
        offset_ms = offset_at_capture_ms
        uncertainty = drift_ms / 1000 if drift_ms > CLOCK_TOLERANCE_MS else 0.0
    try:
        occurred_at = client_time - timedelta(milliseconds=offset_ms)
    except OverflowError:
        occurred_at, uncertainty = received_at, UNLIMITED_SECONDS
    if previous_at is not None:
        occurred_at = max(occurred_at, previous_at)
    return Estimate(min(occurred_at, received_at), min(uncertainty, UNLIMITED_SECONDS))


def judge(draft: MovementDraft, unit: UnitBook, place: Place) -> None:
    """Weigh a scan against what the ledger and other devices say of the unit.

    Returns when the scan may be booked; raises Superseded, NeedsReview or AlreadyDone.
    """
    if draft.verb is Verb.DISPATCH:
        _judge_dispatch(draft, unit)
    elif unit.state not in ON_SITE_STATES:
        _judge_departed(draft, unit)
    elif place.id != unit.location_id:
        _judge_sighting(draft, unit)


def _judge_sighting(draft: MovementDraft, unit: UnitBook) -> None:
    """Another device saw the unit: the later sighting wins, unless clocks cannot tell."""
    if unit.last_seen_at is None or draft.device_id == unit.last_seen_device_id:
        return
    gap = (draft.occurred_at - unit.last_seen_at).total_seconds()
    margin = max(CLOSEST_SIGHTINGS_SECONDS, _doubt(draft, unit))
    if abs(gap) < margin:
        raise NeedsReview(
            "Two people scanned this unit in different places at nearly the same time. "
            "A supervisor will settle where it is.",
            seconds_apart=round(abs(gap)),
        )
    if gap < 0:
        raise Superseded("This unit has been scanned somewhere else since. The later scan counts.")


def _judge_departed(draft: MovementDraft, unit: UnitBook) -> None:
    """The books say that the unit has left; a scan from before that is history.

    Only where the clocks leave no doubt about it: the unit may have come back.
    """
    since = unit.state_since
    if since is not None and (draft.occurred_at - since).total_seconds() < -_doubt(draft, unit):
        raise Superseded(f"This unit was {_words(unit.state)} after this scan.")
    raise NeedsReview(
        f"The books say that this unit is {_words(unit.state)}. A supervisor will settle it.",
        state=unit.state,
    )


def _judge_dispatch(draft: MovementDraft, unit: UnitBook) -> None:
    if unit.state == UnitState.DISPATCHED and unit.partner_id == draft.partner_id:
        raise AlreadyDone("This unit was dispatched to this customer already.")
    if unit.state not in ON_SITE_STATES:
        raise NeedsReview(
            f"The books say that this unit is {_words(unit.state)}. A supervisor will settle it.",
            state=unit.state,
        )
    if unit.last_seen_at is None or draft.device_id == unit.last_seen_device_id:
        return
    if (draft.occurred_at - unit.last_seen_at).total_seconds() < _doubt(draft, unit):
        raise NeedsReview(
            "This unit was seen on the site after this scan. A supervisor will settle it."
        )


def _doubt(draft: MovementDraft, unit: UnitBook) -> float:
    return draft.uncertainty_seconds + unit.last_seen_uncertainty_seconds


def _words(state: str) -> str:
    return state.replace("_", " ")


def might_then(rights: Mapping[str, Any], verb: Verb, department_codes: frozenset[str]) -> bool:
    """Whether a submit grant's signed rights allowed the verb in all these departments."""
    allowed = rights.get(verb, [])
    return allowed == "*" or department_codes <= frozenset(allowed)
