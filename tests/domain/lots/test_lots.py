"""Lots."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, Invalid, NotFound
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.lots.commands import LotExists, ensure_lots, register_lot
from app.domain.lots.models import NO_LOT, Lot, LotStatus
from app.domain.lots.queries import lot_by_uid
from tests.factories.plant import Plant


def test_row_0_is_no_lot_and_has_no_page(session: Session, plant: Plant):
    no_lot = session.get_one(Lot, NO_LOT)

    assert no_lot.item_id is None
    with pytest.raises(NotFound):
        lot_by_uid(session, uid=no_lot.uid)


def test_a_lot_is_registered_approved_and_with_its_code(session: Session, plant: Plant):
    lot = register_lot(session, actor=plant.keeper, item_id=plant.item.id, number=" EE017 ")

    assert (lot.number, lot.status) == ("EE017", LotStatus.APPROVED)
    assert tokens_of(session, CodeKind.LOT, [lot.id])[lot.id].startswith("K")


def test_a_number_may_come_again_for_another_item_but_not_for_the_same(
    session: Session, plant: Plant
):
    register_lot(session, actor=plant.keeper, item_id=plant.other_item.id, number="L-26-1187")

    with pytest.raises(LotExists):
        register_lot(session, actor=plant.keeper, item_id=plant.item.id, number="L-26-1187")


def test_ensuring_lots_makes_only_what_is_missing(session: Session, plant: Plant):
    wanted = [
        (plant.item.id, "L-26-1187"),
        (plant.item.id, "NEW"),
        (plant.other_item.id, "NEW"),
        (plant.item.id, "NEW"),
    ]

    lots = ensure_lots(session, actor=plant.keeper, wanted=wanted)

    assert lots[plant.item.id, "L-26-1187"].id == plant.lot.id
    assert len({lot.id for lot in lots.values()}) == 3
    assert session.scalar(sa.select(sa.func.count()).where(Lot.number == "NEW")) == 2


@pytest.mark.parametrize("number", ["", " ", "x" * 81, "a\x07b"])
def test_some_texts_are_no_lot_numbers(session: Session, plant: Plant, number: str):
    with pytest.raises(Invalid):
        register_lot(session, actor=plant.keeper, item_id=plant.item.id, number=number)


def test_a_driver_registers_no_lots(session: Session, plant: Plant):
    with pytest.raises(Forbidden):
        register_lot(session, actor=plant.driver, item_id=plant.item.id, number="X1")

    assert session.scalar(sa.select(Lot.id).where(Lot.number == "X1")) is None
