"""The sync protocol over HTTP: bearer grants, verdicts, snapshot, and what it refuses."""

import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.core.database import Database
from app.core.errors import Busy
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands import transfer
from app.domain.sync import commands
from app.domain.sync.models import Device
from tests.factories.plant import Plant
from tests.factories.scans import token_of
from tests.factories.stock import movement_count, produce_coils, stored_coils
from tests.support.deliveries import bearer, send
from tests.support.statements import counting_statements
from tests.support.web import log_in


def test_a_delivery_is_answered_event_by_event(
    client: FlaskClient, database: Database, phone, coil, rack
):
    event = phone.message("putaway", coil, rack)

    answer = send(client, phone, event)

    body = answer.json
    assert (answer.status_code, body["proto"]) == (200, "rollcall-sync/1")
    (result,) = body["results"]
    assert (result["id"], result["verdict"]) == (str(event.id), "applied")
    assert (result["unit"]["token"], result["unit"]["place"]) == (coil, "FM01A01")
    assert (result["unit"]["quantity"], result["unit"]["state"]) == ("4820.5", "stored")
    assert movement_count(database) == 2


def test_the_same_delivery_again_is_answered_the_same(
    client: FlaskClient, database: Database, phone, coil, rack
):
    event = phone.message("putaway", coil, rack)
    first = send(client, phone, event).json["results"][0]

    again = send(client, phone, event).json["results"][0]

    assert (again["verdict"], again["latest"]) == ("duplicate", "applied")
    assert again["movement"] == first["movement"]
    assert movement_count(database) == 2


def test_a_refused_scan_whose_answer_got_lost_is_told_its_verdict(client: FlaskClient, phone, rack):
    event = phone.message("putaway", rack, rack)
    send(client, phone, event)

    again = send(client, phone, event).json["results"][0]

    assert (again["verdict"], again["latest"]) == ("duplicate", "rejected")


def test_a_heartbeat_that_cannot_be_kept_costs_no_verdict(
    client: FlaskClient, phone, coil, rack, monkeypatch
):
    def busy(*_arguments, **_options):
        raise Busy("later")

    monkeypatch.setattr(commands, "record_heartbeat", busy)

    answer = send(client, phone, phone.message("putaway", coil, rack))

    assert [result["verdict"] for result in answer.json["results"]] == ["applied"]


def test_the_heartbeat_says_what_the_device_still_holds(
    client: FlaskClient, database: Database, phone
):
    phone.seq = 41

    answer = send(client, phone)

    assert answer.status_code == 200
    with database.reader() as session:
        device = session.scalars(sa.select(Device).where(Device.uid == phone.uid)).one()
    assert (device.last_seq, device.pending, device.is_storage_persistent) == (41, 0, True)
    assert device.last_contact_at is not None


def test_what_was_just_delivered_no_longer_waits_on_the_device(
    client: FlaskClient, database: Database, phone, coil, rack
):
    send(client, phone, phone.message("putaway", coil, rack))

    with database.reader() as session:
        assert session.scalar(sa.select(Device.pending).where(Device.uid == phone.uid)) == 0


def test_a_delivery_takes_a_fixed_number_of_statements(
    client: FlaskClient, database: Database, app, plant, phone, rack
):
    coils = [token_of(database, CodeKind.UNIT, one) for one in produce_coils(database, plant, 26)]
    engine = app.extensions["database"].engine

    with counting_statements(engine) as one:
        send(client, phone, phone.message("putaway", coils[0], rack))
    events = [phone.message("putaway", coil, rack) for coil in coils[1:]]
    with counting_statements(engine) as many:
        answer = send(client, phone, *events)

    assert {result["verdict"] for result in answer.json["results"]} == {"applied"}
    assert many.count == one.count


def test_an_event_that_breaks_the_writer_does_not_break_the_others(
    client: FlaskClient, database: Database, plant, phone, rack, monkeypatch
):
    coils = [token_of(database, CodeKind.UNIT, one) for one in produce_coils(database, plant, 3)]
    events = [phone.message("putaway", coil, rack) for coil in coils]
    apply = commands.apply_scan_events

    def failing(session, *, delivery, events: list):
        if any(event.codes[0] == coils[1] for event in events):
            raise ZeroDivisionError
        return apply(session, delivery=delivery, events=events)

    monkeypatch.setattr(commands, "apply_scan_events", failing)

    answer = send(client, phone, *events)

    assert [result["verdict"] for result in answer.json["results"]] == [
        "applied",
        "review",
        "applied",
    ]


def test_the_snapshot_holds_what_the_driver_may_meet(
    client: FlaskClient, database: Database, plant, phone, coil, rack
):
    answer = client.get("/api/v1/sync/snapshot", headers=bearer(phone))

    body = answer.json
    assert [unit["token"] for unit in body["units"]] == [coil]
    assert body["units"][0]["place"] == "HR-IN"
    assert rack in {location["token"] for location in body["locations"]}
    assert {"HR", "FIN"} == {department["code"] for department in body["departments"]}
    assert [partner["name"] for partner in body["partners"]] == ["Nordwerk GmbH"]


