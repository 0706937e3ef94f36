"""A run under way says how far it is, how long it will take, and when nobody works on it."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.imports.models import RunState
from app.domain.imports.rules.progress import progress_of

NOW = datetime(2026, 11, 20, 14, 2, tzinfo=UTC)


def tell(state, *, done=0, total=12_000, started=10.0, waiting=0.0):
    return progress_of(
        state,
        rows_done=done,
        rows_total=total,
        started_at=NOW - timedelta(seconds=started),
        waiting_since=NOW - timedelta(seconds=waiting),
        at=NOW,
    )


def test_time_left_follows_from_the_rows_done():
    progress = tell(RunState.PREVIEWING, done=3_000)

    assert (progress.rows_done, progress.rows_total, progress.seconds_left) == (3_000, 12_000, 30)


def test_no_time_is_promised_in_the_first_moments():
    assert tell(RunState.PREVIEWING, done=200, started=1.0).seconds_left is None


@pytest.mark.parametrize("done", [0, 12_000])
def test_nobody_can_say_how_far_a_booking_is(done):
    progress = tell(RunState.APPLYING, done=done)

    assert (progress.phase, progress.rows_done) == ("Booking all rows as one", None)


@pytest.mark.parametrize("waiting, is_long", [(14, False), (16, True)])
def test_a_file_that_nobody_takes_up_says_so(waiting, is_long):
    assert tell(RunState.STAGED, waiting=waiting).is_waiting_long is is_long
