"""Rules of exports: what a cell may hold, how far a run is, how long a file is kept. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.domain.exports.models import ExportKind, ExportState

# Rows of an Excel sheet, its heading included (Excel specifications and limits).
SHEET_ROWS_MAX = 1_048_576
# Excel keeps numbers as binary doubles: more digits than these would be changed without a word.
EXACT_DIGITS = 15
KEPT_FOR = timedelta(days=14)
# After this long without a worker a person wants to know that nobody is working on it.
PATIENCE = timedelta(seconds=15)
WORKING = frozenset({ExportState.WAITING, ExportState.RUNNING})

_FIRST_YEAR = 1901  # Excel takes 1900 for a leap year
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a serial number has no zone
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Progress:
    """`rows_done` is None while nobody can say; `seconds_left` is None until it can be guessed."""

    phase: str
    rows_done: int | None = None
    rows_total: int = 0
    seconds_left: int | None = None
    is_waiting_long: bool = False


def plain_text(text: str) -> str:
    """A text as a cell shows it: controls become spaces, everything else stays as it is."""
    shown = _UNPRINTABLE.sub(" ", text)
    # XlsxWriter takes what is framed so for markup of its own and writes it unescaped.
    return f"{shown} " if shown.startswith("<r>") and shown.endswith("</r>") else shown


def exact_number(value: Decimal | int) -> float | int | None:
    """The number for a cell, or None where a double could not hold all of its digits."""
    digits = Decimal(value).normalize().as_tuple().digits
    if len(digits) > EXACT_DIGITS:
        return None
    return value if isinstance(value, int) else float(value)


def excel_moment(at: datetime, zone: ZoneInfo) -> float | None:
    """The serial number of a moment's second in a zone; None before Excel's calendar begins."""
    local = at.astimezone(zone).replace(tzinfo=None, microsecond=0)
    if local.year < _FIRST_YEAR:
        return None
    passed = local - _EXCEL_ZERO
    return passed.days + passed.seconds / 86_400


def request_key(
    kind: ExportKind, *, site_id: int, departments: Collection[int] | None, user_id: int
) -> str:
    """The same for the same request by the same person."""
    among = None if departments is None else sorted(departments)
    return hashlib.sha256(json.dumps([kind, site_id, among, user_id]).encode()).hexdigest()


def progress_of(
    state: ExportState,
    *,
    rows_done: int,
    rows_total: int,
    started_at: datetime | None,
    waiting_since: datetime,
    at: datetime,
) -> Progress:
    """What the page of a run under way says."""
    if state == ExportState.WAITING or started_at is None:
        return Progress("Waiting for its turn", is_waiting_long=at - waiting_since > PATIENCE)
    if rows_total and rows_done >= rows_total:
        return Progress("Packing the file", rows_total=rows_total)
    if not rows_done:
        return Progress("Counting the rows", rows_total=rows_total)
    passed = (at - started_at).total_seconds()
    left = round(passed / rows_done * (rows_total - rows_done)) if passed >= 2 else None
    return Progress("Writing the rows", rows_done, rows_total, left)
