"""A real worker on a real Valkey."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from app.core.clock import now
from tests.support.worker import effects, eventually, prepare_effects


@pytest.fixture(autouse=True)
def _effects(database, relay):
    prepare_effects(database)
    database.on_commit = relay.push


def test_the_worker_does_what_a_commit_has_queued(database, outbox, worker):
    worker.start()

    message = outbox.add(n=7)

    eventually(lambda: effects(database) == [7])
    assert outbox.get(message).done_at is not None


def test_a_queue_that_is_flushed_under_way_loses_and_doubles_nothing(
    database, outbox, relay, valkey, worker
):
    for number in range(20):
        outbox.add(n=number)
    worker.start()
    eventually(lambda: len(effects(database)) > 2)

    valkey.flush()
    done_before = len(effects(database))
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        relay.sweep()

    assert done_before < 20
    eventually(lambda: effects(database) == list(range(20)), seconds=40)


def test_a_worker_that_is_killed_takes_its_job_along_and_another_does_it(
    database, outbox, relay, worker, tmp_path
):
    sign = tmp_path / "hanging"
    worker.start()
    message = outbox.add("test.hang", n=7, file=str(sign))
    eventually(lambda: sign.exists() and sign.read_text() != "")

    worker.kill()

    eventually(lambda: not _runs(int(sign.read_text())))
    with time_machine.travel(now() + timedelta(minutes=2), tick=True):
        assert relay.sweep() == 1
    worker.start()
    eventually(lambda: outbox.get(message).done_at is not None)
    assert effects(database) == [7]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # Nobody may have reaped it yet in a container without an init.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
