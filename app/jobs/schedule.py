"""The one list of periodic work, and the loop that does it.

Any number of schedulers may run; each tick of an entry is done by one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from app.core import periodic
from app.core.clock import now
from app.core.database import Database
from app.jobs import exports, reconciliation, reservations
from app.jobs.relay import Relay

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """Work that is done every so often, counted from its last start."""

    name: str
    every: timedelta
    work: Callable[[Relay], object]


SCHEDULE = (
    Entry("outbox.sweep", timedelta(seconds=5), Relay.sweep),
    Entry("reconciliation.seal", timedelta(minutes=3), reconciliation.seal),
    Entry("reconciliation.touched", timedelta(minutes=5), reconciliation.check_continuously),
    Entry("reconciliation.daily", timedelta(minutes=1), reconciliation.start_daily),
    Entry("reconciliation.weekly", timedelta(days=7), reconciliation.start_weekly),
    Entry("reconciliation.checkpoint", timedelta(days=30), reconciliation.keep_checkpoint),
    Entry("reservations.release_old", timedelta(minutes=1), reservations.release_old),
    Entry("exports.remove_old", timedelta(hours=1), exports.remove_old),
)


def run(relay: Relay, stop: threading.Event, entries: tuple[Entry, ...] = SCHEDULE) -> None:
    """Do what is due until asked to stop. An entry that fails is logged and due again later."""
    while not stop.is_set():
        for entry in entries:
            try:
                tick(relay, entry)
            except Exception:
                log.exception("periodic work failed", entry=entry.name)
        stop.wait(LOOK_EVERY_SECONDS)


def tick(relay: Relay, entry: Entry) -> bool:
    """Do the entry if it is due and nobody else took it. Returns whether it was done here."""
    if not _take(relay.database, entry):
        return False
    entry.work(relay)
    return True


def _take(database: Database, entry: Entry) -> bool:
    moment = now()
    with database.reader() as session:
        if not periodic.is_due(session, name=entry.name, moment=moment):
            return False
    try:
        return database.unit_of_work(
            lambda session: periodic.claim(
                session, name=entry.name, moment=moment, every=entry.every
            )
        )
    except IntegrityError:
        return False
