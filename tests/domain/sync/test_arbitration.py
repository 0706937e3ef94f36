"""Who is believed when scans come late or contradict the ledger: one test a row of the table."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import now
from app.core.database import Database
from app.domain.codes.rules import CodeKind
from app.domain.sync.rules import UNLIMITED_SECONDS, estimate_time
from app.domain.units.models import UnitState
from tests.factories.plant import Plant
from tests.factories.scans import Phone, minutes_ago, token_of
from tests.factories.stock import movement_count, produce_coils, unit_of

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Floor:
    """One coil, two phones, places to scan it in."""

    def __init__(self, database: Database, plant: Plant) -> None:
        self.database, self.plant = database, plant
        self.first = Phone(database, plant.driver, "Phone 1")
        self.second = Phone(database, plant.driver, "Phone 2")
        self.coil_id = produce_coils(database, plant)[0]
        self.coil = token_of(database, CodeKind.UNIT, self.coil_id)
        self.racks = [token_of(database, CodeKind.LOCATION, one.id) for one in plant.bins]
        self.customer = token_of(database, CodeKind.PARTNER, plant.customer.id)
        self.supplier = token_of(database, CodeKind.PARTNER, plant.supplier.id)

    def scan(self, phone: Phone, verb: str, code: str, minutes: float, **delivery):
        (outcome,) = phone.deliver(
            phone.event(verb, self.coil, code, at=minutes_ago(minutes)), **delivery
        )
        return outcome

    @property
    def place(self) -> int:
        return unit_of(self.database, self.coil_id).location_id


@pytest.fixture
def floor(database: Database, plant: Plant) -> Floor:
    return Floor(database, plant)


def test_a_later_putaway_wins_from_wherever_the_ledger_has_it(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=20)

    outcome = floor.scan(floor.second, "putaway", floor.racks[1], minutes=10)

    assert outcome.verdict == "applied"
    assert floor.place == floor.plant.bins[1].id


def test_an_earlier_putaway_is_history(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=10)

    outcome = floor.scan(floor.second, "putaway", floor.racks[1], minutes=20)

    assert outcome.verdict == "superseded"
    assert floor.place == floor.plant.bins[0].id
    assert movement_count(floor.database) == 2


def test_two_places_at_nearly_the_same_time_are_settled_by_a_person(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=10)

    outcome = floor.scan(floor.second, "putaway", floor.racks[1], minutes=9.8)

    assert outcome.verdict == "review"
    assert floor.place == floor.plant.bins[0].id


def test_the_same_place_from_two_phones_is_no_contradiction(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=10)

    outcome = floor.scan(floor.second, "putaway", floor.racks[0], minutes=9.9)

    assert (outcome.verdict, outcome.code) == ("applied", "already_there")


def test_one_phones_own_scans_are_in_order_whatever_their_times(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=10)

    outcome = floor.scan(floor.first, "putaway", floor.racks[1], minutes=9.99)

    assert outcome.verdict == "applied"


def test_a_clock_that_was_set_makes_the_order_uncertain(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=20)

    outcome = floor.scan(
        floor.second, "putaway", floor.racks[1], minutes=10, clock_offset_ms=86_400_000
    )

    assert outcome.verdict == "review"


def test_a_putaway_after_the_dispatch_needs_a_review(floor: Floor):
    floor.scan(floor.first, "dispatch", floor.customer, minutes=20)

    outcome = floor.scan(floor.second, "putaway", floor.racks[0], minutes=10)

    assert outcome.verdict == "review"
    assert unit_of(floor.database, floor.coil_id).state == UnitState.DISPATCHED


def test_a_putaway_before_the_dispatch_is_history(floor: Floor):
    floor.scan(floor.first, "dispatch", floor.customer, minutes=10)

    outcome = floor.scan(floor.second, "putaway", floor.racks[0], minutes=20)

    assert outcome.verdict == "superseded"


def test_a_doubtful_clock_does_not_make_a_return_history(floor: Floor):
    floor.scan(floor.first, "dispatch", floor.customer, minutes=10)

    outcome = floor.scan(
        floor.second, "putaway", floor.racks[0], minutes=20, clock_offset_ms=86_400_000
    )

    assert outcome.verdict == "review"


def test_a_dispatch_from_another_rack_than_expected_is_booked(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=20)

    outcome = floor.scan(floor.second, "dispatch", floor.customer, minutes=10)

    assert outcome.verdict == "applied"


def test_a_dispatch_before_a_sighting_on_the_site_needs_a_review(floor: Floor):
    floor.scan(floor.first, "putaway", floor.racks[0], minutes=10)

    outcome = floor.scan(floor.second, "dispatch", floor.customer, minutes=20)

    assert outcome.verdict == "review"


def test_a_second_dispatch_to_the_same_customer_was_done_already(floor: Floor):
    floor.scan(floor.first, "dispatch", floor.customer, minutes=20)

    outcome = floor.scan(floor.second, "dispatch", floor.customer, minutes=10)

    assert (outcome.verdict, outcome.code) == ("applied", "already_done")
    assert movement_count(floor.database) == 2


def test_a_second_dispatch_to_another_customer_needs_a_review(floor: Floor):
    floor.scan(floor.first, "dispatch", floor.customer, minutes=20)

    outcome = floor.scan(floor.second, "dispatch", floor.supplier, minutes=10)

    assert outcome.verdict == "review"


def test_what_a_desk_booked_is_no_sighting(floor: Floor):
    outcome = floor.scan(floor.first, "putaway", floor.racks[0], minutes=0)

    assert outcome.verdict == "applied"


def estimate(**changes):
    given = {
        "client_time": NOON,
        "offset_at_capture_ms": 0.0,
        "offset_at_delivery_ms": 0.0,
        "received_at": NOON + timedelta(minutes=5),
        "previous_at": None,
    }
    return estimate_time(**(given | changes))


def test_a_clock_known_to_be_fast_is_put_right():
    found = estimate(offset_at_capture_ms=90_000.0, offset_at_delivery_ms=90_000.0)

    assert found.occurred_at == NOON - timedelta(seconds=90)
    assert found.uncertainty_seconds == 0


def test_a_clock_that_changed_is_uncertain_by_the_change():
    found = estimate(offset_at_delivery_ms=-120_000.0)

    assert (found.occurred_at, found.uncertainty_seconds) == (NOON, 120)


def test_a_clock_that_was_never_compared_may_be_off_by_anything():
    found = estimate(offset_at_capture_ms=None)

    assert found.uncertainty_seconds == UNLIMITED_SECONDS


def test_a_scan_is_never_later_than_its_arrival():
    found = estimate(client_time=NOON + timedelta(days=1))

    assert found.occurred_at == NOON + timedelta(minutes=5)


def test_a_scan_is_never_before_the_same_devices_last_one():
    found = estimate(previous_at=NOON + timedelta(minutes=1))

    assert found.occurred_at == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("offset", [1e18, -1e18])
def test_an_absurd_clock_breaks_nothing(offset: float):
    found = estimate(offset_at_capture_ms=offset, offset_at_delivery_ms=offset)

    assert found.occurred_at <= now() + timedelta(days=365)
    assert found.uncertainty_seconds == UNLIMITED_SECONDS
