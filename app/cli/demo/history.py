"""What happened in the demo plant over the past days: coils on their way to the customers.

Each coil is rolled, pickled, finished and sent; how far it came depends on when it was rolled.
The same seed gives the same plant, so that pictures and tests stay comparable.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from app.cli.demo.places import ITEMS, PARTNERS, Places
from app.core.rights import Actor
from app.domain.catalog.models import Item
from app.domain.catalog.queries import items_by_number
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.ledger import commands as ledger
from app.domain.ledger.commands import Details, NewStock, Placement
from app.domain.ledger.drafts import NewUnit
from app.domain.locations.models import Location
from app.domain.lots.commands import ensure_lots
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.partners.queries import partners_by_code

SEED = 1187
LOTS = 24
FIRST_LOT = 1164
HOURS_BACK = 193
# How far from the nearest place people go, in places.
SPREAD = 18
BETWEEN_COILS = timedelta(minutes=7)
BETWEEN_TRIPS = timedelta(minutes=1)
STRETCH = timedelta(hours=8)
LATEST = timedelta(minutes=12)
JUST_ROLLED = 3
# Within one stretch loads are made before they are put away, and put away before they leave.
PHASES = {"produce": 0, "putaway": 1, "transfer": 2, "dispatch": 2}
# Where a coil goes: department, who works there, and the hours it lies there before it goes on.
ROUTE = (
    ("HR", "driver", (14, 50)),
    ("PIC", "deptsk", (8, 28)),
    ("FIN", "keeper", (20, 60)),
    ("DIS", "keeper", (6, 34)),
)


@dataclass(slots=True)
class Load:
    """Some coils of one lot that travel together."""

    item: Item
    lot: Lot
    weights: list[int]
    unit_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One act of one person at one moment."""

    at: datetime
    number: int
    username: str
    verb: str
    department: str
    load: Load = field(compare=False)


