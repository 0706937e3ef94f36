"""Texts stay texts, numbers stay exact, times are those of the site."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.exports.models import ExportState
from app.domain.exports.rules import exact_number, excel_moment, plain_text, progress_of

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value,number",
    [
        (Decimal("4820.5"), 4820.5),
        (Decimal("0.000001"), 0.000001),
        (Decimal("798.94"), 798.94),
        (Decimal("123456789.012345"), 123456789.012345),
        (Decimal("1234567890.123456"), None),
        (Decimal(9000000000000), 9e12),
        (7, 7),
    ],
)
def test_a_number_with_more_than_15_digits_is_no_number_of_excels(value, number):
    assert exact_number(value) == number


@given(st.decimals(min_value=0, max_value=10**13, places=6))
def test_a_number_that_is_written_as_one_is_exact(value):
    number = exact_number(value)

    assert number is None or Decimal(f"{number:.15g}") == value


def test_a_moment_is_that_of_the_sites_clocks_to_the_second():
    summer = excel_moment(datetime(2026, 7, 1, 10, 0, 0, 999_000, tzinfo=UTC), BERLIN)
    winter = excel_moment(datetime(2026, 1, 1, 10, 0, tzinfo=UTC), BERLIN)

    assert summer == 46204.5
    assert winter == pytest.approx(46023 + 11 / 24)
    assert excel_moment(datetime(1899, 1, 1, tzinfo=UTC), BERLIN) is None


@given(st.text())
def test_a_text_has_nothing_that_a_workbook_cannot_hold(text):
    shown = plain_text(text)

    assert len(shown) in (len(text), len(text) + 1)
    assert not any(ord(character) < 32 and character not in "\t\n" for character in shown)
    assert not (shown.startswith("<r>") and shown.endswith("</r>"))


def progress(state, **changes):
    known = {"rows_done": 0, "rows_total": 0, "started_at": START, "waiting_since": START}
    return progress_of(state, **(known | {"at": START + timedelta(seconds=10)} | changes))


def test_progress_is_told_in_words_that_one_can_plan_by():
    waiting = progress(ExportState.WAITING, started_at=None)
    long = progress(ExportState.WAITING, started_at=None, at=START + timedelta(minutes=1))
    counting = progress(ExportState.RUNNING)
    writing = progress(ExportState.RUNNING, rows_done=250, rows_total=1000)
    packing = progress(ExportState.RUNNING, rows_done=1000, rows_total=1000)

    assert (waiting.phase, waiting.is_waiting_long) == ("Waiting for its turn", False)
    assert long.is_waiting_long
    assert counting.phase == "Counting the rows"
    assert (writing.phase, writing.rows_done, writing.seconds_left) == ("Writing the rows", 250, 30)
    assert (packing.phase, packing.rows_done) == ("Packing the file", None)
