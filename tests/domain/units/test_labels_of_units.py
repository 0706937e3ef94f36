"""What the labels of rolls say, for many at once."""

import uuid
from decimal import Decimal

import pytest

from app.core.errors import NotFound
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.ledger.unit_queries import unit_labels
from tests.factories.plant import token_of
from tests.factories.stock import produce_coils, unit_of


def test_labels_come_in_the_order_asked_for(database, plant):
    coils = produce_coils(database, plant, 3)
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "coil", CodeKind.UNIT, {"CG278278": coils[2]}
        )
    )
    uids = [unit_of(database, coil).uid for coil in reversed(coils)]

    with database.reader() as session:
        labels = unit_labels(session, [*uids, uids[0]])
        tokens = [token_of(session, CodeKind.UNIT, coil) for coil in reversed(coils)]

    assert [label.uid for label in labels] == [*uids, uids[0]]
    assert [label.token for label in labels] == [*tokens, tokens[0]]
    assert [label.alias for label in labels] == ["CG278278", None, None, "CG278278"]
    first = labels[0]
    assert (first.item_name, first.lot_number) == (plant.item.name, plant.lot.number)
    assert (first.quantity, first.unit_of_measure) == (Decimal("4820.5"), "kg")
    assert first.made_at.tzinfo is not None


def test_a_roll_that_is_not_there_has_no_label(database, plant):
    (coil,) = produce_coils(database, plant)
    known = unit_of(database, coil).uid

    with database.reader() as session, pytest.raises(NotFound):
        unit_labels(session, [known, uuid.uuid4()])
