"""Under load, Valkey and the worker are killed again and again; every job is done exactly once."""

import random
import time

import pytest

from app.core.database import Database
from app.core.outbox import OutboxMessage, enqueue
from app.jobs import queue, schedule
from app.jobs.relay import Relay
from tests.support.worker import WorkerProcess, effects, eventually, prepare_effects

ROUNDS = 8
JOBS_PER_ROUND = 60
BREAKS_PER_ROUND = 3


@pytest.fixture
def relay(database, valkey):
    connection = queue.connect(valkey.url)
    database.on_commit = Relay(database, connection).push
    yield Relay(database, connection)
    connection.close()


def test_no_job_is_lost_or_doubled(request, database: Database, database_url, valkey, relay):
    seed = request.config.getoption("randomly_seed")
    choose = random.Random(seed)
    prepare_effects(database)
    workers = [WorkerProcess(database_url, valkey.url) for _ in range(2)]
    for each in workers:
        each.start()

    for round_number in range(ROUNDS):
        moments = choose.sample(range(JOBS_PER_ROUND), BREAKS_PER_ROUND)
        for number in range(JOBS_PER_ROUND):
            _add(database, round_number * JOBS_PER_ROUND + number)
            if number in moments:
                _break_something(choose, valkey, workers)
        _revive(valkey, workers)
        schedule.tick(relay, schedule.SCHEDULE[0])

    wanted = ROUNDS * JOBS_PER_ROUND
    deadline = time.monotonic() + 240
    while len(effects(database)) < wanted and time.monotonic() < deadline:
        _revive(valkey, workers)
        schedule.tick(relay, schedule.SCHEDULE[0])
        time.sleep(0.5)
    for each in workers:
        each.stop()
    assert effects(database) == list(range(wanted)), f"seed {seed}"
    eventually(lambda: _all_done(database))


def _add(database: Database, number: int) -> None:
    database.unit_of_work(lambda session: enqueue(session, "test.count", {"n": number}))


def _all_done(database: Database) -> bool:
    with database.reader() as session:
        return all(message.done_at for message in session.query(OutboxMessage))


def _break_something(choose, valkey, workers):
    act = choose.choice(("kill valkey", "flush valkey", "kill a worker"))
    if act == "kill valkey":
        valkey.kill()
        time.sleep(choose.random())
        valkey.revive()
    elif act == "flush valkey":
        valkey.flush()
    else:
        choose.choice(workers).kill()


def _revive(valkey, workers):
    """What the supervisor does."""
    valkey.revive()
    for each in workers:
        each.revive()
