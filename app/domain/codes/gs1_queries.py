"""What the names that GS1 codes carry stand for here.

An SSCC and a GTIN with a serial are aliases of units, a GTIN is an alias of an item, and a lot is
one of that item's lots. Items and lots live in areas above this one, so lots are only named here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.codes.models import Alias
from app.domain.codes.rules import CodeKind, Scheme

_LOTS = sa.table("lots", sa.column("id"), sa.column("item_id"), sa.column("number"))
# A GTIN may have been written down with fewer digits: what is left out are zeros in front.
_SHORTER_BY = (0, 1, 2, 6)

Named = dict[tuple[Scheme, str], list[tuple[CodeKind, int, int]]]


def find_named(session: Session, values: Mapping[Scheme, set[str]]) -> Named:
    """(kind, subject, site) of everything that these names stand for, by scheme and name."""
    named: Named = {}
    for scheme in (Scheme.SSCC, Scheme.SGTIN):
        for row in _aliases(session, values.get(scheme, set())):
            named.setdefault((scheme, row.value), []).append(_found(row))
    lots = {name: name[4:].split("(10)", 1) for name in values.get(Scheme.GTIN_LOT, ())}
    gtins = values.get(Scheme.GTIN, set()) | {gtin for gtin, _ in lots.values()}
    spellings = {spelling: gtin for gtin in gtins for spelling in _spellings(gtin)}
    rows = [row for row in _aliases(session, set(spellings)) if row.kind == CodeKind.ITEM]
    for row in rows:
        named.setdefault((Scheme.GTIN, spellings[row.value]), []).append(_found(row))
    _add_lots(session, lots, named)
    return named


def _add_lots(session: Session, lots: Mapping[str, Sequence[str]], named: Named) -> None:
    """The lots of those numbers, where they belong to the item of their GTIN."""
    wanted: dict[tuple[int, str], list[tuple[str, int]]] = defaultdict(list)
    for name, (gtin, number) in lots.items():
        for _, item_id, site_id in named.get((Scheme.GTIN, gtin), []):
            wanted[item_id, number].append((name, site_id))
    if not wanted:
        return
    upper = sa.func.upper(_LOTS.c.number)
    rows = session.execute(
        sa.select(_LOTS.c.id, _LOTS.c.item_id, upper)
        .where(_LOTS.c.item_id.in_({item_id for item_id, _ in wanted}))
        .where(upper.in_({number for _, number in wanted}))
        .order_by(_LOTS.c.id)
    )
    for lot_id, item_id, number in rows:
        for name, site_id in wanted.get((item_id, number), ()):
            named.setdefault((Scheme.GTIN_LOT, name), []).append((CodeKind.LOT, lot_id, site_id))


def _aliases(session: Session, names: set[str]) -> Sequence[Any]:
    if not names:
        return ()
    columns = (Alias.value, Alias.kind, Alias.subject_id, Alias.site_id)
    return session.execute(
        sa.select(*columns).where(Alias.value.in_(names)).order_by(Alias.id)
    ).all()


def _found(row: Any) -> tuple[CodeKind, int, int]:
    return CodeKind(row.kind), row.subject_id, row.site_id


def _spellings(gtin: str) -> list[str]:
    return [gtin[cut:] for cut in _SHORTER_BY if not gtin[:cut].strip("0")]
