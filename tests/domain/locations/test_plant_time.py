"""The day of a site begins and ends by its own clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.locations.rules import Position, day_bounds, local_day, rack_position


@pytest.mark.parametrize(
    "day, hours",
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 20), 24)],
)
def test_a_day_in_berlin_has_23_or_25_hours_when_the_clocks_change(day: date, hours: int):
    starts, ends = day_bounds(day, "Europe/Berlin")

    assert ends - starts == timedelta(hours=hours)


def test_the_day_in_pune_begins_half_an_hour_off():
    starts, _ = day_bounds(date(2026, 11, 20), "Asia/Kolkata")

    assert starts == datetime(2026, 11, 19, 18, 30, tzinfo=UTC)


def test_the_business_day_is_the_sites_own():
    at = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)

    assert local_day(at, "Europe/Berlin") == date(2026, 11, 20)
    assert local_day(at, "UTC") == date(2026, 11, 19)


@pytest.mark.parametrize(
    "rack, code, position",
    [
        ("FM01", "FM01A03", Position("A", "03")),
        ("FM01", "FM01-B-12", Position("B", "12")),
        ("YARD", "YARD-E3", Position("E", "3")),
        ("FM01", "FM02A03", None),
        ("2CALA", "311833", None),
        ("FM01", "FM01", None),
    ],
)
def test_level_and_bay_are_read_from_a_bins_code(rack: str, code: str, position: Position | None):
    assert rack_position(rack, code) == position
