"""The list of items and the page of one."""

from tests.factories.stock import stored_coils
from tests.support.statements import counting_statements
from tests.support.web import log_in


def test_the_list_shows_items_with_their_stock(client, database, plant):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    page = client.get("/stock/items/")

    assert "HTS500-200-1250" in page.text
    assert "9,641 kg" in page.text
    assert "HTS500" not in client.get("/stock/items/?q=hpkl").text
    assert "No item fits" in client.get("/stock/items/?q=nothing").text


def test_an_items_page_shows_its_lots_and_where_it_lies(client, database, plant):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    page = client.get(f"/items/{plant.item.uid}/")

    assert page.status_code == 200
    for text in ("L-26-1187", "FM01A01", "9,641 kg"):
        assert text in page.text


def test_an_unknown_item_is_not_found(client, plant):
    log_in(client, "keeper")

    assert client.get(f"/items/{plant.site.uid}/").status_code == 404


def test_the_list_asks_a_fixed_number_of_questions(client, database, plant, app):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    with counting_statements(app.extensions["database"].engine) as statements:
        client.get("/stock/items/")

    assert statements.count == 7  # actor 2, workplace 1, bell 1, items 1, stock 2
