"""Stock for tests: coils in staging, coils in a rack, sums of the books."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.database import Database
from app.domain.ledger.commands import NewStock, produce, putaway
from app.domain.ledger.drafts import NewUnit
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance
from app.domain.locations.models import Location
from app.domain.reconciliation.unit_checks import find_wrong_units
from app.domain.reservations.models import Reservation
from app.domain.units.models import ON_SITE_STATES, Unit
from tests.factories.plant import Plant

COIL = Decimal("4820.5")


def produce_coils(
    database: Database, plant: Plant, count: int = 1, quantity: Decimal = COIL
) -> list[int]:
    """So many new coils of hot rolling, in its staging."""
    stock = NewStock(
        plant.hot_rolling.id, plant.item.id, plant.lot.id, [NewUnit(quantity) for _ in range(count)]
    )
    posted = database.unit_of_work(
        lambda session: produce(session, actor=plant.keeper, stock=stock)
    )
    return list(posted.unit_ids)


def stored_coils(database: Database, plant: Plant, count: int = 1) -> list[int]:
    """So many coils in FM01A01."""
    coils = produce_coils(database, plant, count)
    database.unit_of_work(
        lambda session: putaway(
            session, actor=plant.driver, unit_ids=coils, location_id=plant.bin.id
        )
    )
    return coils


def unit_of(database: Database, unit_id: int) -> Unit:
    """The unit as it is in the database now."""
    with database.reader() as session:
        return session.get_one(Unit, unit_id)


def balances(database: Database) -> dict[tuple[str, int, int], Decimal]:
    """What lies where, by location code, item and lot, without the empty rows."""
    with database.reader() as session:
        rows = session.execute(
            sa.select(Location.code, Balance.item_id, Balance.lot_id, Balance.on_hand)
            .join(Location, Location.id == Balance.location_id)
            .where(Balance.on_hand != Decimal(0))
        )
        return {(row[0], row[1], row[2]): row[3] for row in rows}


def site_stock(database: Database) -> Decimal:
    """Everything that the sites have."""
    with database.reader() as session:
        return sum(session.scalars(sa.select(SiteBalance.on_hand)), Decimal(0))


def movement_count(database: Database) -> int:
    """How many movements are booked."""
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count(Movement.id))) or 0


def assert_books_agree(database: Database) -> None:
    """Every balance is the sum of its postings, and nothing was made or lost on the way."""
    with database.reader() as session:
        assert_sums_agree(session)
        assert find_wrong_units(session) == []


def assert_sums_agree(session: Session) -> None:
    """The same, in a transaction that is still open."""
    expected = _sums(session)
    found = {
        (row.location_id, row.item_id, row.lot_id): row.on_hand
        for row in session.scalars(sa.select(Balance))
        if row.on_hand
    }
    assert found == expected
    site = sum(session.scalars(sa.select(SiteBalance.on_hand)), Decimal(0))
    assert site == sum(expected.values(), Decimal(0))
    _assert_promises_agree(session)
    _assert_units_agree(session)


def _assert_promises_agree(session: Session) -> None:
    """What is promised is the sum of what the postings promised and released."""
    of_site: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    of_promise: dict[int | None, Decimal] = defaultdict(Decimal)
    for posting in session.scalars(sa.select(Posting).where(Posting.reserved_delta != Decimal(0))):
        of_site[(posting.item_id, posting.lot_id)] += posting.reserved_delta
        of_promise[posting.reservation_id] += posting.reserved_delta
    reserved = session.scalars(sa.select(SiteBalance).where(SiteBalance.reserved != Decimal(0)))
    assert {(row.item_id, row.lot_id): row.reserved for row in reserved} == _without_zeros(of_site)
    kept = session.scalars(sa.select(Reservation).where(Reservation.open != Decimal(0)))
    assert {row.id: row.open for row in kept} == _without_zeros(of_promise)


def _assert_units_agree(session: Session) -> None:
    """A unit on the site holds what its postings brought into it and left in it."""
    real = set(session.scalars(sa.select(Location.id).where(Location.is_virtual.is_(False))))
    held: dict[int, Decimal] = defaultdict(Decimal)
    for posting in session.scalars(sa.select(Posting).where(Posting.unit_id.is_not(None))):
        ends = (posting.to_location_id in real) - (posting.from_location_id in real)
        held[posting.unit_id or 0] += ends * posting.quantity
    here = session.scalars(sa.select(Unit).where(Unit.state.in_(ON_SITE_STATES)))
    assert {unit.id: unit.quantity for unit in here} == _without_zeros(held)


def _without_zeros(sums: dict[Any, Decimal]) -> dict[Any, Decimal]:
    return {key: value for key, value in sums.items() if value}


def _sums(session: Session) -> dict[tuple[int, int, int], Decimal]:
    real = set(session.scalars(sa.select(Location.id).where(Location.is_virtual.is_(False))))
    sums: dict[tuple[int, int, int], Decimal] = {}
    for posting in session.scalars(sa.select(Posting)):
        for place, sign in ((posting.from_location_id, -1), (posting.to_location_id, 1)):
            if place in real:
                key = (place, posting.item_id, posting.lot_id)
                sums[key] = sums.get(key, Decimal(0)) + sign * posting.quantity
    return {key: value for key, value in sums.items() if value}
