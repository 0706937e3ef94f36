"""What the sync refuses, and that nothing of it is kept."""

import io
import json
import uuid

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from app.core.database import Database
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands import transfer
from app.domain.sync.models import ScanEvent
from tests.factories.scans import token_of
from tests.factories.stock import movement_count, stored_coils
from tests.support.deliveries import EVENTS, batch, bearer, send
from tests.support.web import log_in


def test_a_refusal_tells_nothing_of_other_departments_rolls(
    client: FlaskClient, database: Database, plant, phone, rack
):
    coils = stored_coils(database, plant)
    database.unit_of_work(
        lambda session: transfer(
            session, actor=plant.driver, unit_ids=coils, department_id=plant.finishing.id
        )
    )
    foreign = token_of(database, CodeKind.UNIT, coils[0])
    undo = phone.message("reverse", foreign, reverses=uuid.uuid4())

    (result,) = send(client, phone, undo).json["results"]

    assert (result["verdict"], result["unit"]) == ("received", None)


def test_a_body_in_chunks_is_no_way_around_the_limit(
    client: FlaskClient, database: Database, phone, coil, rack
):
    body = json.dumps(batch(phone, phone.message("putaway", coil, rack, note="x" * 50_000)))
    padded = body[:-1] + ", " + '"x": "' + "x" * 100_000 + '"}'

    answer = client.post(
        EVENTS,
        input_stream=io.BytesIO(padded.encode()),
        headers=bearer(phone) | {"Transfer-Encoding": "chunked"},
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )

    assert answer.status_code in (413, 422)
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(ScanEvent.id))) == 0


def test_an_event_of_an_absurd_size_is_not_kept(client: FlaskClient, phone, coil, rack):
    event = json.loads(phone.message("putaway", coil, rack).model_dump_json())
    body = batch(phone)
    body["events"] = [event | {"junk": "x" * 70_000}]

    answer = client.post(EVENTS, json=body, headers=bearer(phone))

    assert answer.status_code == 422


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer nobody"}])
def test_without_a_grant_nothing_is_taken(
    client: FlaskClient, database: Database, phone, coil, rack, header
):
    event = phone.message("putaway", coil, rack)

    answer = client.post(EVENTS, json=batch(phone, event), headers=header)

    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(ScanEvent.id))) == 0


def test_a_session_cookie_is_no_grant(client: FlaskClient, phone, coil, rack):
    log_in(client, "driver")

    answer = client.post(EVENTS, json=batch(phone, phone.message("putaway", coil, rack)))

    assert answer.status_code == 401


def test_a_grant_does_not_speak_for_another_device(client: FlaskClient, phone, coil, rack):
    answer = send(client, phone, phone.message("putaway", coil, rack), device_id=str(uuid.uuid4()))

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"proto":"other/1"}', b'"\\u0000"', b"\xff\xfe", b"[" * 5000],
)
def test_what_is_no_message_is_a_422_and_writes_nothing(
    client: FlaskClient, database: Database, phone, body: bytes
):
    answer = client.post(EVENTS, data=body, headers=bearer(phone), content_type="application/json")

    assert answer.status_code == 422
    assert answer.json["code"] == "invalid"
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(ScanEvent.id))) == 0


def test_one_malformed_event_refuses_the_delivery_and_is_named(
    client: FlaskClient, database: Database, phone, coil, rack
):
    good = phone.message("putaway", coil, rack)
    body = batch(phone, good, phone.message("putaway", coil, rack))
    body["events"][1]["seq"] = -1

    answer = client.post(EVENTS, json=body, headers=bearer(phone))

    assert answer.status_code == 422
    assert answer.json["field"] == "events.1.seq"
    assert movement_count(database) == 1


def test_too_much_at_once_is_a_413(client: FlaskClient, phone, coil, rack):
    body = batch(phone, phone.message("putaway", coil, rack))
    body["events"][0]["note"] = "x" * 100_000

    assert client.post(EVENTS, json=body, headers=bearer(phone)).status_code == 413


def test_more_than_25_events_are_refused(client: FlaskClient, phone, coil, rack):
    events = [phone.message("putaway", coil, rack) for _ in range(26)]

    assert send(client, phone, *events).status_code == 422
