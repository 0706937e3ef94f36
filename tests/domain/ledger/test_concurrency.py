"""Several writers at once: nothing is lost, nothing is doubled, nobody deadlocks."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.database import Database
from app.core.errors import Busy, DomainError
from app.domain.ledger.commands import dispatch, reverse
from app.domain.ledger.drafts import Key, LineDraft, MovementDraft
from app.domain.ledger.models import Balance, IdempotencyKey, Movement, Verb
from app.domain.ledger.posting import post_batch
from tests.factories.plant import Plant
from tests.factories.stock import assert_books_agree, movement_count, produce_coils, stored_coils

CLIENTS = 4


def together(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work` in so many threads that start at the same moment; their answers or errors."""
    answers: list[object] = [None] * count
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            answers[number] = work(number)
        except Exception as error:  # noqa: BLE001 - the test looks at whatever it was
            answers[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def found(plant: Plant, location_id: int, quantity: str, key: Key | None = None) -> MovementDraft:
    count = plant.virtual["count"]  # type: ignore[index]
    line = LineDraft(plant.item.id, plant.lot.id, location_id, count, Decimal(quantity))
    return MovementDraft(Verb.ADJUST, plant.site.id, (line,), now(), key=key)


def test_no_increment_is_lost_between_writers(database: Database, plant: Plant):
    each = 50

    def increment(session):
        row = session.get_one(Balance, (plant.bin.id, plant.item.id, plant.lot.id))
        session.refresh(row, with_for_update=True)
        row.on_hand += 1

    database.unit_of_work(
        lambda session: session.add(
            Balance(
                location_id=plant.bin.id,
                item_id=plant.item.id,
                lot_id=plant.lot.id,
                on_hand=Decimal(0),
            )
        )
    )

    # Two Database objects: threads of one process share a lock, other processes do not.
    others = [Database(str(_url(database))) for _ in range(CLIENTS)]
    answers = together(
        CLIENTS,
        lambda number: [
            others[number].unit_of_work(increment, deadline_seconds=30) for _ in range(each)
        ],
    )

    for other in others:
        other.dispose()
    assert [error for error in answers if isinstance(error, Exception)] == []
    with database.reader() as session:
        assert session.scalar(sa.select(Balance.on_hand)) == CLIENTS * each


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_four_clients_with_the_same_shuffled_keys_post_each_once(database: Database, plant: Plant):
    keys = [Key.of("device:1", str(number), number) for number in range(60)]
    places = [plant.bins[number % 4].id for number in range(60)]

    def post(number: int) -> Counter:
        order = list(range(60))
        random.Random(number).shuffle(order)
        statuses: Counter = Counter()
        for start in range(0, 60, 15):
            drafts = [
                found(plant, places[index], "1", keys[index]) for index in order[start : start + 15]
            ]
            results = database.unit_of_work(
                lambda session, drafts=drafts: post_batch(session, drafts, actor=plant.keeper),
                deadline_seconds=30,
            )
            statuses.update(result.status for result in results)
        return statuses

    answers = together(CLIENTS, post)

    assert [error for error in answers if isinstance(error, Exception)] == []
    total = sum((answer for answer in answers if isinstance(answer, Counter)), Counter())
    assert total == {"posted": 60, "replayed": 60 * (CLIENTS - 1)}
    assert movement_count(database) == 60
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(IdempotencyKey)) == 60
    assert_books_agree(database)


def test_writers_on_the_same_balances_in_any_order_all_get_through(
    database: Database, plant: Plant
):
    def post(number: int) -> int:
        shuffler = random.Random(number)
        for _ in range(10):
            bins = list(plant.bins)
            shuffler.shuffle(bins)
            drafts = [found(plant, one.id, "0.5") for one in bins]
            database.unit_of_work(
                lambda session, drafts=drafts: post_batch(session, drafts, actor=plant.keeper),
                deadline_seconds=30,
            )
        return 10

    answers = together(CLIENTS, post)

    assert answers == [10] * CLIENTS
    with database.reader() as session:
        on_hand = session.scalars(sa.select(Balance.on_hand)).all()
    assert on_hand == [Decimal("0.5") * 10 * CLIENTS] * 4
    assert_books_agree(database)


def test_a_unit_is_dispatched_once_however_many_try(database: Database, plant: Plant):
    coils = stored_coils(database, plant)

    answers = together(
        CLIENTS,
        lambda _: database.unit_of_work(
            lambda session: dispatch(
                session, actor=plant.driver, unit_ids=coils, partner_id=plant.customer.id
            ),
            deadline_seconds=30,
        ),
    )

    refusals = [answer for answer in answers if isinstance(answer, DomainError)]
    assert [error.code for error in refusals] == ["unit_not_on_site"] * (CLIENTS - 1)
    assert movement_count(database) == 3
    assert_books_agree(database)


def test_a_movement_is_reversed_once_however_many_try(database: Database, plant: Plant):
    stored_coils(database, plant)
    with database.reader() as session:
        stored = session.scalars(sa.select(Movement.id).order_by(Movement.id.desc())).first()

    answers = together(
        CLIENTS,
        lambda _: database.unit_of_work(
            lambda session: reverse(
                session, actor=plant.keeper, movement_id=stored, reason="wrong rack"
            ),
            deadline_seconds=30,
        ),
    )

    refusals = [answer for answer in answers if isinstance(answer, Exception)]
    assert {getattr(error, "code", repr(error)) for error in refusals} == {"already_reversed"}
    assert len(refusals) == CLIENTS - 1
    assert movement_count(database) == 3
    assert_books_agree(database)


def test_a_write_that_waits_too_long_writes_nothing_and_says_so(database: Database, plant: Plant):
    coils = produce_coils(database, plant)
    other = Database(_url(database))
    holds, done = threading.Event(), threading.Event()

    def hold(session):
        session.execute(
            sa.update(Balance).values(on_hand=Balance.on_hand)  # locks every balance
        )
        holds.set()
        done.wait(30)

    holder = threading.Thread(target=lambda: other.unit_of_work(hold, deadline_seconds=40))
    holder.start()
    holds.wait(30)
    draft = found(plant, plant.hot_staging.id, "1")
    try:
        with pytest.raises(Busy):
            database.unit_of_work(
                lambda session: post_batch(session, [draft], actor=plant.keeper),
                deadline_seconds=0.1,
            )
    finally:
        done.set()
        holder.join()
        other.dispose()

    assert movement_count(database) == 1
    assert len(coils) == 1
