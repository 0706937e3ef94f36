"""Balances against the sums of their postings: all of them, or only what was touched.

Sums are taken in whole micro-units. Everything is read in one snapshot, so nobody has to pause.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.commit_order import position_of
from app.core.rows import rows_from
from app.core.types import from_micro
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance
from app.domain.locations.models import Location
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import DifferenceKind, ProvenBalance

Key = tuple[int, int, int]  # location or site, item, lot
Sums = dict[Key, int]  # in micro-units

_LIVE: Any = Balance.__table__
_PROVEN: Any = ProvenBalance.__table__
_SITES: Any = SiteBalance.__table__
_KEYS = ("location_id", "item_id", "lot_id")
KEYS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Books:
    """What the ledger says and what the projection says, of some keys."""

    expected: Sums
    found: Sums

    def differing(self) -> Iterator[Key]:
        """The keys on which they do not agree, in order."""
        for key in sorted(self.expected.keys() | self.found.keys()):
            if self.expected.get(key, 0) != self.found.get(key, 0):
                yield key


@dataclass(slots=True)
class Touched:
    """What was committed in a range of positions: sums per key, units, and what came after it."""

    delta: Sums = field(default_factory=dict)
    tail: Sums = field(default_factory=dict)
    unit_ids: list[int] = field(default_factory=list)


def micro(column: Any) -> Any:
    """A quantity as it is stored."""
    return sa.type_coerce(column, sa.BigInteger)


def posted_sums(*conditions: Any) -> list[sa.Select[Any]]:
    """What every place lost and what it gained; virtual places have no balance."""
    virtual = sa.select(Location.id).where(Location.is_virtual)
    parts: list[sa.Select[Any]] = []
    for place, sign in ((Posting.from_location_id, -1), (Posting.to_location_id, 1)):
        total = sa.cast(sa.func.sum(micro(Posting.quantity)) * sign, sa.BigInteger)
        columns: list[Any] = [place.label("location_id"), Posting.item_id, Posting.lot_id]
        part = sa.select(*columns, total.label("quantity"))
        if conditions:
            part = part.join(Movement, Movement.id == Posting.movement_id).where(*conditions)
        part = part.where(place.not_in(virtual))
        parts.append(part.group_by(place, Posting.item_id, Posting.lot_id))
    return parts


def find_wrong_balances(session: Session) -> dict[Key, int]:
    """Every balance that is not the sum of its postings, with what it lacks. Reads everything."""
    stands = sa.select(*[_LIVE.c[name] for name in _KEYS], -micro(_LIVE.c.on_hand))
    sums = sa.union_all(*posted_sums(), stands).subquery()
    keys = [sums.c[name] for name in _KEYS]
    lacking = sa.cast(sa.func.sum(sums.c.quantity), sa.BigInteger)
    query = sa.select(*keys, lacking).group_by(*keys).having(lacking != 0)
    return {(row[0], row[1], row[2]): row[3] for row in session.execute(query)}


def find_wrong_site_balances(session: Session, lacking: dict[Key, int]) -> dict[Key, int]:
    """Every site balance that is not the sum of its places', once these are put right."""
    of_places = sa.select(
        Location.site_id, _LIVE.c.item_id, _LIVE.c.lot_id, micro(_LIVE.c.on_hand).label("quantity")
    ).join_from(_LIVE, Location, Location.id == _LIVE.c.location_id)
    of_sites = sa.select(
        _SITES.c.site_id, _SITES.c.item_id, _SITES.c.lot_id, -micro(_SITES.c.on_hand)
    )
    both = of_places.union_all(of_sites).subquery()
    keys = [both.c.site_id, both.c.item_id, both.c.lot_id]
    total = sa.cast(sa.func.sum(both.c.quantity), sa.BigInteger)
    query = sa.select(*keys, total).group_by(*keys).having(total != 0)
    wrong: Sums = defaultdict(int)
    wrong |= {(row[0], row[1], row[2]): row[3] for row in session.execute(query)}
    sites = sites_of(session, {key[0] for key in lacking})
    for (location_id, item_id, lot_id), lacks in lacking.items():
        wrong[sites[location_id], item_id, lot_id] += lacks
    return {key: lacks for key, lacks in wrong.items() if lacks}


def read_touched(session: Session, *, low: int, high: int) -> Touched:
    """What was committed in [low, high), and what is visible beyond it."""
    position = position_of(session, ids=Movement.id, transactions=Movement.xact)
    inside = (position >= low, position < high)
    units = (
        sa.select(Posting.unit_id)
        .join(Movement, Movement.id == Posting.movement_id)
        .where(*inside, Posting.unit_id.is_not(None))
        .distinct()
    )
    return Touched(
        delta=_sums(session, *inside),
        tail=read_tail(session, high=high),
        unit_ids=sorted(session.scalars(units)),
    )


