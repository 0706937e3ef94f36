"""Entering material by hand: an item, its lot and its rolls, booked as produced, in one act."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.rights import Actor
from app.domain.catalog.commands import ensure_items
from app.domain.catalog.models import Item, Tracking
from app.domain.catalog.rules import ItemDraft, clean_text
from app.domain.imports.known_queries import usual_weights
from app.domain.ledger.commands import Details, NewStock, produce
from app.domain.ledger.drafts import Key, NewUnit
from app.domain.ledger.models import IdempotencyKey
from app.domain.lots.commands import LotExists, ensure_lots
from app.domain.lots.queries import lots_by_number

ROLLS_MAX = 200


class UnusualWeight(Invalid):
    """A weight is far off what rolls of the item usually weigh; somebody must say it is right."""

    code = "unusual_weight"


@dataclass(frozen=True, slots=True)
class Entry:
    """The rolls that came of an entry, and whether it had been made before."""

    movement_uid: uuid.UUID
    unit_ids: tuple[int, ...]
    item_id: int
    lot_id: int
    is_repeat: bool


def enter_material(
    session: Session,
    *,
    actor: Actor,
    department_id: int,
    item_number: str,
    item_name: str,
    lot_number: str,
    weights: Sequence[Decimal],
    may_add_to_lot: bool,
    are_weights_right: bool,
    key: Key,
) -> Entry:
    """Make item and lot where there are none, and book the rolls as produced.

    A lot that exists is refused (LotExists) unless the caller says that the rolls belong to it,
    and so are weights far off what is usual for the item (UnusualWeight) unless they are right.
    The same key again has no effect and gives the same answer.
    """
    if not 1 <= len(weights) <= ROLLS_MAX:
        raise Invalid(f"Enter 1 to {ROLLS_MAX} rolls at a time.", field="weights")
    item = _ensure_item(session, actor, department_id, item_number, item_name)
    number = clean_text(lot_number, what="A lot number", field="lot", longest=80)
    pair = (item.id, number)
    is_known = pair in lots_by_number(session, wanted=[pair])
    # Asked after the lot: whoever finds the lot of a request that has just been answered finds
    # that answer too.
    if is_known and not may_add_to_lot and not _was_answered(session, key):
        raise LotExists(f"{item.number} has a lot {number} already.", field="lot", lot=number)
    if not are_weights_right and not _was_answered(session, key):
        _refuse_unusual(session, item.number, weights)
    lot = ensure_lots(session, actor=actor, wanted=[pair])[pair]
    posted = produce(
        session,
        actor=actor,
        stock=NewStock(
            department_id=department_id,
            item_id=item.id,
            lot_id=lot.id,
            units=[NewUnit(quantity=weight) for weight in weights],
            details=Details(reference_type="entry", key=key),
        ),
    )
    assert posted.movement_uid is not None
    return Entry(posted.movement_uid, posted.unit_ids, item.id, lot.id, is_repeat=posted.is_replay)


def _ensure_item(
    session: Session, actor: Actor, department_id: int, number: str, name: str
) -> Item:
    # Cleaned here too, so that a refusal names the field of this form.
    cleaned = clean_text(number, what="An item number", field="item_number", longest=80)
    if name:
        name = clean_text(name, what="A name", field="item_name", longest=200)
    draft = ItemDraft(cleaned, name or None)
    item = ensure_items(session, actor=actor, drafts=[draft])[cleaned]
    if item.tracking != Tracking.UNIT:
        raise Invalid(f"{cleaned} is not kept by roll.", field="item_number")
    if item.unit_of_measure_code != "kg":
        raise Invalid(
            f"{cleaned} is kept in {item.unit_of_measure_code}, not in kg.", field="item_number"
        )
    if item.department_id not in (None, department_id):
        raise Invalid(f"{cleaned} is entered by another department.", field="item_number")
    return item


def _refuse_unusual(session: Session, number: str, weights: Sequence[Decimal]) -> None:
    usual = usual_weights(session, items=[number], few=[number]).get(number)
    odd = [weight for weight in weights if usual is not None and not usual.is_usual(weight)]
    if odd and usual is not None:
        listed = ", ".join(f"{weight:f}" for weight in odd[:5])
        raise UnusualWeight(f"Expected {usual.because}, found {listed}.", field="weights")


def _was_answered(session: Session, key: Key) -> bool:
    return bool(
        session.scalar(
            sa.select(sa.func.count()).where(
                IdempotencyKey.scope == key.scope, IdempotencyKey.key == key.key
            )
        )
    )