class Plant:
    """Carries the steps out, and knows which places still have room."""

    def __init__(
        self, session: Session, actors: dict[str, Actor], places: Places, random: Random
    ) -> None:
        self._session = session
        self._actors = actors
        self._places = places
        self._random = random
        self._lying: Counter[int] = Counter()
        self._place_of: dict[int, int] = {}
        customers = [partner.code for partner in PARTNERS if partner.is_customer]
        found = partners_by_code(session, codes=customers)
        self._customers: list[Partner] = [found[code] for code in customers]

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Book steps of different loads that fall into one stretch of time."""
        self._produce([step for step in steps if step.verb == "produce"])
        for username in {step.username: None for step in steps if step.verb == "putaway"}:
            self._putaway([s for s in steps if (s.username, s.verb) == (username, "putaway")])
        leaving: dict[tuple[str, str, str], list[Step]] = {}
        for step in steps:
            if step.verb in ("transfer", "dispatch"):
                way = (step.verb, step.username, step.department)
                leaving.setdefault(way, []).append(step)
        for together in leaving.values():
            self._send(together)

    def _produce(self, steps: Sequence[Step]) -> None:
        """Book the coils of all these loads at once, each at its own time."""
        groups = [
            NewStock(
                department_id=self._places.departments[step.department].id,
                item_id=step.load.item.id,
                lot_id=step.load.lot.id,
                units=[NewUnit(Decimal(kg), properties=dict(step.load.item.properties))],
                details=Details(occurred_at=step.at + n * BETWEEN_COILS),
            )
            for step in steps
            for n, kg in enumerate(step.load.weights)
        ]
        if groups:
            actor = self._actors[steps[0].username]
            posted = iter(ledger.produce_many(self._session, actor=actor, groups=groups))
            for step in steps:
                step.load.unit_ids = tuple(next(posted).unit_ids[0] for _ in step.load.weights)

    def _putaway(self, steps: Sequence[Step]) -> None:
        actor = self._actors[steps[0].username]
        for step in steps:
            if step.number % 29 == 0:
                # Everybody puts one into the wrong rack now and then, and takes it back.
                self._change_mind(step, actor)
        placements = [
            Placement(
                self._take_place(step.department, unit_id).id,
                [unit_id],
                Details(occurred_at=step.at + n * BETWEEN_TRIPS),
            )
            for step in steps
            for n, unit_id in enumerate(step.load.unit_ids)
        ]
        ledger.putaway_many(self._session, actor=actor, placements=placements)

    def _change_mind(self, step: Step, actor: Actor) -> None:
        wrong = self._random.choice(self._places.bins[step.department])
        posted = ledger.putaway(
            self._session,
            actor=actor,
            unit_ids=step.load.unit_ids[:1],
            location_id=wrong.id,
            details=Details(occurred_at=step.at - timedelta(minutes=5)),
        )
        assert posted.movement_id is not None
        ledger.reverse(
            self._session,
            actor=actor,
            movement_id=posted.movement_id,
            reason=f"Wrong rack: not {wrong.code}",
            details=Details(occurred_at=step.at - timedelta(minutes=3)),
        )

    def _send(self, steps: Sequence[Step]) -> None:
        """Take loads out of their places and on to the next department or the customer."""
        actor, details = self._actors[steps[0].username], Details(occurred_at=steps[-1].at)
        unit_ids = [unit_id for step in steps for unit_id in step.load.unit_ids]
        for unit_id in unit_ids:
            self._lying[self._place_of.pop(unit_id)] -= 1
        if steps[0].verb == "transfer":
            ledger.transfer(
                self._session,
                actor=actor,
                unit_ids=unit_ids,
                department_id=self._places.departments[steps[0].department].id,
                details=details,
            )
        else:
            ledger.dispatch(
                self._session,
                actor=actor,
                unit_ids=unit_ids,
                partner_id=self._random.choice(self._customers).id,
                details=details,
            )

    def _take_place(self, department: str, unit_id: int) -> Location:
        """A place with room; low levels and near bays are used first, as people do."""
        bins = self._places.bins[department]
        free = [place for place in bins if self._lying[place.id] < (place.capacity_units or 0)]
        place = free[min(len(free) - 1, int(self._random.expovariate(1 / SPREAD)))]
        self._lying[place.id] += 1
        self._place_of[unit_id] = place.id
        return place


def book_history(
    session: Session, *, actors: dict[str, Actor], places: Places, at: datetime
) -> None:
    """Book everything that happened before `at`, in the order in which it happened."""
    random = Random(SEED)  # noqa: S311
    loads = _loads(session, actors["manager"], random)
    steps = [
        step for n, load in enumerate(loads) for step in _until(at, n, load, len(loads), random)
    ]
    plant = Plant(session, actors, places, random)
    for stretch in _stretches(sorted(steps), until=at - timedelta(hours=24)):
        plant.carry_out(stretch)
    coils = [unit_id for load in loads for unit_id in load.unit_ids]
    numbers = random.sample(range(100_000, 1_000_000), len(coils))
    add_aliases(
        session,
        places.site.id,
        "coil number",
        CodeKind.UNIT,
        {f"C{number}": unit_id for number, unit_id in zip(numbers, coils, strict=True)},
    )


def _until(at: datetime, n: int, load: Load, count: int, random: Random) -> Iterator[Step]:
    """What happened to a load before `at`. The newest loads were rolled just now and wait."""
    just_now = n - (count - JUST_ROLLED)
    if just_now >= 0:
        minutes_ago = 30 * (JUST_ROLLED - just_now)
        yield next(_steps(load, at - timedelta(minutes=minutes_ago), random))
        return
    rolled_at = at - timedelta(hours=2 + HOURS_BACK * (1 - n / (count - JUST_ROLLED)))
    for step in _steps(load, rolled_at, random):
        if step.at < at - LATEST:
            yield step


def _stretches(steps: Sequence[Step], *, until: datetime) -> Iterator[list[Step]]:
    """Steps that can be booked together: within some hours, each load's in their order.

    The last day is booked step by step, so that the newest movements stand in their order.
    """
    stretch: list[Step] = []
    for step in steps:
        if stretch and (step.at > until or not _fits(step, stretch)):
            yield stretch
            stretch = []
        stretch.append(step)
    if stretch:
        yield stretch


def _fits(step: Step, stretch: Sequence[Step]) -> bool:
    if step.at - stretch[0].at > STRETCH:
        return False
    return all(
        PHASES[other.verb] < PHASES[step.verb] for other in stretch if other.load is step.load
    )


def _loads(session: Session, actor: Actor, random: Random) -> list[Load]:
    """The loads of each lot, the oldest first."""
    items = items_by_number(session, numbers=[row[0] for row in ITEMS])
    plans = [(random.choice(ITEMS), f"L-26-{FIRST_LOT + n}") for n in range(LOTS)]
    lots = ensure_lots(
        session, actor=actor, wanted=[(items[row[0]].id, number) for row, number in plans]
    )
    return [
        Load(
            items[row[0]],
            lots[items[row[0]].id, number],
            [random.randint(row[4], row[5]) for _ in range(random.randint(2, 4))],
        )
        for row, number in plans
        for _ in range(random.randint(2, 3))
    ]


def _steps(load: Load, rolled_at: datetime, random: Random) -> Iterator[Step]:
    """Everything that will happen to a load, however far in the future."""
    number = random.randrange(10**6)
    yield Step(rolled_at, number, "operator", "produce", "HR", load)
    when = rolled_at + len(load.weights) * BETWEEN_COILS
    for (department, username, (shortest, longest)), following in zip(
        ROUTE, (*ROUTE[1:], None), strict=True
    ):
        when += timedelta(minutes=random.uniform(10, 95))
        number += 1
        yield Step(when, number, username, "putaway", department, load)
        when += timedelta(hours=random.uniform(shortest, longest))
        verb, target = ("transfer", following[0]) if following else ("dispatch", department)
        yield Step(when, number, username, verb, target, load)