def read_tail(session: Session, *, high: int) -> Sums:
    """What is visible beyond a position."""
    position = position_of(session, ids=Movement.id, transactions=Movement.xact)
    return _sums(session, position >= high)


def _sums(session: Session, *conditions: Any) -> Sums:
    sums: Sums = defaultdict(int)
    for location_id, item_id, lot_id, quantity in session.execute(
        sa.union_all(*posted_sums(*conditions))
    ):
        sums[location_id, item_id, lot_id] += quantity
    return dict(sums)


def touched_books(session: Session, touched: Touched) -> Books:
    """The touched keys: what was proven before plus what came since, against what stands there."""
    keys = touched.delta.keys()
    proven, live = _rows(session, _PROVEN, keys), _rows(session, _LIVE, keys)
    return Books(
        {key: proven.get(key, 0) + touched.delta[key] + touched.tail.get(key, 0) for key in keys},
        {key: live.get(key, 0) for key in keys},
    )


def touched_site_books(session: Session, touched: Touched) -> Books:
    """The same for the sites of the touched keys: a site has what its places have."""
    sites = sites_of(session, {key[0] for key in (*touched.delta, *touched.tail)})
    keys = {(sites[key[0]], key[1], key[2]) for key in touched.delta}
    expected = _proven_of_sites(session, keys)
    for sums in (touched.delta, touched.tail):
        for (location_id, item_id, lot_id), quantity in sums.items():
            key = (sites[location_id], item_id, lot_id)
            if key in keys:
                expected[key] = expected.get(key, 0) + quantity
    found = _rows(session, _SITES, keys, names=("site_id", "item_id", "lot_id"))
    return Books(expected, found)


def _proven_of_sites(session: Session, keys: Iterable[Key]) -> Sums:
    stock = sorted({(item_id, lot_id) for _, item_id, lot_id in keys})
    sums: Sums = {}
    for start in range(0, len(stock), KEYS_AT_ONCE):
        wanted = rows_from(
            session,
            [{"item_id": item, "lot_id": lot} for item, lot in stock[start : start + KEYS_AT_ONCE]],
            [_PROVEN.c.item_id, _PROVEN.c.lot_id],
        )
        same = (_PROVEN.c.item_id == wanted.c.item_id, _PROVEN.c.lot_id == wanted.c.lot_id)
        columns = (Location.site_id, _PROVEN.c.item_id, _PROVEN.c.lot_id)
        total = sa.cast(sa.func.sum(micro(_PROVEN.c.on_hand)), sa.BigInteger)
        query = (
            sa.select(*columns, total)
            .select_from(_PROVEN)
            .join(wanted, sa.and_(*same))
            .join(Location, Location.id == _PROVEN.c.location_id)
            .group_by(*columns)
        )
        sums |= {(row[0], row[1], row[2]): row[3] for row in session.execute(query)}
    return sums


def _rows(
    session: Session, table: sa.Table, keys: Iterable[Key], names: tuple[str, ...] = _KEYS
) -> Sums:
    found: Sums = {}
    ordered = sorted(keys)
    for start in range(0, len(ordered), KEYS_AT_ONCE):
        chunk = [
            dict(zip(names, key, strict=True)) for key in ordered[start : start + KEYS_AT_ONCE]
        ]
        wanted = rows_from(session, chunk, [table.c[name] for name in names])
        same = sa.and_(*[table.c[name] == wanted.c[name] for name in names])
        query = sa.select(*[table.c[name] for name in names], micro(table.c.on_hand))
        for row in session.execute(query.join_from(table, wanted, same)):
            found[row[0], row[1], row[2]] = row[3]
    return found


def unproven(session: Session, *, lacking: dict[Key, int], tail: Sums) -> Iterator[tuple[Key, int]]:
    """Keys whose proven balance is not what the ledger says, with what it must be.

    Asked after `find_wrong_balances` in the same snapshot: the ledger says what the live balance
    says, plus what that lacks, minus what was committed beyond the cursor.
    """
    both = sa.union_all(
        sa.select(*[_LIVE.c[name] for name in _KEYS], micro(_LIVE.c.on_hand).label("quantity"),
                  sa.literal(1).label("is_live")),
        sa.select(*[_PROVEN.c[name] for name in _KEYS], micro(_PROVEN.c.on_hand), sa.literal(0)),
    ).subquery()  # fmt: skip
    keys: list[Any] = [both.c[name] for name in _KEYS]
    live = sa.cast(sa.func.sum(both.c.quantity * both.c.is_live), sa.BigInteger)
    proven = sa.cast(sa.func.sum(both.c.quantity * (1 - both.c.is_live)), sa.BigInteger)
    query = sa.select(*keys, live, proven).group_by(*keys).having(live != proven)
    rest = lacking.keys() | tail.keys()
    # A first check finds every balance unproven: they come in portions.
    rows: Any = session.execute(query, execution_options={"yield_per": KEYS_AT_ONCE})
    for location_id, item_id, lot_id, stands, was in rows:
        key = (location_id, item_id, lot_id)
        rest.discard(key)
        must = stands + lacking.get(key, 0) - tail.get(key, 0)
        if must != was:
            yield key, must
    stand = _rows(session, _LIVE, rest)
    for key in sorted(rest):
        must = stand.get(key, 0) + lacking.get(key, 0) - tail.get(key, 0)
        if must != stand.get(key, 0):
            yield key, must


