"""Material by hand: item, lot and rolls in one act, once however often it is sent."""

import threading
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.errors import Forbidden, Invalid
from app.domain.catalog.commands import create_item
from app.domain.catalog.models import Item, Tracking
from app.domain.catalog.rules import ItemDraft
from app.domain.codes.models import LabelCode
from app.domain.codes.rules import CodeKind
from app.domain.imports.commands import enter_material
from app.domain.imports.commands.entering import UnusualWeight
from app.domain.ledger.drafts import Key
from app.domain.ledger.errors import KeyReused
from app.domain.ledger.models import Movement
from app.domain.lots.commands import LotExists
from app.domain.units.models import Unit, UnitState


@pytest.fixture
def enter(database, plant):
    def act(*, actor=plant.keeper, key="form-1", weights=("4820", "4795.5"), **changes):
        what = {
            "department_id": plant.hot_rolling.id,
            "item_number": "S355MC",
            "item_name": "S355MC 4.00",
            "lot_number": "L-1",
            "may_add_to_lot": False,
            "are_weights_right": False,
        } | changes
        payload = {**what, "weights": weights}
        return database.unit_of_work(
            lambda session: enter_material(
                session,
                actor=actor,
                weights=[Decimal(weight) for weight in weights],
                key=Key.of("user:1", key, payload),
                **what,
            )
        )

    return act


def count(database, model, *where):
    with database.reader() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model).where(*where))


def test_an_entry_makes_item_lot_and_labelled_rolls_in_staging(database, plant, enter):
    entry = enter()

    with database.reader() as session:
        rolls = session.scalars(sa.select(Unit).where(Unit.id.in_(entry.unit_ids))).all()
        item = session.get_one(Item, entry.item_id)
    assert sorted(roll.quantity for roll in rolls) == [Decimal("4795.5"), Decimal(4820)]
    assert {(roll.state, roll.location_id) for roll in rolls} == {
        (UnitState.PRODUCED, plant.hot_staging.id)
    }
    assert item.name == "S355MC 4.00"
    assert count(database, LabelCode, LabelCode.kind == CodeKind.UNIT) == 2


def test_the_same_form_sent_twice_has_one_effect_and_the_same_answer(database, enter):
    first, second = enter(), enter()

    assert second.unit_ids == first.unit_ids
    assert (first.is_repeat, second.is_repeat) == (False, True)
    assert count(database, Unit) == 2


def test_the_same_form_sent_at_once_has_one_effect(database, enter):
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(enter().unit_ids)) for _ in "1234"]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert count(database, Movement) == 1


def test_a_form_that_was_changed_after_it_was_sent_is_refused(database, enter):
    enter()

    with pytest.raises(KeyReused):
        enter(weights=("1",), may_add_to_lot=True)

    assert count(database, Unit) == 2


def test_a_lot_that_exists_takes_more_rolls_only_if_that_is_meant(database, enter):
    enter()

    with pytest.raises(LotExists) as refusal:
        enter(key="form-2")
    enter(key="form-3", may_add_to_lot=True)

    assert refusal.value.field == "lot"
    assert count(database, Unit) == 4


def test_an_item_that_exists_keeps_its_name(database, plant, enter):
    entry = enter(item_number=plant.item.number, item_name="Other name")

    assert entry.item_id == plant.item.id
    assert count(database, Item, Item.name == "Other name") == 0


def test_an_operator_enters_rolls_of_known_items_only(database, plant, enter):
    with pytest.raises(Forbidden):
        enter(actor=plant.operator)

    entry = enter(actor=plant.operator, item_number=plant.item.number)

    assert len(entry.unit_ids) == 2
    assert count(database, Item, Item.number == "S355MC") == 0


@pytest.mark.parametrize("who", ["driver", "viewer"])
def test_whoever_may_not_produce_enters_nothing(database, plant, enter, who):
    with pytest.raises(Forbidden):
        enter(actor=getattr(plant, who), item_number=plant.item.number)

    assert count(database, Unit) == 0


def test_nobody_enters_into_a_department_that_is_not_theirs(database, plant, enter):
    with pytest.raises(Forbidden):
        enter(department_id=plant.finishing.id, item_number=plant.item.number)

    assert count(database, Unit) == 0


@pytest.mark.parametrize(
    "draft, reason",
    [
        (ItemDraft("BOLTS", tracking=Tracking.QUANTITY), "not kept by roll"),
        (ItemDraft("CABLE", unit_of_measure_code="m"), "is kept in m"),
    ],
)
def test_an_item_of_another_sort_is_refused(database, plant, enter, draft, reason):
    database.unit_of_work(lambda session: create_item(session, actor=plant.admin, draft=draft))

    with pytest.raises(Invalid, match=reason):
        enter(item_number=draft.number)


@pytest.mark.parametrize("weights", [(), ("1",) * 201])
def test_an_entry_has_one_to_two_hundred_rolls(database, enter, weights):
    with pytest.raises(Invalid, match="1 to 200 rolls"):
        enter(weights=weights)

    assert count(database, Item, Item.number == "S355MC") == 0


def test_a_weight_far_off_what_is_usual_asks_and_is_taken_once_it_is_right(database, enter):
    enter(weights=("4820", "4795.5", "4801", "4799", "4810"))

    with pytest.raises(UnusualWeight, match="found 48020") as refusal:
        enter(key="form-2", lot_number="L-2", weights=("4801", "48020"))
    taken = enter(key="form-2", lot_number="L-2", weights=("4801", "48020"), are_weights_right=True)

    assert "the usual 4801 kg" in refusal.value.message
    assert len(taken.unit_ids) == 2
    assert count(database, Unit) == 7


def test_the_tolerance_of_an_item_is_its_own(database, plant, enter):
    draft = ItemDraft("TIGHT", typical_quantity=Decimal(1000), tolerance_percent=5)
    database.unit_of_work(lambda session: create_item(session, actor=plant.keeper, draft=draft))

    enter(item_number="TIGHT", weights=("950", "1050"))
    with pytest.raises(UnusualWeight, match=r"about 1000 kg \(± 5 %\)"):
        enter(key="form-2", item_number="TIGHT", lot_number="L-2", weights=("1051",))

    assert count(database, Unit) == 2
