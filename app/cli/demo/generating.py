"""A plant of any size: rows as the ledger would have written them, without its judgement.

Loads of four rolls are rolled one after another, evenly over the days, and each goes the same way
through four departments to a customer: ten postings a roll. What a load does at a tick follows
from its number alone, so nothing but the balances is held in memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.cli.demo.bulk import Row, finish_bulk, write_rows
from app.cli.demo.people import hire_admin, hire_people
from app.cli.demo.places import Places, add_racks, build_places
from app.core.rights import Actor
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.rules import CodeKind, make_token
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance, Verb
from app.domain.locations.models import Location, LocationKind
from app.domain.locations.queries import staging_ids, virtual_ids
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.reference import ensure_reference_rows
from app.domain.units.models import Unit, UnitState

SEED = 2026
LOAD = 4
LOADS_OF_A_LOT = 25
BINS_OF_A_RACK = 20
ROLLS_IN_A_BIN = 3
# So many loads are on their way at most; the others have left.
ON_THE_WAY = 600
# What happens to a load, who does it, where it ends, and after which part of its way.
STEPS: tuple[tuple[Verb, str, str, str, float], ...] = (
    (Verb.PRODUCE, "operator", "HR", "staging", 0.00),
    (Verb.PUTAWAY, "driver", "HR", "bin", 0.02),
    (Verb.TRANSFER, "driver", "PIC", "staging", 0.12),
    (Verb.PUTAWAY, "deptsk", "PIC", "bin", 0.14),
    (Verb.TRANSFER, "deptsk", "FIN", "staging", 0.30),
    (Verb.PUTAWAY, "keeper", "FIN", "bin", 0.32),
    (Verb.TRANSFER, "keeper", "DIS", "staging", 0.55),
    (Verb.PUTAWAY, "manager", "DIS", "bin", 0.58),
    (Verb.PUTAWAY, "manager", "DIS", "bin", 0.75),
    (Verb.DISPATCH, "manager", "DIS", "customer", 1.00),
)
MOVEMENTS = ("id", "uid", "verb", "site_id", "actor_id", "partner_id", "occurred_at", "posted_at")
POSTINGS = (
    *("id", "movement_id", "line_no", "item_id", "lot_id", "unit_id"),
    *("from_location_id", "to_location_id", "quantity"),
)
UNITS = (
    *("id", "uid", "site_id", "item_id", "lot_id", "department_id", "location_id", "state"),
    *("quantity", "partner_id", "properties", "created_at", "state_since", "last_movement_id"),
    "last_seen_uncertainty_seconds",
)
LOTS = ("id", "uid", "item_id", "number", "status", "created_at")
CODES = ("token", "kind", "subject_id", "created_at")


@dataclass(frozen=True, slots=True)
class Act:
    """One step of one load, with the number of its movement."""

    number: int
    load: int
    step: int
    at: datetime


class Generated:
    """Which rows there are, from the numbers of loads."""

    def __init__(
        self, session: Session, places: Places, actors: dict[str, Actor], loads: int, days: int
    ) -> None:
        self.loads, self._random = loads, Random(SEED)  # noqa: S311
        self._places, self._actors = places, actors
        self._items = list(session.scalars(sa.select(Item.id).order_by(Item.id)))
        self._customers = list(
            session.scalars(sa.select(Partner.id).where(Partner.is_customer).order_by(Partner.id))
        )
        self._staging = staging_ids(session, site_id=places.site.id)
        self._virtual = virtual_ids(session, site_id=places.site.id)
        on_the_way = min(ON_THE_WAY, max(1, loads // 2))
        self._lags = [round(part * on_the_way) for *_, part in STEPS]
        self._every = timedelta(days=days) / loads

    def acts(self, until: datetime) -> Iterator[Act]:
        """Everything that happened, in the order in which it happened."""
        number, begins = 0, until - self._every * self.loads
        for tick in range(self.loads):
            for step, lag in enumerate(self._lags):
                if tick >= lag:
                    number += 1
                    at = begins + self._every * tick + self._every / len(STEPS) * step
                    yield Act(number, tick - lag, step, at)

    def last_step(self, load: int) -> int:
        """How far a load has come."""
        return max(step for step, lag in enumerate(self._lags) if load + lag < self.loads)

    def number_of(self, load: int, step: int) -> int:
        """The number of a movement, as `acts` counts."""
        tick = load + self._lags[step]
        before = sum(max(0, tick - lag) for lag in self._lags)
        return before + sum(1 for lag in self._lags[: step + 1] if tick >= lag)

    def place(self, load: int, step: int) -> int:
        """Where a load is after a step; before the first it is in production."""
        if step < 0:
            return self._virtual[LocationKind.PRODUCTION]
        _, _, department, kind, _ = STEPS[step]
        if kind == "customer":
            return self._virtual[LocationKind.CUSTOMER]
        if kind == "staging":
            return self._staging[self._places.departments[department].id]
        bins = self._places.bins[department]
        return bins[(load * 2_654_435_761 + step * 40_503 >> 5) % len(bins)].id

    def lot(self, load: int) -> int:
        """The lot of a load; row 0 is "no lot"."""
        return load // LOADS_OF_A_LOT + 1

    def item(self, load: int) -> int:
        """The item of a load, the same for its lot."""
        return self._items[self.lot(load) % len(self._items)]

    def quantity(self, load: int, roll: int) -> int:
        """Micro-kilograms of one roll."""
        return (4_000 + (load * 7_919 + roll * 104_729) % 2_000) * 1_000_000

    def customer(self, load: int) -> int:
        """Who gets a load."""
        return self._customers[load % len(self._customers)]

    def movement_rows(self, until: datetime) -> Iterator[Row]:
        """One row a load and step."""
        for act in self.acts(until):
            verb, who, _, kind, _ = STEPS[act.step]
            partner = self.customer(act.load) if kind == "customer" else None
            at = _text(act.at)
            yield (
                act.number, self._uid(act.at), str(verb), self._places.site.id,
                self._actors[who].user_id, partner, at, at,
            )  # fmt: skip

    def posting_rows(
        self, until: datetime, balances: dict[tuple[int, int, int], int]
    ) -> Iterator[Row]:
        """One row a roll and step; what they leave behind is added up on the way."""
        number = 0
        for act in self.acts(until):
            load, item, lot = act.load, self.item(act.load), self.lot(act.load)
            origin, target = self.place(load, act.step - 1), self.place(load, act.step)
            moved = 0
            for roll in range(LOAD):
                number += 1
                quantity = self.quantity(load, roll)
                moved += quantity
                yield (
                    number, act.number, roll + 1, item, lot, load * LOAD + roll + 1,
                    origin, target, quantity,
                )  # fmt: skip
            balances[origin, item, lot] -= moved
            balances[target, item, lot] += moved

    def unit_rows(self, until: datetime) -> Iterator[Row]:
        """Every roll as it is at the end."""
        begins = until - self._every * self.loads
        for load in range(self.loads):
            step = self.last_step(load)
            _, _, department, kind, _ = STEPS[step]
            state = {"staging": UnitState.PRODUCED, "bin": UnitState.STORED}.get(
                kind, UnitState.DISPATCHED
            )
            made = begins + self._every * load
            since = begins + self._every * (load + self._lags[step])
            since += self._every / len(STEPS) * step
            shared = (
                self._places.departments[department].id, self.place(load, step), str(state)
            )  # fmt: skip
            for roll in range(LOAD):
                yield (
                    load * LOAD + roll + 1, self._uid(made), self._places.site.id,
                    self.item(load), self.lot(load), *shared, self.quantity(load, roll),
                    self.customer(load) if kind == "customer" else None,
                    '{"width_mm": "1250"}', _text(made), _text(since),
                    self.number_of(load, step), 0.0,
                )  # fmt: skip

    def lot_rows(self, until: datetime) -> Iterator[Row]:
        """One row for every 25 loads."""
        for load in range(0, self.loads, LOADS_OF_A_LOT):
            lot = self.lot(load)
            yield lot, self._uid(until), self.item(load), f"L-G-{lot:06}", "approved", _text(until)

    def code_rows(self, kind: CodeKind, count: int, until: datetime) -> Iterator[Row]:
        """A label for each of so many things."""
        at, seen = _text(until), set[str]()
        for subject in range(1, count + 1):
            token = make_token(kind, self._random)
            while token in seen:
                token = make_token(kind, self._random)
            seen.add(token)
            yield token, kind.value, subject, at

    def _uid(self, at: datetime) -> str:
        """A UUIDv7 of that moment, as its 32 digits."""
        value = int(at.timestamp() * 1000) << 80 | self._random.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return f"{value & ~(0x3 << 62) | 0x2 << 62:032x}"


def generate(
    session: Session, *, units: int, days: int, password: str, until: datetime
) -> dict[str, int]:
    """Fill an empty database; how many rows there are of what."""
    ensure_reference_rows(session)
    admin = hire_admin(session, password=password)
    places = build_places(session, admin)
    loads = max(1, units // LOAD)
    lying = min(ON_THE_WAY, loads) * LOAD
    add_racks(session, admin, places, -(-lying // (BINS_OF_A_RACK * ROLLS_IN_A_BIN)))
    actors = hire_people(session, admin=admin, places=places, password=password)
    session.flush()
    made = Generated(session, places, actors, loads, days)
    balances: dict[tuple[int, int, int], int] = defaultdict(int)
    counts = {
        "lots": write_rows(session, Lot, LOTS, made.lot_rows(until)),
        "units": write_rows(session, Unit, UNITS, made.unit_rows(until)),
        "movements": write_rows(session, Movement, MOVEMENTS, made.movement_rows(until)),
        "postings": write_rows(session, Posting, POSTINGS, made.posting_rows(until, balances)),
    }
    write_rows(session, LabelCode, CODES, made.code_rows(CodeKind.UNIT, loads * LOAD, until))
    write_rows(session, LabelCode, CODES, made.code_rows(CodeKind.LOT, counts["lots"], until))
    counts["balances"] = _write_balances(session, places, balances)
    finish_bulk(session, (Lot, Unit, Movement, Posting))
    return counts


def _write_balances(
    session: Session, places: Places, balances: dict[tuple[int, int, int], int]
) -> int:
    query = sa.select(Location.id).where(Location.site_id == places.site.id, ~Location.is_virtual)
    real = set(session.scalars(query))
    of_site: dict[tuple[int, int], int] = defaultdict(int)
    for (place, item, lot), quantity in balances.items():
        if place in real:
            of_site[item, lot] += quantity
    names = ("location_id", "item_id", "lot_id", "on_hand")
    rows = ((*key, quantity) for key, quantity in sorted(balances.items()) if key[0] in real)
    count = write_rows(session, Balance, names, rows)
    site_rows = ((places.site.id, *key, left) for key, left in sorted(of_site.items()))
    write_rows(session, SiteBalance, ("site_id", *names[1:]), site_rows)
    return count


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"
