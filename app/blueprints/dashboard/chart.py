"""The chart of movements per hour: shapes for the template, and the numbers of its table.

The drawing is stretched to the width it gets; its words are HTML beside it, so that they keep
their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.domain.ledger.dashboard_queries import Flow
from app.domain.ledger.models import Verb

HEIGHT = 100.0
BAR_WIDTH = 0.72
STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 5_000, 10_000, 50_000)
GRID_LINES = 4
# Classes of the style sheet: ink, steel, hollow.
PUT_AWAY, DISPATCHED, OTHER = "chart__a", "chart__b", "chart__c"


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: its name, what was booked in it, and the same hour a week ago."""

    label: str
    put_away: int
    dispatched: int
    other: int
    last_week: int
    is_now: bool

    @property
    def total(self) -> int:
        """All lines of the hour."""
        return self.put_away + self.dispatched + self.other


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a bar, in units of the drawing."""

    look: str
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Hours, and how they are drawn between 0 and `top`."""

    hours: tuple[Hour, ...]
    blocks: tuple[Block, ...]
    past: str
    ticks: tuple[int, ...]
    peak: Hour | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(hour.total or hour.last_week for hour in self.hours)


def draw_chart(
    today: Sequence[Flow],
    last_week: Sequence[Flow],
    starts: Sequence[datetime],
    at: datetime,
    zone: ZoneInfo,
) -> Chart:
    """Lay out today's hours; at a change of the clocks there are 23 or 25 of them."""
    hours = tuple(
        _hour(
            label=f"{start.astimezone(zone):%H}",
            booked=[flow for flow in today if flow.span == span],
            last_week=sum(flow.lines for flow in last_week if flow.span == span),
            is_now=start <= at < starts[span + 1],
        )
        for span, start in enumerate(starts[:-1])
    )
    step = _step(max(max(hour.total, hour.last_week) for hour in hours))
    top = step * GRID_LINES
    peak = max(hours, key=lambda hour: hour.total)
    return Chart(
        hours=hours,
        blocks=tuple(
            block for span, hour in enumerate(hours) for block in _blocks(span, hour, top)
        ),
        past=_outline(hours, top),
        ticks=tuple(step * n for n in range(GRID_LINES, -1, -1)),
        peak=peak if peak.total else None,
    )


def _hour(*, label: str, booked: Sequence[Flow], last_week: int, is_now: bool) -> Hour:
    lines = {verb: sum(flow.lines for flow in booked if flow.verb is verb) for verb in Verb}
    put_away, dispatched = lines.pop(Verb.PUTAWAY), lines.pop(Verb.DISPATCH)
    return Hour(
        label=label,
        put_away=put_away,
        dispatched=dispatched,
        other=sum(lines.values()),
        last_week=last_week,
        is_now=is_now,
    )


def _step(highest: int) -> int:
    return next((step for step in STEPS if step * GRID_LINES >= highest), STEPS[-1])


def _blocks(span: int, hour: Hour, top: int) -> list[Block]:
    blocks = []
    bottom = HEIGHT
    for look, lines in (
        (PUT_AWAY, hour.put_away),
        (DISPATCHED, hour.dispatched),
        (OTHER, hour.other),
    ):
        height = round(lines / top * HEIGHT, 2)
        if height:
            bottom = round(bottom - height, 2)
            blocks.append(Block(look, round(span + (1 - BAR_WIDTH) / 2, 2), bottom, height))
    return blocks


def _outline(hours: Sequence[Hour], top: int) -> str:
    """Last week as one stepped line, empty where there was nothing."""
    if not any(hour.last_week for hour in hours):
        return ""
    heights = [round(HEIGHT - hour.last_week / top * HEIGHT, 2) for hour in hours]
    return f"M0 {heights[0]}" + "".join(f"V{y}H{span + 1}" for span, y in enumerate(heights))
