"""Putting something on hold from its page, the page of a hold, and lifting it."""

import re

import pytest
import sqlalchemy as sa

from app.domain.holds.models import Hold
from tests.factories.stock import stored_coils, unit_of
from tests.support.web import log_in, send_form


@pytest.fixture
def things(database, plant):
    """(scope, public id, the page) of one thing of each kind."""
    coil = unit_of(database, stored_coils(database, plant)[0])
    return {
        "item": (plant.item.uid, f"/items/{plant.item.uid}/"),
        "lot": (plant.lot.uid, f"/lots/{plant.lot.uid}/"),
        "unit": (coil.uid, f"/units/{coil.uid}/"),
        "location": (plant.bin.uid, f"/locations/{plant.bin.uid}/"),
    }


def put(client, scope, of, **typed):
    form = f"/holds/new/?on={scope}&of={of}"
    key = re.search(r'name="uid"[^>]* value="([^"]+)"', client.get(form).text)
    assert key
    fields = {"uid": key[1], "reason": "Wrong alloy", "until": ""} | typed
    return send_form(client, f"/holds/?on={scope}&of={of}", page=form, **fields)


def holds_in(database):
    with database.reader() as session:
        return session.scalars(sa.select(Hold).order_by(Hold.id)).all()


@pytest.mark.parametrize("scope", ["item", "lot", "unit", "location"])
def test_a_thing_is_held_from_its_page_and_let_go_again(client, database, plant, things, scope):
    uid, path = things[scope]
    log_in(client, "keeper")
    assert f"/holds/new/?on={scope}&amp;of={uid}" in client.get(path).text

    assert put(client, scope, uid).location == path

    page = client.get(path).text
    assert "<b>On hold" in page
    assert "Wrong alloy" in page
    (hold,) = holds_in(database)
    lifted = send_form(
        client, f"/holds/{hold.uid}/lift", page=f"/holds/{hold.uid}/", reason="Analysed again"
    )
    assert lifted.location == path
    assert "Analysed again" in client.get(f"/holds/{hold.uid}/").text
    assert "<b>On hold" not in client.get(path).text


def test_a_roll_shows_what_stops_its_lot(client, database, plant, things):
    log_in(client, "keeper")
    put(client, "lot", things["lot"][0])

    page = client.get(things["unit"][1]).text

    assert "On hold (the whole lot)" in page


@pytest.mark.parametrize(
    "typed",
    [{"reason": " "}, {"reason": "x" * 501}, {"until": "soon"}, {"until": "2026-01-01"}],
)
def test_what_cannot_be_understood_is_asked_again(client, database, plant, things, typed):
    log_in(client, "keeper")

    answer = put(client, "lot", things["lot"][0], **typed)

    assert answer.status_code == 422
    assert "Nothing was saved" in answer.text
    assert holds_in(database) == []


@pytest.mark.parametrize("query", ["", "on=lot", "on=plant&of=1", "on=lot&of=1"])
def test_a_damaged_link_is_refused_in_a_sentence(client, plant, query):
    log_in(client, "keeper")

    assert client.get(f"/holds/new/?{query}").status_code == 422


def test_a_damaged_key_is_refused(client, database, plant, things):
    log_in(client, "keeper")

    assert put(client, "lot", things["lot"][0], uid="x").status_code == 422
    assert holds_in(database) == []


def test_sending_the_form_twice_puts_one_hold(client, database, plant, things):
    log_in(client, "keeper")
    uid = things["lot"][0]
    put(client, "lot", uid)
    (hold,) = holds_in(database)

    assert put(client, "lot", uid, uid=str(hold.uid)).status_code == 303

    assert len(holds_in(database)) == 1


def test_lifting_twice_says_so(client, database, plant, things):
    log_in(client, "keeper")
    put(client, "lot", things["lot"][0])
    (hold,) = holds_in(database)
    path = f"/holds/{hold.uid}/lift"
    assert send_form(client, path, page=f"/holds/{hold.uid}/", reason="").status_code == 422
    send_form(client, path, page=f"/holds/{hold.uid}/", reason="Once")

    again = send_form(client, path, page=f"/holds/{hold.uid}/", reason="Twice")

    assert again.status_code == 409
    assert "lifted already" in again.text


def test_a_driver_reads_a_hold_but_puts_and_lifts_none(client, database, plant, things):
    log_in(client, "keeper")
    put(client, "lot", things["lot"][0])
    (hold,) = holds_in(database)
    client.post("/logout/", data={})
    other = client.application.test_client()
    log_in(other, "driver")

    page = other.get(f"/holds/{hold.uid}/")

    assert "Lift it" not in page.text
    assert "Put on hold" not in other.get(things["lot"][1]).text
    assert other.get(f"/holds/new/?on=lot&of={things['lot'][0]}").status_code == 403
    refused = send_form(other, f"/holds/{hold.uid}/lift", page="/stock/units/", reason="No")
    assert refused.status_code == 403


def test_what_belongs_to_others_is_not_held(client, database, plant):
    log_in(client, "keeper")
    path = f"/holds/new/?on=location&of={plant.finishing_rack.uid}"

    assert client.get(path).status_code == 403
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Hold.id))) == 0
