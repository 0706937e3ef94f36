"""Items and units of measure."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.errors import Forbidden, Invalid
from app.domain.audit.models import AuditEntry
from app.domain.catalog.commands import ItemExists, create_item, ensure_items
from app.domain.catalog.models import Item, UnitOfMeasure
from app.domain.catalog.rules import ItemDraft
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.reference import ensure_reference_rows
from tests.factories.plant import Plant


def test_reference_rows_may_be_ensured_again(session: Session, plant: Plant):
    ensure_reference_rows(session)

    codes = set(session.scalars(sa.select(UnitOfMeasure.code)))
    assert codes == {"kg", "t", "g", "m", "pcs"}


def test_a_tonne_is_a_thousand_kilograms_exactly(session: Session, plant: Plant):
    tonne = session.get_one(UnitOfMeasure, "t")

    assert (tonne.dimension, tonne.numerator, tonne.denominator) == ("mass", 1000, 1)


def test_an_item_is_made_with_its_code_and_an_audit_entry(session: Session, plant: Plant):
    item = create_item(
        session, actor=plant.keeper, draft=ItemDraft("  S355MC  400 ", "S355MC 4.00 × 1500")
    )

    session.flush()
    assert item.number == "S355MC 400"
    assert tokens_of(session, CodeKind.ITEM, [item.id])[item.id].startswith("P")
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("item.created", item.id)


def test_ensuring_items_makes_only_what_is_missing(session: Session, plant: Plant):
    found = ensure_items(
        session,
        actor=plant.keeper,
        drafts=[ItemDraft(plant.item.number, "Another name"), ItemDraft("DC04"), ItemDraft("DC04")],
    )

    assert found[plant.item.number].name == plant.item.name
    assert found["DC04"].name == "DC04"
    assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 3


def test_four_writers_at_once_make_one_item(database: Database, plant: Plant):
    def ensure(_: int) -> int:
        return database.unit_of_work(
            lambda session: (
                ensure_items(
                    session, actor=plant.keeper, drafts=[ItemDraft("DC04"), ItemDraft("DC01")]
                )["DC04"].id
            )
        )

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(ensure, range(4)))

    assert len(ids) == 1
    with database.reader() as session:
        assert len(tokens_of(session, CodeKind.ITEM, list(ids))) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(Item)) == 4


def test_an_existing_number_is_refused_by_create(session: Session, plant: Plant):
    with pytest.raises(ItemExists):
        create_item(session, actor=plant.keeper, draft=ItemDraft(plant.item.number))


@pytest.mark.parametrize("number", ["", "   ", "x" * 81, "a\x00b"])
def test_some_texts_are_no_item_numbers(session: Session, plant: Plant, number: str):
    with pytest.raises(Invalid):
        create_item(session, actor=plant.keeper, draft=ItemDraft(number))


def test_an_unknown_unit_of_measure_is_refused(session: Session, plant: Plant):
    with pytest.raises(Invalid) as refused:
        create_item(
            session, actor=plant.keeper, draft=ItemDraft("X1", unit_of_measure_code="stone")
        )

    assert refused.value.field == "unit_of_measure"


def test_a_driver_makes_no_items_but_may_name_those_that_exist(session: Session, plant: Plant):
    assert ensure_items(session, actor=plant.driver, drafts=[ItemDraft(plant.item.number)])

    with pytest.raises(Forbidden):
        create_item(session, actor=plant.driver, draft=ItemDraft("X1"))

    assert session.scalar(sa.select(Item.id).where(Item.number == "X1")) is None
