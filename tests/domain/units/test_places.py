"""What lies where: racks as grids, zones as rows of places."""

from decimal import Decimal

import pytest

from app.domain.ledger import commands
from app.domain.ledger.commands import NewStock
from app.domain.ledger.drafts import NewUnit
from app.domain.locations.commands import LocationDraft, open_location, open_locations
from app.domain.locations.models import LocationKind
from app.domain.units.place_queries import list_racks
from tests.support.statements import counting_statements


def put(session, plant, count, location):
    stock = NewStock(
        plant.hot_rolling.id,
        plant.item.id,
        plant.lot.id,
        [NewUnit(Decimal(4_820)) for _ in range(count)],
    )
    rolls = commands.produce(session, actor=plant.admin, stock=stock).unit_ids
    commands.putaway(session, actor=plant.admin, unit_ids=rolls, location_id=location.id)
    return rolls


def test_a_rack_is_a_grid_with_its_highest_level_first(session, plant):
    put(session, plant, 3, plant.bin)

    rack = list_racks(session, site_id=plant.site.id, departments={plant.hot_rolling.id})[0]

    assert (rack.code, rack.levels, rack.bays) == ("FM01", ("B", "A"), ("01", "02"))
    assert (rack.units, rack.taken) == (3, 1)
    assert [
        (level, [place.units for place in places if place]) for level, places in rack.rows()
    ] == [("B", [0, 0]), ("A", [3, 0])]


@pytest.mark.parametrize("units, fill", [(0, 0), (1, 1), (2, 2), (4, 4), (5, 4)])
def test_a_place_is_as_full_as_it_holds_of_what_fits(session, plant, units, fill):
    if units:
        put(session, plant, units, plant.bin)

    place = list_racks(session, site_id=plant.site.id)[0].places[0]

    assert (place.code, place.units, place.fill) == ("FM01A01", units, fill)


def test_a_place_with_more_than_fits_is_overfull(session, plant):
    put(session, plant, 5, plant.bin)
    put(session, plant, 4, plant.bins[1])

    places = list_racks(session, site_id=plant.site.id)[0].places

    assert [place.code for place in places if place.is_overfull] == ["FM01A01"]


def test_places_whose_codes_say_no_position_are_listed_under_their_zone(session, plant):
    zone = open_location(
        session,
        actor=plant.admin,
        site_id=plant.site.id,
        draft=LocationDraft("EGLA", LocationKind.ZONE, department_id=plant.hot_rolling.id),
    )
    open_locations(
        session,
        actor=plant.admin,
        site_id=plant.site.id,
        drafts=[
            LocationDraft(f"EGLA-{number}", LocationKind.BIN, parent_id=zone.id)
            for number in (710821, 731431)
        ],
    )

    found = list_racks(session, site_id=plant.site.id)[0]

    assert (found.code, found.levels) == ("EGLA", ())
    assert [place.label for place in found.places] == ["710821", "731431"]


def test_only_the_departments_asked_for_are_shown(session, plant):
    racks = list_racks(session, site_id=plant.site.id, departments={plant.finishing.id})

    assert [rack.code for rack in racks] == ["FM02"]
    assert list_racks(session, site_id=plant.site.id, departments=set()) == []


def test_the_map_is_one_statement_whatever_lies_there(session, plant):
    put(session, plant, 2, plant.bin)

    with counting_statements(session) as statements:
        list_racks(session, site_id=plant.site.id)

    assert statements.count == 1
