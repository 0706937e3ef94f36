"""The list of reservations, a new one, its page, and letting it go."""

import re

import pytest

from app.domain.codes.rules import CodeKind
from tests.factories.plant import token_of
from tests.factories.promises import issue, promise, promises, stock
from tests.factories.stock import stored_coils, unit_of
from tests.support.statements import counting_statements
from tests.support.web import log_in, send_form

NEW = "/reservations/new/"


@pytest.fixture
def stocked(database, plant):
    """Ten of the other item."""
    stock(database, plant)


def reserve(client, plant, **typed):
    uid = re.search(r'name="uid"[^>]* value="([^"]+)"', client.get(NEW).text)
    assert uid
    fields = {
        "uid": uid[1],
        "reference_type": "order",
        "reference_id": "MO-1",
        "unit": "",
        "item": plant.other_item.number,
        "lot": plant.other_lot.number,
        "quantity": "4",
        "order": "fefo",
        "until": "",
    }
    return send_form(client, NEW, page=NEW, **(fields | typed))


def release(client, database, **typed):
    path = f"/reservations/{promises(database)[0].uid}/"
    uid = re.search(r'name="uid"[^>]* value="([^"]+)"', client.get(path).text)
    fields = {"uid": uid[1] if uid else "x", "quantity": "", "reason": "Cancelled"} | typed
    return send_form(client, f"{path}release", page=path, **fields)


def test_stock_is_reserved_and_shown_in_the_list(client, database, plant, stocked):
    log_in(client, "keeper")

    answer = reserve(client, plant)

    assert answer.location == "/reservations/"
    page = client.get("/reservations/").text
    for text in ("Order MO-1", "L-26-1190", "4 kg", "no end"):
        assert text in page
    assert promises(database)[0].open == 4


def test_a_roll_is_reserved_by_its_label(client, database, plant):
    (coil,) = stored_coils(database, plant)
    with database.reader() as session:
        label = token_of(session, CodeKind.UNIT, coil)
    log_in(client, "keeper")

    reserve(client, plant, unit=label, item="", lot="", quantity="", until="2099-01-31")

    assert promises(database)[0].unit_id == coil
    roll = client.get(f"/units/{unit_of(database, coil).uid}/").text
    assert f'href="/reservations/{promises(database)[0].uid}/">order MO-1</a>' in roll
    assert "4,820.5 kg" in client.get("/reservations/").text


@pytest.mark.parametrize(
    "typed, status, words",
    [
        ({"quantity": "11"}, 409, "Only 10 can be promised, not 11"),
        ({"quantity": "much"}, 422, "not a number"),
        ({"quantity": ""}, 422, "how much of it"),
        ({"item": "NO-SUCH"}, 422, "does not stand for an item"),
        ({"reference_id": ""}, 422, "Say which"),
        ({"order": "lifo"}, 422, "Nothing was promised"),
        ({"until": "2020-01-01"}, 422, "ends in the future"),
        ({"until": "soon"}, 422, "Nothing was promised"),
    ],
)
def test_what_cannot_be_promised_is_said_in_the_form(
    client, database, plant, stocked, typed, status, words
):
    log_in(client, "keeper")

    answer = reserve(client, plant, **typed)

    assert answer.status_code == status
    assert words in answer.text
    assert [one.open for one in promises(database) if one.open] == []


def test_pressing_twice_promises_once(client, database, plant, stocked):
    log_in(client, "keeper")
    uid = "01931f00-0000-7000-8000-00000000000a"

    for _ in range(2):
        assert reserve(client, plant, uid=uid).status_code == 303

    assert promises(database)[0].open == 4


def test_the_page_of_a_promise_tells_what_became_of_it(client, database, plant, stocked):
    promise(database, plant, 8)
    issue(database, plant, 3, "MO-1")
    log_in(client, "keeper")

    page = client.get(f"/reservations/{promises(database)[0].uid}/").text

    assert re.findall(r'">(Issued|Reserved)</a>', page) == ["Issued", "Reserved"]
    assert re.search(r"<b>.*\b5 kg", page)


def test_a_promise_is_released_in_part_and_whole(client, database, plant, stocked):
    promise(database, plant, 8)
    log_in(client, "keeper")

    assert release(client, database, quantity="3").status_code == 303
    assert promises(database)[0].open == 5
    refused = release(client, database, quantity="6")
    assert (refused.status_code, "Only 5 is still promised" in refused.text) == (409, True)
    assert release(client, database, quantity="x").status_code == 422
    assert release(client, database, reason=" ").status_code == 422
    assert release(client, database).status_code == 303

    assert promises(database)[0].open == 0
    assert "Nothing is promised" in client.get("/reservations/").text
    assert "Order MO-1" in client.get("/reservations/?show=all").text


def test_a_viewer_reads_but_promises_and_releases_nothing(client, database, plant, stocked):
    promise(database, plant, 8)
    log_in(client, "viewer")

    assert "Reserve stock" not in client.get("/reservations/").text
    assert client.get(NEW).status_code == 403
    assert release(client, database).status_code == 403
    assert promises(database)[0].open == 8


def test_the_list_asks_a_fixed_number_of_questions(client, database, plant, stocked, app):
    for number in range(3):
        promise(database, plant, 1, f"MO-{number}")
    log_in(client, "keeper")

    with counting_statements(app.extensions["database"].engine) as statements:
        client.get("/reservations/")

    assert statements.count == 5  # actor 2, workplace 1, reservations 1, alerts 1


def test_the_list_is_filtered_and_downloaded(client, database, plant, stocked):
    promise(database, plant, 1, "MO-1")
    promise(database, plant, 1, "XX-1")
    log_in(client, "keeper")

    assert "XX-1" not in client.get("/reservations/?q=MO").text
    assert "No reservation fits" in client.get("/reservations/?q=nothing").text
    assert "XX-1" in client.get("/reservations/reservations.csv", buffered=True).text
