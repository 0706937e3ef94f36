"""A scan becomes one movement, whatever the network does to it."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.database import Database
from app.domain.accounts.commands import revoke_role
from app.domain.accounts.models import Grant, SubmitGrant
from app.domain.alerts.models import Alert
from app.domain.codes.rules import ALPHABET, CodeKind
from app.domain.ledger.models import Movement
from app.domain.locations.commands import (
    LocationDraft,
    open_department,
    open_location,
    open_site,
)
from app.domain.locations.models import LocationKind
from app.domain.lots.models import Lot, LotStatus
from app.domain.sync.models import ScanEvent, ScanOutcome
from app.domain.units.models import UnitState
from tests.factories.plant import Plant
from tests.factories.scans import Phone, minutes_ago, token_of
from tests.factories.stock import assert_books_agree, movement_count, produce_coils, unit_of


@pytest.fixture
def phone(database: Database, plant: Plant) -> Phone:
    return Phone(database, plant.driver)


@pytest.fixture
def coil(database: Database, plant: Plant) -> str:
    """The label code of a coil in hot rolling's staging."""
    return token_of(database, CodeKind.UNIT, produce_coils(database, plant)[0])


@pytest.fixture
def rack(database: Database, plant: Plant) -> str:
    return token_of(database, CodeKind.LOCATION, plant.bin.id)


def only_unit(database: Database):
    return unit_of(database, 1)


def test_a_roll_and_a_rack_are_a_putaway(database: Database, plant: Plant, phone, coil, rack):
    (outcome,) = phone.deliver(phone.event("putaway", coil, rack))

    assert (outcome.verdict, outcome.code) == ("applied", "booked")
    assert only_unit(database).location_id == plant.bin.id
    with database.reader() as session:
        movement = session.scalars(sa.select(Movement).order_by(Movement.id.desc())).first()
    assert movement is not None
    assert (movement.verb, movement.actor_id) == ("putaway", plant.driver.user_id)
    assert (movement.uid, movement.device_id) == (outcome.movement_uid, phone.device_id)


def test_a_roll_and_a_department_are_a_transfer(database: Database, plant: Plant, phone, coil):
    department = token_of(database, CodeKind.DEPARTMENT, plant.finishing.id)

    (outcome,) = phone.deliver(phone.event("transfer", coil, department))

    assert outcome.verdict == "applied"
    assert only_unit(database).location_id == plant.finishing_staging.id


def test_a_roll_and_a_customer_are_a_dispatch(database: Database, plant: Plant, phone, coil):
    customer = token_of(database, CodeKind.PARTNER, plant.customer.id)

    (outcome,) = phone.deliver(phone.event("dispatch", coil, customer))

    assert outcome.verdict == "applied"
    unit = only_unit(database)
    assert (unit.state, unit.partner_id) == (UnitState.DISPATCHED, plant.customer.id)


@pytest.mark.parametrize("shape", ["{}", "https;//falkenberg/q/{}", "]Q1{}", "{}\r"])
def test_a_code_is_understood_however_the_scanner_gave_it(
    database: Database, plant: Plant, phone, coil, rack, shape: str
):
    (outcome,) = phone.deliver(phone.event("putaway", shape.format(coil.lower()), rack))

    assert outcome.verdict == "applied"


def test_the_same_event_again_has_no_effect_and_the_same_answer(
    database: Database, plant: Plant, phone, coil, rack
):
    event = phone.event("putaway", coil, rack)
    (first,) = phone.deliver(event)

    again = phone.deliver(event, event)

    assert [outcome.verdict for outcome in again] == ["duplicate", "duplicate"]
    assert {outcome.movement_uid for outcome in again} == {first.movement_uid}
    assert movement_count(database) == 2


def test_an_event_twice_in_one_delivery_is_booked_once(
    database: Database, plant: Plant, phone, coil, rack
):
    event = phone.event("putaway", coil, rack)

    outcomes = phone.deliver(event, event)

    assert [outcome.verdict for outcome in outcomes] == ["applied", "duplicate"]
    assert movement_count(database) == 2


def test_the_same_id_with_another_payload_is_a_conflict_and_an_alarm(
    database: Database, plant: Plant, phone, coil, rack
):
    event = phone.event("putaway", coil, rack)
    phone.deliver(event)
    other = event.model_copy(update={"note": "another"})

    (outcome,) = phone.deliver(other)

    assert outcome.verdict == "conflict"
    with database.reader() as session:
        assert session.scalars(sa.select(Alert.rule_code)).all() == ["sync.conflict"]
    assert movement_count(database) == 2


