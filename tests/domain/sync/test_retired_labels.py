"""Scans of labels that were replaced or are void, and what devices are told about them."""

import uuid

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.rights import Actor, Permission, Scope
from app.domain.codes.commands import Labelled, replace_code, swap_codes, void_code
from app.domain.codes.rules import CodeKind, replaced_words, void_words
from app.domain.locations.commands import open_site
from app.domain.sync.models import Verdict
from app.domain.sync.queries import snapshot, snapshot_tag
from app.domain.units.models import Unit
from tests.factories.plant import Plant
from tests.factories.scans import Phone, token_of
from tests.factories.stock import movement_count, produce_coils, unit_of
from tests.support.statements import counting_statements


@pytest.fixture
def phone(database: Database, plant: Plant) -> Phone:
    return Phone(database, plant.driver)


@pytest.fixture
def coil(database: Database, plant: Plant) -> Labelled:
    return Labelled(CodeKind.UNIT, produce_coils(database, plant)[0])


@pytest.fixture
def rack(database: Database, plant: Plant) -> Labelled:
    return Labelled(CodeKind.LOCATION, plant.bin.id)


def label_of(database: Database, thing: Labelled) -> str:
    return token_of(database, thing.kind, thing.subject_id)


def do(database: Database, act, actor: Actor, thing: Labelled, **more):
    more = {"token": label_of(database, thing), "reason": "Torn", "key": uuid.uuid4()} | more
    return database.unit_of_work(lambda session: act(session, actor=actor, thing=thing, **more))


def read(database: Database, query, **more):
    with database.reader() as session:
        return query(session, **more)


def test_a_scan_of_a_replaced_label_is_booked(database, plant, phone, coil, rack):
    old_coil, old_rack = label_of(database, coil), label_of(database, rack)
    for thing in (coil, rack):
        do(database, replace_code, plant.keeper, thing)

    (outcome,) = phone.deliver(phone.event("putaway", old_coil, old_rack))

    assert (outcome.verdict, outcome.code) == (Verdict.APPLIED, "booked")
    assert unit_of(database, coil.subject_id).location_id == plant.bin.id


@pytest.mark.parametrize("is_place", [False, True])
def test_a_scan_of_a_void_label_is_rejected_with_its_reason(
    database, plant, phone, coil, rack, is_place
):
    tokens = label_of(database, coil), label_of(database, rack)
    do(database, void_code, plant.keeper, rack if is_place else coil, reason="Scrap")

    (outcome,) = phone.deliver(phone.event("putaway", *tokens))

    assert (outcome.verdict, outcome.code) == (Verdict.REJECTED, "void_label")
    assert outcome.message == void_words(tokens[is_place], "Scrap")
    assert movement_count(database) == 1


def test_after_an_exchange_each_label_books_the_roll_that_it_is_on(database, plant, phone, rack):
    coils = [Labelled(CodeKind.UNIT, one) for one in produce_coils(database, plant, 2)]
    first, second = (label_of(database, coil) for coil in coils)
    do(database, swap_codes, plant.keeper, coils[0], other_token=second)

    phone.deliver(phone.event("putaway", first, label_of(database, rack)))

    places = [unit_of(database, coil.subject_id).location_id for coil in coils]
    assert places == [plant.hot_staging.id, plant.bin.id]


def test_the_list_of_a_device_names_retired_labels_with_their_words(database, plant, coil, rack):
    old = label_of(database, coil)
    new = do(database, replace_code, plant.keeper, coil)
    gone = label_of(database, rack)
    do(database, void_code, plant.keeper, rack, reason="Rack is dismantled")

    listed = read(database, snapshot, actor=plant.driver, site_id=plant.site.id)

    assert listed["labels"] == [
        {"token": old, "newest": new, "words": replaced_words(old, new)},
        {"token": gone, "newest": None, "words": void_words(gone, "Rack is dismantled")},
    ]
    assert [unit["token"] for unit in listed["units"]] == [new]
    (place,) = [row for row in listed["locations"] if row["code"] == "FM01A01"]
    assert place["token"] == "FM01A01"


def test_a_roll_without_a_label_is_known_by_its_id(database, plant, coil):
    do(database, void_code, plant.keeper, coil)

    (unit,) = read(database, snapshot, actor=plant.driver, site_id=plant.site.id)["units"]

    uid = str(unit_of(database, coil.subject_id).uid)
    assert (unit["token"], unit["uid"]) == (uid, uid)


def test_retired_labels_of_other_departments_are_not_told(database, plant, coil):
    do(database, replace_code, plant.keeper, coil)
    database.unit_of_work(
        lambda session: session.execute(sa.update(Unit).values(department_id=plant.finishing.id))
    )

    assert read(database, snapshot, actor=plant.driver, site_id=plant.site.id)["labels"] == []


@pytest.mark.parametrize("act", [replace_code, void_code, swap_codes])
def test_every_act_on_a_label_makes_devices_ask_for_the_list(database, plant, act):
    coils = [Labelled(CodeKind.UNIT, one) for one in produce_coils(database, plant, 2)]
    asked = {"actor": plant.driver, "site_id": plant.site.id}
    before = read(database, snapshot_tag, **asked)

    other = {"other_token": label_of(database, coils[1])} if act is swap_codes else {}
    do(database, act, plant.keeper, coils[0], **other)

    assert read(database, snapshot_tag, **asked) != before


def test_the_list_of_a_site_holds_what_the_grants_there_say(database, plant, coil):
    pune = database.unit_of_work(
        lambda session: open_site(
            session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC"
        )
    )
    scan = frozenset({Permission.SYNC_SCAN})
    actor = Actor(1, "Both", scopes=(Scope(scan, pune.id),), site_id=pune.id)
    both = Actor(
        1,
        "Both",
        scopes=(Scope(scan, pune.id), Scope(scan, plant.site.id, plant.hot_rolling.id)),
        site_id=pune.id,
    )

    assert read(database, snapshot, actor=actor, site_id=plant.site.id)["units"] == []
    assert len(read(database, snapshot, actor=both, site_id=plant.site.id)["units"]) == 1
    tags = {read(database, snapshot_tag, actor=one, site_id=plant.site.id) for one in (actor, both)}
    assert len(tags) == 2


def test_the_list_costs_as_many_statements_with_many_retired_labels(database, plant, coil):
    def count() -> int:
        with database.reader() as session, counting_statements(session) as counted:
            snapshot(session, actor=plant.driver, site_id=plant.site.id)
        return counted.count

    before = count()
    for _ in range(5):
        do(database, replace_code, plant.keeper, coil)

    assert count() == before == 9
