"""Split, merge, weigh, use a part: what changes how much a roll holds; each undone."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import DomainError
from app.domain.catalog.models import Item
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger import errors
from app.domain.ledger.commands import (
    Details,
    merge,
    split,
    take_part,
    weigh,
)
from app.domain.ledger.drafts import EntryLine
from app.domain.ledger.models import Movement, Verb
from app.domain.units.models import UnitState
from tests.factories.entries import enter, loose, state_of, taking, undo
from tests.factories.plant import Plant
from tests.factories.stock import (
    COIL,
    assert_books_agree,
    balances,
    movement_count,
    produce_coils,
    stored_coils,
    unit_of,
)


def test_a_part_of_a_roll_is_used_and_the_rest_keeps_its_code(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)
    before = state_of(database)

    (booked,) = use(database, plant, coil, left=Decimal(4000))

    unit = unit_of(database, coil)
    assert (unit.quantity, unit.state, unit.location_id) == (4000, UnitState.STORED, plant.bin.id)
    assert balances(database) == {("FM01A01", plant.item.id, plant.lot.id): Decimal(4000)}
    assert_books_agree(database)
    undo(database, plant, booked.movement_id)
    assert state_of(database) == before


def use(database: Database, plant: Plant, coil: int, verb=Verb.ISSUE, **given):
    return database.unit_of_work(
        lambda session: take_part(session, actor=plant.keeper, verb=verb, unit_id=coil, **given)
    )


def test_a_useless_rest_is_asked_about(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)

    def set_threshold(session):
        session.get_one(Item, plant.item.id).scrap_below = Decimal(50)

    database.unit_of_work(set_threshold)
    before = movement_count(database)

    with pytest.raises(errors.AsksToClose, match="Only 20 would be left"):
        use(database, plant, coil, left=Decimal(20))
    assert movement_count(database) == before
    use(database, plant, coil, left=Decimal(60))
    use(database, plant, coil, left=Decimal(40), closes=False)
    assert unit_of(database, coil).quantity == 40
    use(database, plant, coil, left=Decimal(20), closes=True)

    unit = unit_of(database, coil)
    assert (unit.state, balances(database)) == (UnitState.SCRAPPED, {})
    assert_books_agree(database)


def test_more_than_a_roll_holds_is_not_used(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)

    for given in ({"quantity": COIL + 1}, {"quantity": Decimal(0)}, {"left": COIL}, {}):
        with pytest.raises(errors.PartOfUnit):
            use(database, plant, coil, **given)
    with pytest.raises(errors.PartOfUnit, match="A unit moves whole"):
        enter(database, plant, Verb.DISPATCH, EntryLine(unit_id=coil, quantity=Decimal(1)))


def test_a_roll_is_split_and_its_parts_get_their_own_labels(database: Database, plant: Plant):
    (coil,) = stored_coils(database, plant)

    booked = database.unit_of_work(
        lambda session: split(
            session, actor=plant.keeper, unit_id=coil, parts=[Decimal(1000), Decimal("820.5")]
        )
    )

    assert unit_of(database, coil).quantity == 3000
    assert [unit_of(database, id_).quantity for id_ in booked.unit_ids] == [1000, Decimal("820.5")]
    assert balances(database) == {("FM01A01", plant.item.id, plant.lot.id): COIL}
    with database.reader() as session:
        assert len(tokens_of(session, CodeKind.UNIT, booked.unit_ids)) == 2
    assert_books_agree(database)
    undo(database, plant, booked.movement_id)
    assert unit_of(database, coil).quantity == COIL
    assert {unit_of(database, id_).state for id_ in booked.unit_ids} == {UnitState.VOIDED}
    assert_books_agree(database)


@pytest.mark.parametrize("parts", [[], [Decimal(0)], [COIL], [Decimal(4000), Decimal(4000)]])
def test_a_split_leaves_something(database: Database, plant: Plant, parts):
    (coil,) = stored_coils(database, plant)
    before = movement_count(database)

    with pytest.raises(DomainError):
        database.unit_of_work(
            lambda session: split(session, actor=plant.keeper, unit_id=coil, parts=parts)
        )

    assert movement_count(database) == before


def test_rolls_become_one_and_part_again(database: Database, plant: Plant):
    coils = [*stored_coils(database, plant, 2), *produce_coils(database, plant)]
    before = state_of(database)

    booked = database.unit_of_work(
        lambda session: merge(session, actor=plant.keeper, unit_ids=coils, into_id=coils[0])
    )

    kept = unit_of(database, coils[0])
    assert (kept.quantity, kept.location_id) == (3 * COIL, plant.bin.id)
    assert {unit_of(database, id_).state for id_ in coils[1:]} == {UnitState.CONSUMED}
    assert_books_agree(database)
    undo(database, plant, booked.movement_id)
    assert state_of(database) == before


@pytest.mark.parametrize("scale, reason", [("4830", None), ("4810", None), ("4000", "Strip cut")])
def test_a_scale_corrects_what_a_roll_holds(database: Database, plant: Plant, scale, reason):
    (coil,) = stored_coils(database, plant)
    before = state_of(database)

    booked = weighed(database, plant, coil, scale, reason)

    assert unit_of(database, coil).quantity == Decimal(scale)
    assert_books_agree(database)
    undo(database, plant, booked.movement_id)
    assert state_of(database) == before


def weighed(database: Database, plant: Plant, coil: int, scale: str, reason: str | None = None):
    return database.unit_of_work(
        lambda session: weigh(
            session,
            actor=plant.keeper,
            unit_id=coil,
            quantity=Decimal(scale),
            details=Details(reason=reason),
        )
    )


def test_a_weight_far_off_needs_a_reason_and_an_equal_one_books_nothing(
    database: Database, plant: Plant
):
    (coil,) = stored_coils(database, plant)
    before = movement_count(database)

    with pytest.raises(errors.OutsideTolerance, match="The books say"):
        weighed(database, plant, coil, "4000")
    assert weighed(database, plant, coil, str(COIL)) is None
    assert movement_count(database) == before


def test_everything_can_be_undone_back_to_the_first(database: Database, plant: Plant):
    line = loose(database, plant)
    (coil,) = stored_coils(database, plant)
    enter(database, plant, Verb.CONSUME, taking(line, "4"), EntryLine(unit_id=coil, quantity=COIL))
    enter(
        database, plant, Verb.RETURN, EntryLine(unit_id=coil, to_location_id=plant.bin.id),
        reason="Not used",
    )  # fmt: skip
    use(database, plant, coil, Verb.SCRAP, quantity=Decimal(20), details=Details(reason="Rust"))
    database.unit_of_work(
        lambda session: split(session, actor=plant.keeper, unit_id=coil, parts=[Decimal(100)])
    )
    weighed(database, plant, coil, "4700")

    with database.reader() as session:
        ids = session.scalars(sa.select(Movement.id).order_by(Movement.id.desc())).all()
    for movement_id in ids:
        undo(database, plant, movement_id)

    assert balances(database) == {}
    assert {one[4] for one in state_of(database)["units"]} == {UnitState.VOIDED}
    assert_books_agree(database)
