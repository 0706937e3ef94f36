"""Promises end by the clock."""

from datetime import timedelta

import time_machine

from app.core.clock import now
from app.jobs.reservations import release_old
from app.jobs.schedule import SCHEDULE
from tests.factories.promises import promise, promises, stock


def test_the_scheduler_lets_go_what_has_expired(database, relay, plant):
    stock(database, plant)
    promise(database, plant, 4, until=now() + timedelta(hours=1))
    entry = next(one for one in SCHEDULE if one.name == "reservations.release_old")

    entry.work(relay)
    assert promises(database)[0].open == 4
    with time_machine.travel(now() + timedelta(hours=2), tick=False):
        entry.work(relay)

    assert (promises(database)[0].open, entry.work) == (0, release_old)
