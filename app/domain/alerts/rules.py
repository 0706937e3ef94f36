"""Who is told when. Pure: the clock is passed in."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.core.errors import Invalid
from app.domain.alerts.models import Severity

LONGEST_REASON = 500
# What people are written about; the rest they find in the list.
WRITTEN_ABOUT = frozenset({Severity.WARNING, Severity.CRITICAL})


def due_at(
    at: datetime, *, severity: str, time_zone: str, quiet: tuple[time, time] | None
) -> datetime:
    """When a letter may go: at once, or when the quiet hours end. Critical ones wait for nobody."""
    if quiet is None or severity == Severity.CRITICAL:
        return at
    zone = ZoneInfo(time_zone)
    local = at.astimezone(zone)
    if not is_within(local.time(), *quiet):
        return at
    ends = datetime.combine(local.date(), quiet[1], tzinfo=zone)
    if ends <= local:
        ends = datetime.combine(local.date() + timedelta(days=1), quiet[1], tzinfo=zone)
    return ends.astimezone(UTC)


def is_within(moment: time, starts_at: time, ends_at: time) -> bool:
    """Whether a wall time lies in a span that may cross midnight."""
    if starts_at <= ends_at:
        return starts_at <= moment < ends_at
    return moment >= starts_at or moment < ends_at


def clean_reason(text: str) -> str:
    """What was done about an alert. Raises Invalid when nobody would learn anything from it."""
    said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 3 <= len(said) <= LONGEST_REASON:
        raise Invalid(f"Say what was done, in 3 to {LONGEST_REASON} characters.", field="reason")
    return said
