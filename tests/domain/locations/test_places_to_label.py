"""Which places get a sign, and in which order."""

from sqlalchemy.orm import Session

from app.domain.locations.queries import places_to_label
from tests.factories.plant import Plant


def test_a_rack_is_its_places_by_code(session: Session, plant: Plant):
    found = places_to_label(session, site_id=plant.site.id, rack_id=plant.rack.id, limit=500)

    assert [place.code for place in found] == [place.code for place in plant.bins]


def test_a_department_is_its_arrivals_then_its_racks_with_their_places(
    session: Session, plant: Plant
):
    found = places_to_label(
        session, site_id=plant.site.id, department_id=plant.hot_rolling.id, limit=500
    )

    places = [plant.rack.code, *(place.code for place in plant.bins)]
    assert [place.code for place in found] == [plant.hot_staging.code, *places]


def test_not_more_places_than_asked_for(session: Session, plant: Plant):
    found = places_to_label(session, site_id=plant.site.id, rack_id=plant.rack.id, limit=1)

    assert [place.code for place in found] == [plant.bin.code]
