"""Periodic work is done once per tick, by whoever comes first."""

import threading
from datetime import timedelta

import time_machine

from app.core.clock import now
from app.jobs import schedule
from app.jobs.relay import Relay
from app.jobs.schedule import SCHEDULE, Entry


def test_each_tick_is_done_by_one_of_several_schedulers(database, relay):
    done = []
    entry = Entry("test", timedelta(seconds=30), done.append)

    with time_machine.travel(now(), tick=False) as clock:
        assert [schedule.tick(relay, entry) for _ in range(3)] == [True, False, False]
        clock.shift(timedelta(seconds=31))
        assert [schedule.tick(relay, entry) for _ in range(3)] == [True, False, False]

    assert done == [relay, relay]


def test_schedulers_at_the_same_moment_do_a_tick_once(database, relay):
    done = []
    entry = Entry("test", timedelta(seconds=30), done.append)
    barrier = threading.Barrier(4)

    def compete():
        barrier.wait()
        schedule.tick(relay, entry)

    threads = [threading.Thread(target=compete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(done) == 1


def test_work_that_fails_does_not_keep_the_rest_from_being_done(relay):
    stop = threading.Event()

    def fail(_relay: Relay) -> None:
        raise ZeroDivisionError

    entries = (
        Entry("fails", timedelta(seconds=30), fail),
        Entry("works", timedelta(seconds=30), lambda _relay: stop.set()),
    )

    schedule.run(relay, stop, entries)

    assert stop.is_set()


def test_the_sweep_comes_first_and_no_name_stands_twice():
    names = [entry.name for entry in SCHEDULE]

    assert names[0] == "outbox.sweep"
    assert len(set(names)) == len(names)