def test_an_unchanged_snapshot_is_not_sent_again(
    client: FlaskClient, database: Database, plant, phone, coil
):
    first = client.get("/api/v1/sync/snapshot", headers=bearer(phone))
    headers = bearer(phone) | {"If-None-Match": first.headers["ETag"]}

    same = client.get("/api/v1/sync/snapshot", headers=headers)
    stored_coils(database, plant)
    changed = client.get("/api/v1/sync/snapshot", headers=headers)

    assert (same.status_code, same.data) == (304, b"")
    assert changed.status_code == 200


def test_the_snapshot_leaves_out_other_departments(
    client: FlaskClient, database: Database, plant, phone, coil
):
    coils = stored_coils(database, plant)
    database.unit_of_work(
        lambda session: transfer(
            session, actor=plant.driver, unit_ids=coils, department_id=plant.finishing.id
        )
    )

    body = client.get("/api/v1/sync/snapshot", headers=bearer(phone)).json

    assert [unit["token"] for unit in body["units"]] == [coil]


def test_the_snapshot_takes_a_fixed_number_of_statements(
    client: FlaskClient, database: Database, app, plant, phone, coil
):
    engine = app.extensions["database"].engine
    with counting_statements(engine) as few:
        client.get("/api/v1/sync/snapshot", headers=bearer(phone))
    produce_coils(database, plant, 30)

    with counting_statements(engine) as many:
        client.get("/api/v1/sync/snapshot", headers=bearer(phone))

    assert many.count == few.count


def test_a_units_card_tells_its_history(client: FlaskClient, database: Database, plant, phone):
    coils = stored_coils(database, plant)
    uid = next(
        unit["uid"]
        for unit in client.get("/api/v1/sync/snapshot", headers=bearer(phone)).json["units"]
    )

    card = client.get(f"/api/v1/sync/units/{uid}", headers=bearer(phone)).json

    assert len(coils) == 1
    assert [step["verb"] for step in card["history"]] == ["putaway", "produce"]
    assert (card["history"][0]["from"], card["history"][0]["to"]) == ("HR-IN", "FM01A01")
    assert card["history"][0]["by"] == plant.driver.name


def test_a_unit_outside_the_scope_does_not_exist(client: FlaskClient, phone):
    answer = client.get(f"/api/v1/sync/units/{uuid.uuid4()}", headers=bearer(phone))

    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_later_verdicts_start_after_the_last_one_known(client: FlaskClient, phone, coil, rack):
    send(client, phone, phone.message("putaway", coil, rack))

    body = client.get("/api/v1/sync/outcomes?since=0", headers=bearer(phone)).json

    assert (body["next"], body["results"]) == (0, [])


@pytest.mark.parametrize("since", ["-1", "x", "9" * 30])
def test_a_wrong_cursor_is_a_422(client: FlaskClient, phone, since: str):
    answer = client.get(f"/api/v1/sync/outcomes?since={since}", headers=bearer(phone))

    assert answer.status_code == 422


def sign_in(client: FlaskClient, username: str = "driver") -> str:
    """Log in; returns the CSRF token of the session."""
    log_in(client, username)
    return client.get("/scan/session/").json["csrf_token"]


def test_whoever_may_scan_gets_a_grant_for_a_device(
    client: FlaskClient, database: Database, plant: Plant
):
    csrf = sign_in(client)
    enrolment = {"device_id": str(uuid.uuid4()), "device_name": "Phone", "app_version": "1"}

    answer = client.post("/api/v1/sync/grants", json=enrolment, headers={"X-CSRFToken": csrf})

    body = answer.json
    assert answer.status_code == 201
    assert body["device"] == {"id": enrolment["device_id"], "name": "Phone"}
    assert body["grant"]["user"]["name"] == plant.driver.name
    assert body["grant"]["rights"]["putaway"] == ["HR"]
    headers = {"Authorization": f"Bearer {body['grant']['token']}"}
    assert client.get("/api/v1/sync/snapshot", headers=headers).status_code == 200


def test_a_grant_is_not_given_without_the_csrf_token(client: FlaskClient, plant: Plant):
    sign_in(client)
    enrolment = {"device_id": str(uuid.uuid4()), "device_name": "Phone"}

    assert client.post("/api/v1/sync/grants", json=enrolment).status_code == 400


def test_a_grant_is_not_given_to_who_may_not_scan(client: FlaskClient, plant: Plant):
    csrf = sign_in(client, "viewer")
    enrolment = {"device_id": str(uuid.uuid4()), "device_name": "Phone"}

    answer = client.post("/api/v1/sync/grants", json=enrolment, headers={"X-CSRFToken": csrf})

    assert answer.status_code == 403