def sites_of(session: Session, location_ids: Iterable[int]) -> dict[int, int]:
    """The site of each location."""
    table: Any = Location.__table__
    wanted = rows_from(session, [{"id": id_} for id_ in sorted(location_ids)], [table.c.id])
    query = sa.select(Location.id, Location.site_id).join(wanted, Location.id == wanted.c.id)
    return {row[0]: row[1] for row in session.execute(query)}


def balance_differences(
    session: Session, wrong: dict[Key, int], found: Sums | None = None
) -> list[Difference]:
    """Differences of balances, by what each lacks; the first suspect of each is looked up."""
    stand = _rows(session, _LIVE, wrong) if found is None else found
    sites = sites_of(session, {key[0] for key in wrong})
    return [
        Difference(
            DifferenceKind.BALANCE,
            "on hand in a place",
            expected=_text(stand.get(key, 0) + lacks),
            found=_text(stand.get(key, 0)),
            site_id=sites[key[0]],
            location_id=key[0],
            item_id=key[1],
            lot_id=key[2],
            suspect_movement_id=suspect(session, key, lacks),
        )
        for key, lacks in sorted(wrong.items())
    ]


def site_differences(session: Session, wrong: dict[Key, int]) -> list[Difference]:
    """Differences of what whole sites have."""
    stand = _rows(session, _SITES, wrong, names=("site_id", "item_id", "lot_id"))
    return [
        Difference(
            DifferenceKind.SITE_BALANCE,
            "on hand in the whole site",
            expected=_text(stand.get(key, 0) + lacks),
            found=_text(stand.get(key, 0)),
            site_id=key[0],
            item_id=key[1],
            lot_id=key[2],
        )
        for key, lacks in sorted(wrong.items())
    ]


def suspect(session: Session, key: Key, lacks: int) -> int | None:
    """The movement to look at first: the latest whose line of this key is what the balance lacks,
    or has twice; else the latest that touched the key at all."""
    location_id, item_id, lot_id = key
    signed = sa.case(
        (Posting.to_location_id == location_id, micro(Posting.quantity)),
        else_=-micro(Posting.quantity),
    )
    query = (
        sa.select(Posting.movement_id)
        .where(
            Posting.item_id == item_id,
            Posting.lot_id == lot_id,
            sa.or_(Posting.from_location_id == location_id, Posting.to_location_id == location_id),
        )
        .order_by(sa.case((signed.in_([lacks, -lacks]), 0), else_=1), Posting.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def lacking_of(books: Books) -> dict[Key, int]:
    """What each differing key lacks."""
    return {key: books.expected.get(key, 0) - books.found.get(key, 0) for key in books.differing()}


def _text(quantity: int) -> str:
    return f"{from_micro(quantity):f}"


def ledger_says(session: Session, key: Key) -> int:
    """What the ledger says of one place now, for whoever holds its balance's lock."""
    location_id, item_id, lot_id = key
    gained = sa.case((Posting.to_location_id == location_id, micro(Posting.quantity)), else_=0)
    lost = sa.case((Posting.from_location_id == location_id, micro(Posting.quantity)), else_=0)
    touching = sa.or_(
        Posting.from_location_id == location_id, Posting.to_location_id == location_id
    )
    query = sa.select(sa.func.coalesce(sa.func.sum(gained - lost), 0)).where(
        Posting.item_id == item_id, Posting.lot_id == lot_id, touching
    )
    return int(session.execute(query).scalar_one())


def ledger_says_of_site(session: Session, key: Key) -> int:
    """What the ledger says of a whole site now, for whoever holds its balance's lock."""
    site_id, item_id, lot_id = key
    inside = sa.select(Location.id).where(Location.site_id == site_id, ~Location.is_virtual)
    gained = sa.case((Posting.to_location_id.in_(inside), micro(Posting.quantity)), else_=0)
    lost = sa.case((Posting.from_location_id.in_(inside), micro(Posting.quantity)), else_=0)
    query = sa.select(sa.func.coalesce(sa.func.sum(gained - lost), 0)).where(
        Posting.item_id == item_id, Posting.lot_id == lot_id
    )
    return int(session.execute(query).scalar_one())
