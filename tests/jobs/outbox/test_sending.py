"""From the outbox to the queue, whatever happens to the queue."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from rq import Queue
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.outbox import enqueue
from app.jobs import queue
from app.jobs.relay import Relay, lease_overdue


def waiting(sender, name="default"):
    return Queue(name, connection=sender.connection, serializer=JSONSerializer).job_ids


@pytest.fixture
def later():
    """The clock, past the grace that the sweeper leaves to the request."""
    with time_machine.travel(now() + timedelta(seconds=10), tick=True) as traveller:
        yield traveller


def test_committed_work_is_in_the_queue_at_once_and_carries_nothing_but_its_id(
    database, relay, outbox
):
    database.on_commit = relay.push

    message = outbox.add(secret="the customer's name")

    assert waiting(relay) == [str(message.uid)]
    job = Job.fetch(str(message.uid), connection=relay.connection, serializer=JSONSerializer)
    assert (job.func_name, job.args, job.kwargs) == (queue.PERFORM, [str(message.uid)], {})


def test_work_goes_into_the_queue_that_it_names(database, relay):
    database.on_commit = relay.push

    database.unit_of_work(lambda session: enqueue(session, "test.count", {}, queue="low"))

    assert len(waiting(relay, "low")) == 1
    assert waiting(relay) == []


def test_work_that_was_rolled_back_is_never_sent(database, relay, later):
    database.on_commit = relay.push

    def work(session: Session) -> None:
        enqueue(session, "test.count", {})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.unit_of_work(work)

    assert relay.sweep() == 0
    assert waiting(relay) == []


def test_a_commit_during_an_outage_succeeds_soon_and_is_sent_when_the_queue_is_back(
    database, relay, outbox, valkey, later
):
    database.on_commit = relay.push
    valkey.kill()
    started = time.perf_counter()

    message = outbox.add()

    assert time.perf_counter() - started < 2
    later.shift(timedelta(seconds=10))
    assert relay.sweep() == 0
    valkey.start()
    assert relay.sweep() == 1
    assert waiting(relay) == [str(message.uid)]


def test_whatever_goes_wrong_in_sending_the_committed_act_stands(database, outbox):
    broken = Relay(database, connection=None)
    database.on_commit = broken.push

    message = outbox.add()

    assert outbox.get(message).done_at is None


def test_what_a_flushed_queue_has_lost_is_sent_again(database, relay, outbox, valkey, later):
    database.on_commit = relay.push
    messages = [outbox.add() for _ in range(5)]
    valkey.flush()
    later.shift(timedelta(seconds=10))

    assert relay.sweep() == 5

    assert waiting(relay) == [str(message.uid) for message in messages]


def test_what_still_waits_in_the_queue_is_not_put_there_twice(database, relay, outbox, later):
    database.on_commit = relay.push
    message = outbox.add()
    later.shift(timedelta(seconds=10))

    relay.sweep()
    later.shift(timedelta(seconds=100))
    relay.sweep()

    assert waiting(relay) == [str(message.uid)]


def test_a_lease_keeps_other_sweepers_away_until_it_runs_out(relay, outbox, later):
    outbox.add()
    later.shift(timedelta(seconds=10))

    assert relay.sweep() == 1
    assert relay.sweep() == 0
    later.shift(timedelta(seconds=61))
    assert relay.sweep() == 1


def test_two_sweepers_take_different_messages(database, outbox, later):
    messages = [outbox.add() for _ in range(20)]
    later.shift(timedelta(seconds=10))

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: database.unit_of_work(lease_overdue), range(4)))

    assert sorted(uid for names in taken for uid in names) == [each.uid for each in messages]


def test_fresh_work_is_left_to_the_request_that_wrote_it(relay, outbox):
    outbox.add()

    assert relay.sweep() == 0


@pytest.mark.parametrize("mark", ["done_at", "failed_at"])
def test_what_is_done_or_given_up_is_not_sent(relay, outbox, later, mark):
    message = outbox.add()
    outbox.change(message, **{mark: now()})
    later.shift(timedelta(seconds=10))

    assert relay.sweep() == 0


def test_what_the_queue_believes_to_be_running_is_sent_again_when_its_lease_ran_out(
    database, relay, outbox, later
):
    database.on_commit = relay.push
    message = outbox.add()
    job = Job.fetch(str(message.uid), connection=relay.connection, serializer=JSONSerializer)
    job.set_status(JobStatus.STARTED)
    relay.connection.delete("rq:queue:default")
    outbox.change(message, leased_until=now(), attempts=1)
    later.shift(timedelta(seconds=10))

    assert relay.sweep() == 1

    assert waiting(relay) == [str(message.uid)]