def test_a_scan_in_the_place_where_it_lies_is_kept_as_a_sighting(
    database: Database, plant: Plant, phone, coil, rack
):
    phone.deliver(phone.event("putaway", coil, rack, at=minutes_ago(5)))
    before = only_unit(database).last_seen_at

    (outcome,) = phone.deliver(phone.event("putaway", coil, rack))

    assert (outcome.verdict, outcome.code) == ("applied", "already_there")
    assert movement_count(database) == 2
    assert only_unit(database).last_seen_at > before


def test_events_are_kept_as_they_came_with_their_outcome(
    database: Database, plant: Plant, phone, rack
):
    event = phone.event("putaway", "<script>\x00\u202e", rack, strange={"kept": True})

    phone.deliver(event)

    with database.reader() as session:
        stored = session.scalars(sa.select(ScanEvent)).one()
        outcome = session.scalars(sa.select(ScanOutcome)).one()
    assert "\\u0000\\u202e" in stored.raw
    assert '"strange":{"kept":true}' in stored.raw
    assert (stored.seq, stored.actor_id) == (1, plant.driver.user_id)
    assert outcome.event_id == stored.id


@pytest.mark.parametrize(
    "code, verdict, reason",
    [
        ("<script>alert(1)</script>", "received", "unknown_code"),
        ("NO-SUCH-COIL", "received", "unknown_code"),
        ("\x00\x01", "rejected", "unreadable_code"),
        ("R" * 8000, "rejected", "unreadable_code"),
    ],
)
def test_a_code_that_stands_for_nothing_moves_nothing(
    database: Database, plant: Plant, phone, rack, code: str, verdict: str, reason: str
):
    (outcome,) = phone.deliver(phone.event("putaway", code, rack))

    assert (outcome.verdict, outcome.code) == (verdict, reason)
    assert movement_count(database) == 0


def test_a_code_with_one_wrong_character_is_refused_for_good(
    database: Database, plant: Plant, phone, coil, rack
):
    wrong = ALPHABET[(ALPHABET.index(coil[5]) + 1) % len(ALPHABET)]
    mistyped = coil[:5] + wrong + coil[6:]

    (outcome,) = phone.deliver(phone.event("putaway", mistyped, rack))

    assert (outcome.verdict, outcome.code) == ("rejected", "mistyped_code")
    assert movement_count(database) == 1


def test_a_code_of_another_site_is_refused(database: Database, plant: Plant, phone, coil):

    def open_elsewhere(session):
        site = open_site(
            session, actor=plant.admin, code="OTHER", name="Other", time_zone="Asia/Kolkata"
        )
        department = open_department(
            session, actor=plant.admin, site_id=site.id, code="ZINC", name="Zinc"
        )
        draft = LocationDraft("Z1", LocationKind.RACK, department_id=department.id)
        return open_location(session, actor=plant.admin, site_id=site.id, draft=draft).id

    elsewhere = token_of(database, CodeKind.LOCATION, database.unit_of_work(open_elsewhere))

    (outcome,) = phone.deliver(phone.event("putaway", coil, elsewhere))

    assert (outcome.verdict, outcome.code) == ("rejected", "other_site")
    assert movement_count(database) == 1


def test_a_rack_where_a_roll_should_be_is_refused(database: Database, plant: Plant, phone, rack):
    (outcome,) = phone.deliver(phone.event("putaway", rack, rack))

    assert (outcome.verdict, outcome.code) == ("rejected", "wrong_kind_of_code")


def test_a_refused_event_stops_nothing_behind_it(
    database: Database, plant: Plant, phone, coil, rack
):
    outcomes = phone.deliver(
        phone.event("putaway", "NO-SUCH-COIL", rack), phone.event("putaway", coil, rack)
    )

    assert [outcome.verdict for outcome in outcomes] == ["received", "applied"]


def test_an_undo_is_an_event_too_even_in_the_same_delivery(
    database: Database, plant: Plant, phone, coil, rack
):
    putaway = phone.event("putaway", coil, rack)
    undo = phone.event("reverse", coil, reverses=putaway.id)
    after = phone.event("putaway", coil, token_of(database, CodeKind.LOCATION, plant.bins[1].id))

    outcomes = phone.deliver(putaway, undo, after)

    assert [outcome.code for outcome in outcomes] == ["booked", "undone", "booked"]
    assert only_unit(database).location_id == plant.bins[1].id
    assert_books_agree(database)


