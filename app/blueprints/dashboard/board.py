"""The numbers of the dashboard, added up from what the queries grouped.

Produced and dispatched are sums over today in site time, without what was reversed; to put away
and stored are what lies there now (ledger, "Whose, where, when").
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.blueprints.dashboard.chart import Chart, draw_chart
from app.domain.alerts.models import Alert
from app.domain.alerts.queries import list_open_alerts
from app.domain.ledger.dashboard_queries import (
    Flow,
    LatestMovement,
    Stock,
    ledger_version,
    list_flows,
    list_latest_movements,
    list_stock,
)
from app.domain.ledger.models import Verb
from app.domain.locations.models import Department
from app.domain.locations.rules import day_bounds, local_day
from app.domain.reconciliation.queries import Proof, proof_of
from app.domain.units.models import UnitState
from app.domain.units.place_queries import Rack, list_racks

# A page with every place of a large plant would be too heavy to send whenever a roll moves.
CELLS_AT_MOST = 600
# More than this beside the other panels is a column of its own; the rack map has all of them.
RACKS_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class View:
    """Whose numbers, of which day. `chosen` is the department in the address."""

    site_id: int
    time_zone: str
    visible: tuple[Department, ...]
    chosen: Department | None
    sees_all: bool
    at: datetime
    rights: str

    @property
    def departments(self) -> frozenset[int] | None:
        """The departments to count; None means the whole site."""
        if self.chosen:
            return frozenset({self.chosen.id})
        return None if self.sees_all else frozenset(one.id for one in self.visible)

    @property
    def day(self) -> date:
        """Today, by the site's clocks."""
        return local_day(self.at, self.time_zone)


@dataclass(frozen=True, slots=True)
class Figures:
    """The four numbers of a department, or of all of them together."""

    department: Department | None
    produced: int
    pending: int
    stored: int
    dispatched: int
    kilograms: Decimal


@dataclass(frozen=True, slots=True)
class StateBar:
    """Stock in one state, for the bars."""

    state: UnitState
    units: int
    kilograms: Decimal


@dataclass(frozen=True, slots=True)
class Board:
    """Everything that the dashboard shows."""

    view: View
    total: Figures
    before: Figures
    by_department: tuple[Figures, ...]
    pending_since: datetime | None
    put_away: int
    bars: tuple[StateBar, ...]
    chart: Chart
    racks: tuple[Rack, ...]
    racks_in_all: int
    latest: Sequence[LatestMovement]
    alerts: Sequence[Alert]
    proof: Proof


def board_version(session: Session, view: View) -> str:
    """A word that changes whenever the dashboard would look different."""
    since, _ = day_bounds(view.day, view.time_zone)
    ledger = ledger_version(session, site_id=view.site_id, since=since)
    hour = view.at.astimezone(ZoneInfo(view.time_zone)).replace(minute=0, second=0, microsecond=0)
    alerts = [alert.id for alert in _alerts(session, view)]
    parts = (
        ledger,
        hour,
        alerts,
        _proof(session, view),
        view.rights,
        view.departments,
        view.sees_all,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


def load_board(session: Session, view: View) -> Board:
    """Ask for everything and add it up."""
    today, hours = _flows_of(session, view, view.day)
    last_week, _ = _flows_of(session, view, view.day - timedelta(days=7))
    passed = _spans_passed(hours, view.at)
    stock = list_stock(session, site_id=view.site_id, departments=view.departments)
    racks = list_racks(session, site_id=view.site_id, departments=view.departments)
    shown = _fitting(racks)
    waiting = [row.oldest_since for row in stock if row.state is UnitState.PRODUCED]
    return Board(
        view=view,
        total=_figures(today, stock),
        before=_figures([flow for flow in last_week if flow.span < passed], []),
        by_department=tuple(
            _figures(
                [flow for flow in today if flow.department_id == department.id],
                [row for row in stock if row.department_id == department.id],
                department,
            )
            for department in view.visible
        ),
        pending_since=min(waiting, default=None),
        put_away=_lines(today, Verb.PUTAWAY),
        bars=_bars(stock),
        chart=draw_chart(today, last_week, hours, view.at, ZoneInfo(view.time_zone)),
        racks=shown,
        racks_in_all=len(racks),
        latest=list_latest_movements(session, site_id=view.site_id, departments=view.departments),
        alerts=_alerts(session, view),
        proof=_proof(session, view),
    )


def _alerts(session: Session, view: View) -> Sequence[Alert]:
    return list_open_alerts(session, site_id=view.site_id, departments=view.departments)


def _proof(session: Session, view: View) -> Proof:
    return proof_of(session, site_id=view.site_id, departments=view.departments)


def _flows_of(session: Session, view: View, day: date) -> tuple[list[Flow], list[datetime]]:
    starts, ends = day_bounds(day, view.time_zone)
    count = round((ends - starts) / timedelta(hours=1))
    hours = [starts + timedelta(hours=n) for n in range(count + 1)]
    flows = list_flows(
        session, site_id=view.site_id, boundaries=hours, departments=view.departments
    )
    return flows, hours


def _spans_passed(hours: Sequence[datetime], at: datetime) -> int:
    return sum(1 for hour in hours[:-1] if hour <= at)


def _figures(
    flows: Sequence[Flow], stock: Sequence[Stock], department: Department | None = None
) -> Figures:
    return Figures(
        department=department,
        produced=_lines(flows, Verb.PRODUCE),
        pending=sum(row.units for row in stock if row.state is UnitState.PRODUCED),
        stored=sum(row.units for row in stock if row.state is UnitState.STORED),
        dispatched=_lines(flows, Verb.DISPATCH),
        kilograms=sum((row.kilograms for row in stock), Decimal(0)),
    )


def _lines(flows: Sequence[Flow], verb: Verb) -> int:
    return sum(flow.lines for flow in flows if flow.verb is verb and not flow.is_reversed)


def _bars(stock: Sequence[Stock]) -> tuple[StateBar, ...]:
    bars = []
    for state in (UnitState.STORED, UnitState.PRODUCED, UnitState.IN_TRANSIT, UnitState.MISSING):
        rows = [row for row in stock if row.state is state]
        bars.append(
            StateBar(
                state,
                sum(row.units for row in rows),
                sum((row.kilograms for row in rows), Decimal(0)),
            )
        )
    return tuple(bar for bar in bars if bar.units or bar.state in list(UnitState)[:2])


def _fitting(racks: Sequence[Rack]) -> tuple[Rack, ...]:
    """The racks with the most rolls, as many as a page can carry, in the order of their codes.

    Whole racks; the largest one is shown however many places it has.
    """
    shown: set[str] = set()
    cells = 0
    for rack in sorted(racks, key=lambda rack: -rack.units)[:RACKS_AT_MOST]:
        cells += len(rack.places)
        if shown and cells > CELLS_AT_MOST:
            break
        shown.add(rack.code)
    return tuple(rack for rack in racks if rack.code in shown)
