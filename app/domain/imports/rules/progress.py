"""How far an import is, in words that a person can plan by. Pure: the clock is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.imports.models import RunState

# After this long without a worker a person wants to know that nobody is working on it.
PATIENCE = timedelta(seconds=15)
WORKING = frozenset({RunState.STAGED, RunState.PREVIEWING, RunState.APPLYING, RunState.UNDOING})
# One transaction each, behind which others may have to wait.
_AS_ONE = {
    RunState.APPLYING: "Booking all rows as one",
    RunState.UNDOING: "Taking all rows back as one",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """`rows_done` is None while nobody can say; `seconds_left` is None until it can be guessed."""

    phase: str
    rows_done: int | None = None
    rows_total: int = 0
    seconds_left: int | None = None
    is_waiting_long: bool = False


def progress_of(
    state: RunState,
    *,
    rows_done: int,
    rows_total: int,
    started_at: datetime | None,
    waiting_since: datetime,
    at: datetime,
) -> Progress:
    """What the page of a run under way says."""
    if state == RunState.STAGED:
        return Progress("Waiting for its turn", is_waiting_long=at - waiting_since > PATIENCE)
    phase = _AS_ONE.get(state, "Checking every row")
    if not 0 < rows_done < rows_total:
        waits = state in _AS_ONE and started_at and at - started_at > PATIENCE and not rows_done
        return Progress(phase, rows_total=rows_total, is_waiting_long=bool(waits))
    return Progress(
        phase, rows_done, rows_total, _seconds_left(rows_done, rows_total, started_at, at)
    )


def _seconds_left(
    rows_done: int, rows_total: int, started_at: datetime | None, at: datetime
) -> int | None:
    passed = (at - started_at).total_seconds() if started_at else 0.0
    if passed < 2:
        return None
    return round(passed / rows_done * (rows_total - rows_done))
