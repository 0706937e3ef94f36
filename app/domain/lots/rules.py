"""Rules of lots: pure."""

from __future__ import annotations

from datetime import date

from app.domain.catalog.rules import clean_text
from app.domain.lots.models import LotStatus


def clean_reason(text: str) -> str:
    """Why quality decided so. Raises Invalid when nobody would learn anything from it."""
    return clean_text(text, what="A reason", field="reason", longest=500)


def status_at_birth(*, is_qc_required: bool) -> LotStatus:
    """What a new lot is: released, unless its item waits for the word of quality."""
    return LotStatus.QUARANTINE if is_qc_required else LotStatus.APPROVED


def is_expired(expires_on: date | None, *, today: date) -> bool:
    """Whether a lot may not be used any more; its last day is a good day."""
    return expires_on is not None and today > expires_on
