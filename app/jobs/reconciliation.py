"""Sealing the ledger by the clock."""

from __future__ import annotations

from app.domain.reconciliation.commands import seal_ledger, watch_unsealed
from app.jobs.relay import Relay

# So many seals at a time: the scheduler has other work, and comes back soon.
SEALS_AT_ONCE = 20
DEADLINE_SECONDS = 15.0


def seal(relay: Relay) -> None:
    """Seal what was committed, and say so when something waits for too long."""
    for _ in range(SEALS_AT_ONCE):
        if relay.database.unit_of_work(seal_ledger, deadline_seconds=DEADLINE_SECONDS) is None:
            break
    relay.database.unit_of_work(watch_unsealed)