def test_an_undo_after_a_later_movement_is_rejected(
    database: Database, plant: Plant, phone, coil, rack
):
    putaway = phone.event("putaway", coil, rack)
    other = token_of(database, CodeKind.LOCATION, plant.bins[1].id)
    phone.deliver(putaway, phone.event("putaway", coil, other))

    (outcome,) = phone.deliver(phone.event("reverse", coil, reverses=putaway.id))

    assert (outcome.verdict, outcome.code) == ("rejected", "built_upon")


def test_an_undo_whose_scan_has_not_arrived_waits(database: Database, plant: Plant, phone, coil):
    (outcome,) = phone.deliver(phone.event("reverse", coil, reverses=uuid.uuid4()))

    assert outcome.verdict == "received"


def test_an_undo_of_what_booked_nothing_is_done(
    database: Database, plant: Plant, phone, coil, rack
):
    rejected = phone.event("putaway", rack, rack)
    phone.deliver(rejected)

    (outcome,) = phone.deliver(phone.event("reverse", coil, reverses=rejected.id))

    assert (outcome.verdict, outcome.code) == ("applied", "nothing_to_undo")


def test_scans_under_a_grant_that_is_over_wait_for_a_review(
    database: Database, plant: Plant, phone, coil, rack
):
    def expire(session):
        session.execute(sa.update(SubmitGrant).values(expires_at=now() - timedelta(days=1)))

    database.unit_of_work(expire)

    (outcome,) = phone.deliver(phone.event("putaway", coil, rack))

    assert (outcome.verdict, outcome.code) == ("review", "grant_over")
    with database.reader() as session:
        assert session.scalar(sa.select(ScanEvent.actor_id)) == plant.driver.user_id
    assert movement_count(database) == 1


def test_nobody_books_in_another_persons_name(database: Database, plant: Plant, phone, coil, rack):
    keeper = Phone(database, plant.keeper, uid=phone.uid)
    forged = phone.event("putaway", coil, rack, grant=keeper.grant)

    (outcome,) = phone.deliver(forged)

    assert (outcome.verdict, outcome.code) == ("review", "other_person")
    with database.reader() as session:
        assert session.scalar(sa.select(Alert.rule_code)) == "sync.review"
    assert movement_count(database) == 1


def test_scans_under_a_grant_of_another_device_are_refused(
    database: Database, plant: Plant, phone, coil, rack
):
    other = Phone(database, plant.driver, "Phone 2")

    (outcome,) = phone.deliver(phone.event("putaway", coil, rack, grant=other.grant))

    assert (outcome.verdict, outcome.code) == ("rejected", "unknown_grant")
    assert movement_count(database) == 1


def test_a_right_that_was_there_and_is_gone_needs_a_review(
    database: Database, plant: Plant, phone, coil, rack
):
    with database.reader() as session:
        grant = session.scalars(
            sa.select(Grant.id).where(Grant.user_id == plant.driver.user_id)
        ).one()
    database.unit_of_work(lambda session: revoke_role(session, actor=plant.admin, grant_id=grant))

    (outcome,) = phone.deliver(phone.event("putaway", coil, rack))

    assert (outcome.verdict, outcome.code) == ("review", "rights_changed")
    assert movement_count(database) == 1


def test_a_right_that_never_was_there_is_rejected(database: Database, plant: Plant, phone, coil):
    foreign = token_of(database, CodeKind.LOCATION, plant.finishing_bins[0].id)

    (outcome,) = phone.deliver(phone.event("putaway", coil, foreign))

    assert (outcome.verdict, outcome.code) == ("rejected", "forbidden")


def test_a_roll_that_left_unreleased_is_reviewed_and_alarmed(
    database: Database, plant: Plant, phone, coil
):
    def quarantine(session):
        session.get_one(Lot, plant.lot.id).status = LotStatus.QUARANTINE

    database.unit_of_work(quarantine)
    customer = token_of(database, CodeKind.PARTNER, plant.customer.id)

    (outcome,) = phone.deliver(phone.event("dispatch", coil, customer))

    assert (outcome.verdict, outcome.code) == ("review", "lot_not_approved")
    with database.reader() as session:
        alerts = session.execute(sa.select(Alert.rule_code, Alert.severity).order_by(Alert.id))
        assert [tuple(alert) for alert in alerts] == [
            ("sync.left_unreleased", "critical"),
            ("sync.review", "warning"),
        ]
    assert movement_count(database) == 1
