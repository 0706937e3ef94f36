"""Rules of places and plant time: pure, the clock is passed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.core.errors import Invalid
from app.domain.codes.rules import is_token, normalise_alias
from app.domain.locations.models import VIRTUAL_KINDS, LocationKind

LONGEST_CODE = 40
STAGING_SUFFIX = "-IN"
# The plant's three shifts (ledger, "Whose, where, when"); the second crosses midnight.
DEFAULT_SHIFTS = (
    ("I", time(9), time(17)),
    ("II", time(17), time(2)),
    ("III", time(2), time(9)),
)
_POSITION = re.compile(r"[-. ]?([A-Z])[-. ]?([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a bin is in its rack's grid: the level's letter and the bay's number as printed."""

    level: str
    bay: str


def clean_code(text: str, *, longest: int = LONGEST_CODE) -> str:
    """The code of a place as it is stored and compared. Raises Invalid."""
    code = normalise_alias(text)
    if not code or len(code) > longest:
        raise Invalid(f"A code has 1 to {longest} characters.", field="code", longest=longest)
    if code.startswith("@") or is_token(code):
        raise Invalid(f"“{code}” is kept for the system's own codes.", field="code")
    return code


def clean_name(text: str | None, *, default: str, longest: int = 120) -> str:
    """A name without stray spaces; the code where nobody gave one. Raises Invalid."""
    name = " ".join((text or default).split())
    if not name or len(name) > longest:
        raise Invalid(f"A name has 1 to {longest} characters.", field="name", longest=longest)
    return name


def clean_time_zone(name: str) -> str:
    """An IANA time zone. Raises Invalid."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid(
            f"“{name[:60]}” is not a time zone like Europe/Berlin.", field="time_zone"
        ) from None
    return name


def virtual_code(kind: LocationKind) -> str:
    """The code of a site's virtual location; no label or typed code can be equal to it."""
    assert kind in VIRTUAL_KINDS
    return f"@{kind}"


def rack_position(rack_code: str, code: str) -> Position | None:
    """Level and bay of a bin like FM01A03 in rack FM01; None where the code does not say."""
    if not code.startswith(rack_code):
        return None
    found = _POSITION.fullmatch(code[len(rack_code) :])
    return Position(found.group(1), found.group(2)) if found else None


def local_day(at: datetime, time_zone: str) -> date:
    """The business day of a moment: the calendar day in site time."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def day_bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """First moment of a day in site time and of the next one: 23 or 25 hours at a DST change."""
    zone = ZoneInfo(time_zone)
    starts, ends = (
        datetime.combine(at, time.min, tzinfo=zone).astimezone(UTC)
        for at in (day, day + timedelta(days=1))
    )
    return starts, ends
