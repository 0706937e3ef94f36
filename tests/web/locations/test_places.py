"""The rack map, the page of a place, the page of a department."""

import sqlalchemy as sa

from app.domain.locations.models import Location, LocationKind
from tests.factories.stock import produce_coils, stored_coils
from tests.support.statements import counting_statements
from tests.support.web import log_in

HTMX = {"HX-Request": "true"}


def test_the_map_shows_racks_with_what_lies_where(client, database, plant):
    stored_coils(database, plant, 3)
    log_in(client, "manager")

    page = client.get("/stock/racks/")

    assert 'aria-label="FM01A01: 3"' in page.text
    assert 'aria-label="FM02A01: nothing"' in page.text
    assert "FM02A01" not in client.get("/stock/racks/?department=HR").text


def test_an_overfull_place_says_so(client, database, plant):
    stored_coils(database, plant, 5)
    log_in(client, "manager")

    page = client.get("/stock/racks/")

    assert 'aria-label="FM01A01: 5, more than the 4 that fit">5!</a>' in page.text


def test_a_keeper_sees_the_racks_of_the_own_department_only(client, plant):
    log_in(client, "keeper")

    page = client.get("/stock/racks/")

    assert "FM01A01" in page.text
    assert "FM02A01" not in page.text
    assert client.get("/stock/racks/?department=FIN").status_code == 404


def test_the_map_asks_a_fixed_number_of_questions(client, database, plant, app):
    stored_coils(database, plant, 3)
    log_in(client, "manager")

    with counting_statements(app.extensions["database"].engine) as statements:
        client.get("/stock/racks/")

    assert statements.count == 6  # actor 2, workplace 1, bell 1, departments 1, racks 1


def test_a_place_shows_what_lies_there_and_what_came_and_went(client, database, plant):
    stored_coils(database, plant, 2)
    log_in(client, "keeper")

    page = client.get(f"/locations/{plant.bin.uid}/")

    assert page.status_code == 200
    assert page.text.count('<tr id="unit-') == 2
    assert page.text.count("Put in") == 2
    assert "9,641 kg" in page.text
    assert 'aria-current="location"' in page.text
    assert 'aria-label="QR code of X' in page.text


def test_a_look_from_the_map_is_a_fragment_of_one_place(client, database, plant):
    stored_coils(database, plant, 1)
    log_in(client, "driver")

    look = client.get(f"/locations/{plant.bin.uid}/", headers=HTMX)

    assert look.text.lstrip().startswith('<div id="place-content"')
    assert "1 roll of 4 that fit" in look.text
    empty = client.get(f"/locations/{plant.bins[1].uid}/", headers=HTMX)
    assert "Nothing lies here." in empty.text


def test_staging_a_rack_and_an_empty_place_have_pages_too(client, database, plant):
    produce_coils(database, plant)
    log_in(client, "keeper")

    assert "To put away" not in client.get(f"/locations/{plant.bins[3].uid}/").text
    for place in (plant.hot_staging, plant.rack, plant.bins[3]):
        assert client.get(f"/locations/{place.uid}/").status_code == 200


def test_places_of_other_departments_and_virtual_ones_are_not_shown(client, database, plant):
    with database.reader() as session:
        virtual = session.scalars(
            sa.select(Location).where(Location.kind == LocationKind.CUSTOMER)
        ).one()
    log_in(client, "keeper")

    assert client.get(f"/locations/{plant.finishing_bins[0].uid}/").status_code == 403
    assert client.get(f"/locations/{virtual.uid}/").status_code == 404


def test_a_department_shows_its_numbers_and_racks(client, database, plant):
    stored_coils(database, plant, 2)
    produce_coils(database, plant)
    log_in(client, "keeper")

    page = client.get(f"/departments/{plant.hot_rolling.uid}/")

    assert page.status_code == 200
    assert "Hot rolling" in page.text
    assert 'href="/stock/units/?state=produced&amp;department=HR"' in page.text
    assert "FM01A01" in page.text
    assert client.get(f"/departments/{plant.finishing.uid}/").status_code == 403
