"""Rules of holds: pure."""

from __future__ import annotations

from datetime import datetime

from app.core.errors import Invalid

LONGEST_REASON = 500


def clean_reason(text: str, *, what: str) -> str:
    """A reason in one line. Raises Invalid when nobody would learn anything from it."""
    reason = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(f"{what} has 1 to {LONGEST_REASON} characters.", field="reason")
    return reason


def is_in_force(at: datetime, *, until: datetime | None, lifted_at: datetime | None) -> bool:
    """Whether a hold stops anything at that moment."""
    return lifted_at is None and (until is None or at < until)
