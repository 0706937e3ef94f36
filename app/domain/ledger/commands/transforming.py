"""What changes how much a unit holds, or which units there are: split, merge, weigh, use a part.

What was read before the locks is checked under them: where a unit has changed in between, the
whole transaction starts again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.database import StaleRead
from app.core.rights import Actor
from app.core.types import plain
from app.domain.catalog.models import Item
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands.details import Details, Posted, post_one, posted
from app.domain.ledger.commands.drafting import (
    NO_DETAILS,
    draft_of,
    read_units,
    virtual_location,
)
from app.domain.ledger.drafts import (
    Guard,
    Key,
    LineDraft,
    MovementDraft,
    NewUnit,
    Place,
    UnitBook,
)
from app.domain.ledger.entry_rules import ENDS, require_reason
from app.domain.ledger.errors import (
    AsksToClose,
    EmptyMovement,
    OutsideTolerance,
    PartOfUnit,
    UnlikeUnits,
)
from app.domain.ledger.models import Verb
from app.domain.ledger.posting import post_batch
from app.domain.locations.models import LocationKind

# A scale and a mill's own weight differ by this much without anything having happened.
WEIGHING_TOLERANCE = Decimal("0.01")
MOST_PARTS = 100
UNUSABLE = "Too little is left of it"


def split(
    session: Session,
    *,
    actor: Actor,
    unit_id: int,
    parts: Sequence[Decimal],
    details: Details = NO_DETAILS,
) -> Posted:
    """Cut parts off a unit. It keeps its code and the remainder; each part gets a new code."""
    unit = read_units(session, [unit_id])[unit_id]
    cut = sum(parts, Decimal(0))
    if not 1 <= len(parts) <= MOST_PARTS or min(parts) <= 0:
        raise EmptyMovement(f"Say the quantity of 1 to {MOST_PARTS} parts.", field="parts")
    if cut >= unit.quantity:
        raise PartOfUnit(
            f"The parts are {cut} together, and this roll holds {unit.quantity}. "
            "Something must remain of it.",
            field="parts",
            quantity=str(unit.quantity),
            asked=str(cut),
        )
    between = virtual_location(session, unit.site_id, LocationKind.TRANSFORMATION)
    lines = [_out(unit, between, cut)]
    lines += [
        LineDraft(unit.item_id, unit.lot_id, unit.location_id, between, new_unit=NewUnit(part))
        for part in parts
    ]
    draft = draft_of(Verb.TRANSFORM, unit.site_id, lines, details)
    booked = post_one(session, draft, actor=actor)
    if not booked.is_replay:
        assign_codes(session, CodeKind.UNIT, list(booked.unit_ids))
    return booked


def merge(
    session: Session,
    *,
    actor: Actor,
    unit_ids: Sequence[int],
    into_id: int,
    details: Details = NO_DETAILS,
) -> Posted:
    """Make several units of one item and lot one: `into_id` keeps its code and gains the others."""
    others = [id_ for id_ in dict.fromkeys(unit_ids) if id_ != into_id]
    if not others:
        raise EmptyMovement("Name at least one other roll.", field="units")
    units = read_units(session, [into_id, *others])
    kept = units[into_id]
    if any((u.item_id, u.lot_id) != (kept.item_id, kept.lot_id) for u in units.values()):
        raise UnlikeUnits("Only rolls of one item and lot become one.", field="units")
    between = virtual_location(session, kept.site_id, LocationKind.TRANSFORMATION)
    lines = [_out(units[id_], between, units[id_].quantity) for id_ in others]
    gained = sum((units[id_].quantity for id_ in others), Decimal(0))
    lines.append(_in(kept, between, gained))
    details = replace(details, guard=_unchanged(units))
    return post_one(session, draft_of(Verb.TRANSFORM, kept.site_id, lines, details), actor=actor)


def weigh(
    session: Session,
    *,
    actor: Actor,
    unit_id: int,
    quantity: Decimal,
    details: Details = NO_DETAILS,
) -> Posted | None:
    """Book what a scale says a unit holds; None where the books say the same.

    More than 1 % of difference needs a reason.
    """
    unit = read_units(session, [unit_id])[unit_id]
    if quantity <= 0:
        raise EmptyMovement("A weight is more than zero.", field="quantity")
    difference = quantity - unit.quantity
    if not difference:
        return None
    if abs(difference) > unit.quantity * WEIGHING_TOLERANCE and not (details.reason or "").strip():
        raise OutsideTolerance(
            f"The books say {unit.quantity}, the scale says {quantity}. Say why.",
            field="reason",
            books=str(unit.quantity),
            scale=str(quantity),
        )
    scale = virtual_location(session, unit.site_id, LocationKind.MEASUREMENT)
    line = _in(unit, scale, difference) if difference > 0 else _out(unit, scale, -difference)
    details = replace(details, guard=_unchanged({unit_id: unit}))
    return post_one(session, draft_of(Verb.TRANSFORM, unit.site_id, [line], details), actor=actor)


def take_part(
    session: Session,
    *,
    actor: Actor,
    verb: Literal[Verb.ISSUE, Verb.CONSUME, Verb.SCRAP],
    unit_id: int,
    quantity: Decimal | None = None,
    left: Decimal | None = None,
    closes: bool | None = None,
    details: Details = NO_DETAILS,
) -> list[Posted]:
    """Use up a part of a unit, said as what is taken or what is left; the rest keeps its code.

    Where less would be left than the item's scrap threshold, `closes` must say whether the rest
    is scrapped with it (True) or kept (False).
    """
    require_reason(verb, details.reason)
    unit = read_units(session, [unit_id])[unit_id]
    taken = quantity if left is None else unit.quantity - left
    if taken is None or taken <= 0 or taken > unit.quantity:
        raise PartOfUnit(
            f"This roll holds {unit.quantity}. Take more than nothing and no more than that.",
            field="quantity" if left is None else "left",
            quantity=str(unit.quantity),
        )
    rest = plain(unit.quantity - taken)
    drafts = [_use(session, verb, unit, taken, details)]
    if rest and _asks_to_close(session, unit, rest, closes):
        scrapped = replace(details, reason=details.reason or UNUSABLE, key=_second(details.key))
        drafts.append(_use(session, Verb.SCRAP, unit, rest, scrapped))
    guarded = replace(drafts[0], guard=_unchanged({unit_id: unit}))
    group = [replace(one, linked=f"unit:{unit_id}") for one in (guarded, *drafts[1:])]
    return posted(post_batch(session, group, actor=actor))


def _second(key: Key | None) -> Key | None:
    return replace(key, key=f"{key.key}:rest"[:200]) if key else None


def _use(
    session: Session, verb: Verb, unit: Any, taken: Decimal, details: Details
) -> MovementDraft:
    kind = ENDS[verb][1]
    assert kind is not None
    line = _out(unit, virtual_location(session, unit.site_id, kind), taken)
    return draft_of(verb, unit.site_id, [line], details)


def _asks_to_close(session: Session, unit: Any, rest: Decimal, closes: bool | None) -> bool:
    threshold = session.scalar(sa.select(Item.scrap_below).where(Item.id == unit.item_id))
    if threshold is None or rest >= threshold:
        return False
    if closes is None:
        raise AsksToClose(
            f"Only {rest} would be left of this roll, less than {threshold}. Say whether the "
            "rest is scrapped or kept.",
            field="closes",
            left=str(rest),
            threshold=str(threshold),
        )
    return closes


def _out(unit: Any, target_id: int, quantity: Decimal) -> LineDraft:
    """So much of a unit leaves it."""
    return LineDraft(unit.item_id, unit.lot_id, target_id, quantity=quantity, unit_id=unit.id)


def _in(unit: Any, origin_id: int, quantity: Decimal) -> LineDraft:
    """A unit gains so much where it lies."""
    return LineDraft(
        unit.item_id,
        unit.lot_id,
        unit.location_id,
        origin_id,
        quantity=quantity,
        unit_id=unit.id,
    )


def _unchanged(units: Mapping[int, Any]) -> Guard:
    """Starts again where a unit holds something else under the locks than was read before."""

    def judge(_draft: MovementDraft, locked: Sequence[UnitBook], _places: Sequence[Place]) -> None:
        if any(unit.quantity != units[unit.id].quantity for unit in locked):
            raise StaleRead

    return judge
