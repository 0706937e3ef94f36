"""Stock and cards as of a past moment: what the books said then, over checkpoints or not."""

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest
import sqlalchemy as sa
import time_machine

from app.core.clock import now
from app.core.database import Database
from app.domain.ledger.commands import Details, NewStock, adjust, produce, putaway
from app.domain.ledger.drafts import NewUnit
from app.domain.ledger.models import Movement, Posting
from app.domain.locations.models import Location
from app.domain.reconciliation.commands import take_checkpoint
from app.domain.reconciliation.commands.checkpoints import SETTLED_AFTER
from app.domain.reconciliation.models import Checkpoint, CheckpointBalance
from app.domain.reconciliation.past_queries import Clock, PastScope, card_as_of, list_past_stock
from tests.factories.plant import Plant
from tests.factories.stock import balances

Stock = dict[tuple[str, int, int], Decimal]


def as_of(database: Database, plant: Plant, at: datetime, clock=Clock.POSTED, **scope) -> Stock:
    with database.reader() as session:
        rows = list_past_stock(
            session, PastScope(plant.site.id, **scope), at=at, clock=clock, limit=1_000
        )
    return {row.key: row.on_hand for row in rows}


def really_there(database: Database, at: datetime) -> Stock:
    """What had happened by then: every posting added up by hand."""
    lay: Stock = {}
    with database.reader() as session:
        real = dict(
            session.execute(sa.select(Location.id, Location.code).where(~Location.is_virtual)).all()
        )
        lines = sa.select(Posting).join(Movement, Movement.id == Posting.movement_id)
        for line in session.scalars(lines.where(Movement.occurred_at <= at)):
            for place, sign in ((line.from_location_id, -1), (line.to_location_id, 1)):
                if place in real:
                    key = (real[place], line.item_id, line.lot_id)
                    lay[key] = lay.get(key, Decimal(0)) + sign * line.quantity
    return {key: amount for key, amount in lay.items() if amount}


def a_month(database: Database, plant: Plant, begins: datetime, seed: int = 7):
    """Thirty bookings, a day apart, a third of them late; gives (moment, what the books said)."""
    random, coils, history = Random(seed), [], []
    with time_machine.travel(begins, tick=False) as clock:
        for day in range(30):
            late = timedelta(hours=random.choice([0, 0, 30]))
            details = Details(occurred_at=now() - late)
            kind = random.choice(["produce", "putaway", "adjust"])
            if kind == "putaway" and coils:
                unit_id, place = random.choice(coils), random.choice(plant.bins)
                database.unit_of_work(
                    lambda s, d=details, unit_id=unit_id, place=place: putaway(
                        s, actor=plant.driver, unit_ids=[unit_id], location_id=place.id, details=d
                    )
                )
            elif kind == "adjust":
                found = Decimal(random.randint(1, 99))
                database.unit_of_work(
                    lambda s, d=details, found=found: adjust(
                        s, actor=plant.keeper, location_id=plant.bin.id,
                        item_id=plant.other_item.id, lot_id=plant.other_lot.id,
                        difference=found, reason="count", details=d,
                    )
                )  # fmt: skip
            else:
                stock = NewStock(
                    plant.hot_rolling.id, plant.item.id, plant.lot.id,
                    [NewUnit(Decimal(100 + day))], details=details,
                )  # fmt: skip
                posted = database.unit_of_work(
                    lambda s, what=stock: produce(s, actor=plant.keeper, stock=what)
                )
                coils += posted.unit_ids
            history.append((now(), balances(database)))
            clock.shift(timedelta(days=1))
    return history


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_past_moment_is_what_the_books_said(database: Database, plant: Plant, seed: int):
    history = a_month(database, plant, now() - timedelta(days=40), seed)

    for at, said in history:
        assert as_of(database, plant, at) == said
        assert as_of(database, plant, at + timedelta(hours=12)) == said
        assert as_of(database, plant, at, Clock.OCCURRED) == really_there(database, at)
    assert as_of(database, plant, history[0][0] - timedelta(seconds=1)) == {}


def test_checkpoints_change_the_way_and_not_the_answer(database: Database, plant: Plant):
    history = a_month(database, plant, now() - timedelta(days=400))
    for day in (5, 6, 20):
        moment = history[day][0] + timedelta(hours=1) + SETTLED_AFTER
        for _ in range(2):
            database.unit_of_work(lambda s, at=moment: take_checkpoint(s, at=at))
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Checkpoint.id))) == 3
        assert session.scalar(sa.select(sa.func.count()).select_from(CheckpointBalance)) > 0

    for at, said in history:
        assert as_of(database, plant, at) == said
        assert as_of(database, plant, at, Clock.OCCURRED) == really_there(database, at)


def test_a_wrong_checkpoint_would_show(database: Database, plant: Plant):
    """The way over a checkpoint is really taken."""
    history = a_month(database, plant, now() - timedelta(days=400))
    at = history[10][0]
    database.unit_of_work(lambda s: take_checkpoint(s, at=at + SETTLED_AFTER))
    database.unit_of_work(
        lambda s: s.execute(sa.text("UPDATE checkpoint_balances SET on_hand = 1000000"))
    )

    assert set(as_of(database, plant, at).values()) == {Decimal(1)}


def test_a_list_is_paged_and_kept_to_departments_and_items(database: Database, plant: Plant):
    history = a_month(database, plant, now() - timedelta(days=40))
    at, said = history[-1]
    pages, after = [], None
    with database.reader() as session:
        scope = PastScope(plant.site.id)
        while rows := list_past_stock(
            session, scope, at=at, clock=Clock.POSTED, limit=2, after=after
        ):
            pages += [row.key for row in rows]
            after = rows[-1].key

    assert pages == sorted(said)
    hot = frozenset({plant.hot_rolling.id})
    assert as_of(database, plant, at, departments=hot) == said
    assert as_of(database, plant, at, departments=frozenset({plant.finishing.id})) == {}
    assert as_of(database, plant, at, item_id=plant.other_item.id) == {
        key: amount for key, amount in said.items() if key[1] == plant.other_item.id
    }


@pytest.mark.parametrize("clock", Clock)
def test_a_card_runs_backwards_to_nothing(database: Database, plant: Plant, clock: Clock):
    history = a_month(database, plant, now() - timedelta(days=40))
    at = history[20][0]
    with database.reader() as session:
        lines = card_as_of(
            session,
            PastScope(plant.site.id, item_id=plant.item.id),
            at=at,
            clock=clock,
            limit=100,
        )

    there = as_of(database, plant, at, clock, item_id=plant.item.id)
    assert lines[0].on_hand == sum(there.values())
    assert lines[-1].on_hand == lines[-1].change
    for newer, older in pairwise(lines):
        assert newer.on_hand - newer.change == older.on_hand
        assert newer.at >= older.at
