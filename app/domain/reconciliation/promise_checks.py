"""Promises against their postings: what each reservation still holds, and what a site has promised.

What was touched is compared through the reservations alone: each is added up from its own postings,
and a site has promised what its reservations hold. So it costs nothing where nothing is promised.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.commit_order import position_of
from app.core.types import from_micro
from app.domain.ledger.models import Movement, Posting, SiteBalance
from app.domain.locations.models import Location
from app.domain.reconciliation.balance_checks import Key, micro
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import DifferenceKind
from app.domain.reservations.models import Reservation

PROMISED = "promised in the whole site"
IDS_AT_ONCE = 500
_OPEN: Any = micro(Reservation.open)


def find_wrong_promises(session: Session) -> list[Difference]:
    """Every reservation, and every site's promised amount, that its postings do not bear out."""
    by_ledger = _posted(session)
    reservations = _wrong_reservations(session, None)
    found = _standing(session)
    return reservations + _site_differences(by_ledger, found)


def find_wrong_promises_touched(session: Session, *, low: int, high: int) -> list[Difference]:
    """The same for the reservations that movements in [low, high) touched, and their stock."""
    position = position_of(session, ids=Movement.id, transactions=Movement.xact)
    query = (
        sa.select(Posting.reservation_id)
        .join(Movement, Movement.id == Posting.movement_id)
        .where(position >= low, position < high, Posting.reservation_id.is_not(None))
        .distinct()
    )
    ids = sorted(id_ for id_ in session.scalars(query) if id_ is not None)
    differences: list[Difference] = []
    for start in range(0, len(ids), IDS_AT_ONCE):
        chunk = ids[start : start + IDS_AT_ONCE]
        differences += _wrong_reservations(session, chunk)
        keys = _keys_of(session, chunk)
        differences += _site_differences(_held(session, keys), _standing(session, keys))
    return differences


def promised_by_ledger(session: Session, key: Key) -> int:
    """What a site has promised of an item and lot, for whoever holds its balance's lock."""
    return _posted(session, key).get(key, 0)


def open_by_ledger(session: Session, reservation_id: int) -> int:
    """What a reservation still holds, for whoever holds its lock."""
    total = sa.func.coalesce(sa.func.sum(micro(Posting.reserved_delta)), 0)
    query = sa.select(total).where(Posting.reservation_id == reservation_id)
    return int(session.execute(query).scalar_one())


def open_of(reservation_id: int) -> str:
    """How a difference of a reservation is named."""
    return f"open in reservation {reservation_id}"


def _wrong_reservations(session: Session, ids: Iterable[int] | None) -> list[Difference]:
    posted = sa.select(
        Posting.reservation_id,
        sa.cast(sa.func.sum(micro(Posting.reserved_delta)), sa.BigInteger).label("open"),
        sa.func.max(Posting.movement_id).label("last"),
    ).where(Posting.reservation_id.is_not(None))
    query: Any = sa.select(Reservation)
    if ids is not None:
        posted = posted.where(Posting.reservation_id.in_(list(ids)))
        query = query.where(Reservation.id.in_(list(ids)))
    sums = posted.group_by(Posting.reservation_id).subquery()
    must = sa.func.coalesce(sums.c.open, 0)
    query = (
        query.add_columns(must, sums.c.last)
        .outerjoin(sums, sums.c.reservation_id == Reservation.id)
        .where(must != _OPEN)
        .order_by(Reservation.id)
    )
    return [
        Difference(
            DifferenceKind.SITE_BALANCE,
            open_of(row.id),
            expected=f"{from_micro(int(expected)):f}",
            found=f"{row.open:f}",
            site_id=row.site_id,
            item_id=row.item_id,
            lot_id=row.lot_id,
            suspect_movement_id=last,
        )
        for row, expected, last in session.execute(query)
    ]


def _site_differences(expected: dict[Key, int], found: dict[Key, int]) -> list[Difference]:
    return [
        Difference(
            DifferenceKind.SITE_BALANCE,
            PROMISED,
            expected=f"{from_micro(expected.get(key, 0)):f}",
            found=f"{from_micro(found.get(key, 0)):f}",
            site_id=key[0],
            item_id=key[1],
            lot_id=key[2],
        )
        for key in sorted(expected.keys() | found.keys())
        if expected.get(key, 0) != found.get(key, 0)
    ]


def _posted(session: Session, key: Key | None = None) -> dict[Key, int]:
    columns: list[Any] = [Location.site_id, Posting.item_id, Posting.lot_id]
    total = sa.cast(sa.func.sum(micro(Posting.reserved_delta)), sa.BigInteger)
    query = (
        sa.select(*columns, total)
        .join(Location, Location.id == Posting.from_location_id)
        .where(micro(Posting.reserved_delta) != 0)
        .group_by(*columns)
    )
    if key is not None:
        query = query.where(
            Location.site_id == key[0], Posting.item_id == key[1], Posting.lot_id == key[2]
        )
    return _sums(session, query)


def _held(session: Session, keys: Iterable[Key]) -> dict[Key, int]:
    columns: list[Any] = [Reservation.site_id, Reservation.item_id, Reservation.lot_id]
    total = sa.cast(sa.func.sum(_OPEN), sa.BigInteger)
    query = sa.select(*columns, total).where(sa.tuple_(*columns).in_(list(keys)))
    return _sums(session, query.group_by(*columns))


def _standing(session: Session, keys: Iterable[Key] | None = None) -> dict[Key, int]:
    columns: list[Any] = [SiteBalance.site_id, SiteBalance.item_id, SiteBalance.lot_id]
    query = sa.select(*columns, micro(SiteBalance.reserved))
    if keys is None:
        query = query.where(micro(SiteBalance.reserved) != 0)
    else:
        query = query.where(sa.tuple_(*columns).in_(list(keys)))
    return _sums(session, query)


def _keys_of(session: Session, ids: Iterable[int]) -> list[Key]:
    columns: list[Any] = [Reservation.site_id, Reservation.item_id, Reservation.lot_id]
    query = sa.select(*columns).where(Reservation.id.in_(list(ids))).distinct()
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def _sums(session: Session, query: Any) -> dict[Key, int]:
    return {(row[0], row[1], row[2]): int(row[3]) for row in session.execute(query)}
