"""The list of lots and the page of one."""

import pytest

from app.domain.lots.models import NO_LOT, Lot
from tests.factories.stock import stored_coils
from tests.support.statements import counting_statements
from tests.support.web import log_in, send_form


def test_the_list_shows_lots_with_their_stock(client, database, plant):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    page = client.get("/stock/lots/")

    assert "L-26-1187" in page.text
    assert "9,641 kg" in page.text
    assert "L-26-1190" not in client.get("/stock/lots/?q=L-26-1187").text
    assert "L-26-1187" not in client.get(f"/stock/lots/?item={plant.other_item.uid}").text
    assert "No lot fits" in client.get("/stock/lots/?q=nothing").text


def test_a_lots_page_shows_its_rolls_and_where_they_lie(client, database, plant):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    page = client.get(f"/lots/{plant.lot.uid}/")

    assert page.status_code == 200
    assert page.text.count('<tr id="unit-') == 2
    assert "FM01A01" in page.text
    assert 'aria-label="QR code of K' in page.text


def test_one_is_counted_in_the_singular(client, database, plant):
    stored_coils(database, plant)
    log_in(client, "keeper")

    assert ">1 roll<" in client.get(f"/lots/{plant.lot.uid}/").text
    assert ">1 roll, latest move first<" in client.get("/stock/units/").text


def test_a_lot_without_rolls_says_so(client, plant):
    log_in(client, "keeper")

    assert "No rolls that you may see" in client.get(f"/lots/{plant.lot.uid}/").text


def test_no_lot_has_no_page(client, database, plant):
    with database.reader() as session:
        uid = session.get_one(Lot, NO_LOT).uid
    log_in(client, "keeper")

    assert client.get(f"/lots/{uid}/").status_code == 404


def test_the_list_asks_a_fixed_number_of_questions(client, database, plant, app):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    with counting_statements(app.extensions["database"].engine) as statements:
        client.get("/stock/lots/")

    assert statements.count == 8  # actor 2, workplace 1, bell 1, lots 1, stock 2, items 1


def say(client, plant, **typed):
    path = f"/lots/{plant.lot.uid}/"
    fields = {"status": "quarantine", "expires_on": "", "reason": "Edge cracks"} | typed
    return send_form(client, f"{path}quality", page=path, **fields)


def test_quality_decides_on_the_lots_page(client, database, plant):
    log_in(client, "manager")

    answer = say(client, plant, expires_on="2027-01-31")

    assert answer.location == f"/lots/{plant.lot.uid}/"
    page = client.get(answer.location).text
    for text in ("Quarantine", "Edge cracks", plant.manager.name, "2027-01-31"):
        assert text in page


@pytest.mark.parametrize("typed", [{"reason": " "}, {"status": "sold"}, {"expires_on": "soon"}])
def test_a_decision_that_cannot_be_understood_is_asked_again(client, database, plant, typed):
    log_in(client, "manager")

    answer = say(client, plant, **typed)

    assert answer.status_code == 422
    with database.reader() as session:
        assert session.get_one(Lot, plant.lot.id).status == "approved"


def test_only_quality_is_offered_the_decision(client, plant):
    log_in(client, "keeper")

    assert "Save the decision" not in client.get(f"/lots/{plant.lot.uid}/").text
    assert say(client, plant).status_code == 403
