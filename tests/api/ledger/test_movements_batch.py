"""POST /api/v1/movements:batch: what programs book, answered at its index."""

import json

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.domain.catalog.models import Item, Tracking
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from tests.factories.plant import Plant, token_of
from tests.factories.stock import assert_books_agree, balances, movement_count, stored_coils
from tests.support.statements import counting_statements
from tests.support.web import csrf_of, log_in

PATH = "/api/v1/movements:batch"


@pytest.fixture
def send(client, database: Database, plant: Plant):
    """Send movements as the stock keeper; other_item is told apart by lot."""

    def track(session):
        session.get_one(Item, plant.other_item.id).tracking = Tracking.LOT

    database.unit_of_work(track)
    log_in(client, "keeper")
    token = csrf_of(client.get("/stock/units/"))

    def post(*movements, body=None):
        return client.post(
            PATH,
            data=body or json.dumps({"movements": movements}),
            headers={"X-CSRFToken": token, "Content-Type": "application/json"},
        )

    return post


def receipt(plant: Plant, key="r1", quantity="10", **line):
    return {
        "key": key,
        "verb": "inward",
        "partner": plant.supplier.code,
        "lines": [
            {
                "item": plant.other_item.number,
                "lot": plant.other_lot.number,
                "quantity": quantity,
                "to": plant.bin.code,
            }
            | line
        ],
    }


def issue(plant: Plant, key="i1", quantity="4", **more):
    line = {
        "item": plant.other_item.number,
        "lot": plant.other_lot.number,
        "quantity": quantity,
        "from": plant.bin.code,
    }
    return {"key": key, "verb": "issue", "lines": [line]} | more


def results_of(answer):
    assert answer.status_code == 200, answer.text
    return answer.json["results"]


def test_movements_are_booked_in_order_and_answered_by_index(send, database, plant):
    results = results_of(
        send(receipt(plant), issue(plant), issue(plant, "i2", "40"), issue(plant, "i3", "1"))
    )

    assert [one["index"] for one in results] == [0, 1, 2, 3]
    assert [one["status"] for one in results] == ["posted", "posted", "refused", "posted"]
    assert (results[2]["code"], results[2]["facts"]["on_hand"]) == ("not_enough_stock", "6")
    assert list(balances(database).values()) == [5]
    with database.reader() as session:
        uids = {str(uid) for uid in session.scalars(sa.select(Movement.uid))}
    assert {one["movement"] for one in results if "movement" in one} == uids
    assert_books_agree(database)


def test_the_same_keys_again_have_one_effect(send, database, plant):
    first = results_of(send(receipt(plant), issue(plant, quantity="40")))
    again = results_of(send(receipt(plant), issue(plant, quantity="40")))

    assert [one["status"] for one in again] == ["replayed", "refused"]
    assert again[0]["movement"] == first[0]["movement"]
    assert again[1]["code"] == "not_enough_stock"
    assert movement_count(database) == 1


def test_a_key_with_another_payload_is_refused(send, database, plant):
    results = results_of(send(receipt(plant), receipt(plant, quantity="11")))

    assert [one.get("code") for one in results] == [None, "key_reused"]
    assert movement_count(database) == 1


def test_linked_movements_pass_together_or_not(send, database, plant):
    results = results_of(
        send(
            receipt(plant),
            issue(plant, "a", "1", linked="g"),
            issue(plant, "b", "99", linked="g"),
        )
    )

    assert [one["status"] for one in results] == ["posted", "refused", "refused"]
    assert movement_count(database) == 1


def test_rolls_are_named_by_their_labels_and_departments_by_their_codes(send, database, plant):
    coil = stored_coils(database, plant)[0]
    with database.reader() as session:
        label = token_of(session, CodeKind.UNIT, coil)

    results = results_of(
        send({"key": "t", "verb": "transfer", "lines": [{"unit": label, "to": "FIN"}]})
    )

    assert results[0]["status"] == "posted"
    assert ("FIN-IN", plant.item.id, plant.lot.id) in balances(database)


@pytest.mark.parametrize("quantity, measure, on_hand", [("0.01", "t", 10), (500, "g", "0.5")])
def test_quantities_may_come_in_another_measure(send, database, plant, quantity, measure, on_hand):
    results = results_of(send(receipt(plant, quantity=quantity, unit_of_measure=measure)))

    assert results[0]["status"] == "posted"
    assert [str(one) for one in balances(database).values()] == [str(on_hand)]


def test_a_binary_float_is_its_shortest_decimal(send, database, plant):
    assert results_of(send(receipt(plant, quantity=798.9400000000001)))[0]["status"] == "posted"

    assert [str(one) for one in balances(database).values()] == ["798.94"]


@pytest.mark.parametrize(
    "line, field",
    [
        ({"item": "NO-SUCH"}, "item"),
        ({"lot": "NO-SUCH"}, "lot"),
        ({"to": "NO-SUCH"}, "target"),
        ({"unit": "NO-SUCH"}, "unit"),
        ({"quantity": "ten"}, "quantity"),
        ({"quantity": "0.0000001"}, "quantity"),
        ({"unit_of_measure": "m"}, "unit_of_measure"),
        ({"unit_of_measure": "stone"}, "unit_of_measure"),
        ({"unit_of_measure": "g", "quantity": "0.0001"}, "quantity"),
        ({"unit_cost": "dear"}, "unit_cost"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_field(send, database, plant, line, field):
    (result,) = results_of(send(receipt(plant, **line)))

    assert (result["status"], result["line"], result["field"]) == ("refused", 0, field)
    assert movement_count(database) == 0


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"movements": []}',
        '{"movements": [{"key": "a", "verb": "issue", "lines": []}]}',
        '{"movements": [{"key": "", "verb": "issue", "lines": [{}]}]}',
        '{"movements": [{"key": "a", "verb": "issue", "lines": [{"price": 1}]}]}',
    ],
)
def test_a_body_of_another_shape_is_refused_whole(send, database, plant, body):
    answer = send(body=body)

    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"


def test_more_than_a_thousand_are_refused_whole(send, database, plant):
    assert send(*[receipt(plant, str(n)) for n in range(1_001)]).status_code == 422
    assert movement_count(database) == 0


def test_unknown_verbs_and_those_that_are_not_entered_are_refused(send, database, plant):
    lines = receipt(plant)["lines"]

    results = results_of(
        send(*[{"key": verb, "verb": verb, "lines": lines} for verb in ("steal", "reserve")])
    )

    assert [one["field"] for one in results] == ["verb", "verb"]


def test_nobody_books_what_they_may_not(send, client, database, plant):
    results_of(send(receipt(plant)))
    other = client.application.test_client()
    log_in(other, "driver")
    token = csrf_of(other.get("/stock/units/"))

    answer = other.post(PATH, json={"movements": [issue(plant)]}, headers={"X-CSRFToken": token})

    assert results_of(answer)[0]["code"] == "forbidden"
    assert movement_count(database) == 1


def test_the_number_of_statements_does_not_grow_with_the_movements(send, app, plant):
    engine = app.extensions["database"].engine
    with counting_statements(engine) as few:
        results_of(send(receipt(plant, "a")))
    with counting_statements(engine) as many:
        results_of(send(*[receipt(plant, f"b{n}") for n in range(50)]))

    assert many.count == few.count
