"""Reservations by the clock: what is promised beyond its time is let go."""

from __future__ import annotations

from app.core.clock import now
from app.domain.ledger.commands import release_expired
from app.jobs.relay import Relay

AT_ONCE = 100
DEADLINE_SECONDS = 15.0


def release_old(relay: Relay) -> None:
    """Release what has expired; what does not fit into one go waits for the next minute."""
    relay.database.unit_of_work(
        lambda session: release_expired(session, at=now(), limit=AT_ONCE),
        deadline_seconds=DEADLINE_SECONDS,
    )
