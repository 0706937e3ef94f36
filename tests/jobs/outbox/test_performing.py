"""One message has one effect, whatever happens to those who work on it."""

from datetime import timedelta

import pytest

from app.core.clock import now
from app.core.errors import Busy
from app.jobs.performing import ATTEMPTS_MAX, perform_with
from app.jobs.running import JobRun, LeaseLost
from tests.support.worker import TEST_JOBS, add_effect, effects, prepare_effects


@pytest.fixture(autouse=True)
def _effects(database):
    prepare_effects(database)


def test_a_job_is_done_in_the_transaction_of_its_effect(database, outbox):
    message = outbox.add(n=7)

    perform_with(database, message.uid, TEST_JOBS)

    assert effects(database) == [7]
    row = outbox.get(message)
    assert row.done_at is not None
    assert (row.attempts, row.leased_until, row.error) == (1, None, None)


def test_a_second_run_of_a_done_message_does_nothing(database, outbox):
    message = outbox.add(n=7)

    perform_with(database, message.uid, TEST_JOBS)
    perform_with(database, message.uid, TEST_JOBS)

    assert effects(database) == [7]
    assert outbox.get(message).attempts == 1


def test_a_job_that_fails_leaves_no_effect_and_is_due_again_after_a_pause(database, outbox):
    message = outbox.add(n=7)

    def break_late(run: JobRun) -> None:
        def work(session) -> None:
            add_effect(session, 7)
            raise ZeroDivisionError("in the last line")

        run.finish(work)

    perform_with(database, message.uid, {"test.count": break_late})

    assert effects(database) == []
    row = outbox.get(message)
    assert row.error == "ZeroDivisionError: in the last line"
    assert (row.done_at, row.failed_at) == (None, None)
    assert timedelta(seconds=3) < row.leased_until - now() < timedelta(seconds=6)


def test_what_a_rule_refuses_is_not_tried_again(database, outbox):
    message = outbox.add("test.refuse", n=7)

    perform_with(database, message.uid, TEST_JOBS)

    row = outbox.get(message)
    assert row.failed_at is not None
    assert row.error == "DomainError: 7 is refused."


def test_a_busy_database_is_tried_again(database, outbox):
    message = outbox.add()

    def meet_a_crowd(_run: JobRun) -> None:
        raise Busy("Too many at once.")

    perform_with(database, message.uid, {"test.count": meet_a_crowd})

    assert outbox.get(message).failed_at is None


def test_the_last_attempt_that_fails_gives_up(database, outbox):
    message = outbox.add()
    outbox.change(message, attempts=ATTEMPTS_MAX - 1)

    perform_with(database, message.uid, {})

    assert outbox.get(message).failed_at is not None


def test_a_job_whose_every_run_was_killed_is_given_up(database, outbox):
    message = outbox.add(n=7)
    outbox.change(message, attempts=ATTEMPTS_MAX)

    perform_with(database, message.uid, TEST_JOBS)

    row = outbox.get(message)
    assert row.failed_at is not None
    assert row.error == f"It ended {ATTEMPTS_MAX} times without an answer."
    assert effects(database) == []


@pytest.mark.parametrize("part", ["step", "finish"])
def test_a_run_that_was_taken_over_has_no_effect_any_more(database, outbox, part):
    message = outbox.add(n=7)
    outbox.change(message, attempts=2)
    overtaken = JobRun(database, message.uid, attempt=1, payload={"n": 7})

    with pytest.raises(LeaseLost):
        getattr(overtaken, part)(lambda session: add_effect(session, 7))

    assert effects(database) == []
    assert outbox.get(message).done_at is None


def test_steps_of_long_work_are_kept_when_a_later_one_fails(database, outbox):
    message = outbox.add()

    def break_in_the_middle(run: JobRun) -> None:
        run.step(lambda session: add_effect(session, 1))
        raise ZeroDivisionError

    perform_with(database, message.uid, {"test.count": break_in_the_middle})

    assert effects(database) == [1]


def test_a_job_that_writes_nothing_is_done_when_it_returns(database, outbox):
    message = outbox.add()

    perform_with(database, message.uid, {"test.count": lambda _run: None})

    assert outbox.get(message).done_at is not None
