"""The start page and its part that refreshes itself."""

import re
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.domain.alerts.commands import raise_alert
from app.domain.alerts.models import Severity
from app.domain.ledger import commands
from app.domain.ledger.commands import NewStock
from app.domain.ledger.drafts import NewUnit
from app.domain.locations.commands import LocationDraft, open_locations
from app.domain.locations.models import LocationKind
from tests.factories.proof import check_everything
from tests.support.statements import counting_statements
from tests.support.web import log_in

HTMX = {"HX-Request": "true"}


@pytest.fixture
def produce(database, plant):
    """Book rolls of 1,000 kg each in a department; gives their ids."""

    def book(count=1, department=None):
        stock = NewStock(
            (department or plant.hot_rolling).id,
            plant.item.id,
            plant.lot.id,
            [NewUnit(Decimal(1_000)) for _ in range(count)],
        )
        return database.unit_of_work(
            lambda session: commands.produce(session, actor=plant.admin, stock=stock)
        ).unit_ids

    return book


@pytest.fixture
def putaway(database, plant):
    def book(rolls, location=None):
        database.unit_of_work(
            lambda session: commands.putaway(
                session,
                actor=plant.admin,
                unit_ids=rolls,
                location_id=(location or plant.bin).id,
            )
        )

    return book


def tiles_of(page):
    """{"Produced today": "3", …}"""
    found = re.findall(
        r'tile__name">([^<]+)</span>\s*<span class="tile__value">([\d,.]+)', page.text
    )
    assert found
    return dict(found)


def questions(statements):
    return [text for text in statements.texts if text.startswith("SELECT")]


def etag_of(page):
    return re.search(r'data-etag="(\w+)"', page.text).group(1)


def test_the_tiles_add_up_what_the_manager_may_see(client, plant, produce, putaway):
    rolls = produce(3)
    produce(2, plant.finishing)
    putaway(rolls[:2])
    log_in(client, "manager")

    assert tiles_of(client.get("/")) == {
        "Produced today": "5",
        "To put away": "3",
        "Stored": "2",
        "Dispatched today": "0",
        "In stock": "5.0",
    }


def test_each_department_has_its_four_numbers(client, plant, produce, putaway):
    putaway(produce(3)[:1])
    produce(2, plant.finishing)
    log_in(client, "manager")

    rows = re.findall(r'<tr id="department-\d+">(.*?)</tr>', client.get("/").text, re.DOTALL)
    numbers = [re.findall(r">([\w .]+)<", row) for row in rows]

    assert numbers == [
        ["Finishing", "2", "2", "0", "0", "2.0"],
        ["Hot rolling", "3", "2", "1", "0", "3.0"],
    ]


def test_the_racks_with_the_most_rolls_stand_for_all(client, database, plant, produce, putaway):
    codes = [f"ZONE{n}" for n in range(7)]

    def open_zones(session):
        opened = [
            LocationDraft(code, LocationKind.ZONE, department_id=plant.hot_rolling.id)
            for code in codes
        ]
        zones = open_locations(session, actor=plant.admin, site_id=plant.site.id, drafts=opened)
        bins = [
            LocationDraft(f"{zone.code}-1", LocationKind.BIN, parent_id=zone.id) for zone in zones
        ]
        return open_locations(session, actor=plant.admin, site_id=plant.site.id, drafts=bins)

    for n, place in enumerate(database.unit_of_work(open_zones)):
        putaway(produce(n + 1), place)
    log_in(client, "manager")

    page = client.get("/")

    shown = re.findall(r'class="rack-block" aria-label="(\w+)"', page.text)
    assert shown == codes[1:]
    assert "All 9 in the rack map" in page.text
    assert "All 9" not in client.get("/?department=FIN").text


def test_the_department_in_the_address_narrows_everything(client, plant, produce, putaway):
    putaway(produce(3)[:1])
    produce(2, plant.finishing)
    log_in(client, "manager")

    page = client.get("/?department=FIN")

    assert tiles_of(page)["Produced today"] == "2"
    assert "FM01" not in page.text
    assert "FM02" in page.text
    assert 'hx-get="/dashboard/live?department=FIN"' in page.text


def test_people_of_one_department_see_only_that_one(client, plant, produce):
    produce(1)
    produce(2, plant.finishing)
    log_in(client, "viewer")

    page = client.get("/")

    assert tiles_of(page)["Produced today"] == "1"
    assert "Finishing" not in page.text
    assert client.get("/?department=FIN").status_code == 404
    assert client.get("/dashboard/live?department=FIN").status_code == 404


def test_what_was_reversed_is_not_produced(client, database, plant):
    stock = NewStock(plant.hot_rolling.id, plant.item.id, plant.lot.id, [NewUnit(Decimal(9))])
    booked = database.unit_of_work(
        lambda session: commands.produce(session, actor=plant.admin, stock=stock)
    )
    database.unit_of_work(
        lambda session: commands.reverse(
            session, actor=plant.admin, movement_id=booked.movement_id, reason="typed twice"
        )
    )
    log_in(client, "manager")

    tiles = tiles_of(client.get("/"))

    assert (tiles["Produced today"], tiles["To put away"]) == ("0", "0")


def test_nothing_is_sent_again_while_nothing_was_booked(client, plant, produce):
    produce()
    log_in(client, "manager")
    etag = etag_of(client.get("/"))

    answer = client.get("/dashboard/live", headers={**HTMX, "If-None-Match": f'"{etag}"'})

    assert answer.status_code == 304
    assert answer.data == b""
    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.headers["X-As-Of"])


def test_a_booking_is_shown_at_the_next_look(client, plant, produce):
    log_in(client, "manager")
    etag = etag_of(client.get("/"))
    produce(4)

    answer = client.get("/dashboard/live", headers={**HTMX, "If-None-Match": f'"{etag}"'})

    assert answer.status_code == 200
    assert tiles_of(answer)["Produced today"] == "4"
    assert etag_of(answer) != etag
    assert answer.headers["ETag"] == f'"{etag_of(answer)}"'


def test_an_answer_for_one_person_is_none_for_another(client, app, plant, produce):
    produce()
    log_in(client, "manager")
    other = app.test_client()
    log_in(other, "viewer")

    assert etag_of(client.get("/")) != etag_of(other.get("/"))


def test_an_open_alert_is_shown(client, database, plant):
    log_in(client, "manager")
    etag = etag_of(client.get("/"))
    database.unit_of_work(
        lambda session: raise_alert(
            session,
            rule_code="gap",
            severity=Severity.WARNING,
            dedupe_key="x",
            message="Tablet 4 skipped <scan> 1204",
        )
    )

    answer = client.get("/dashboard/live", headers={**HTMX, "If-None-Match": f'"{etag}"'})

    assert "Tablet 4 skipped &lt;scan&gt; 1204" in answer.text


def test_an_empty_plant_says_what_to_do(client, plant):
    log_in(client, "manager")

    assert "Nothing was booked yet" in client.get("/").text


def test_the_number_of_statements_does_not_grow_with_the_stock(
    client, database, app, plant, produce, putaway
):
    log_in(client, "manager")
    engine = app.extensions["database"].engine
    counts = []
    for _ in range(2):
        putaway(produce(5))
        with counting_statements(engine) as statements:
            etag = etag_of(client.get("/"))
        counts.append(len(questions(statements)))
    with counting_statements(engine) as unchanged:
        client.get("/dashboard/live", headers={**HTMX, "If-None-Match": f'"{etag}"'})

    # Who (2), where (1), bell, departments, version, alerts and proof twice, flows twice, stock,
    # racks, latest.
    assert counts == [15, 15]
    assert len(questions(unchanged)) == 7


def test_the_dashboard_shows_when_the_ledger_was_proven(client, database, plant, produce):
    produce(2)
    log_in(client, "manager")
    assert "not checked yet" in client.get("/").text
    etag = etag_of(client.get("/"))

    check_everything(database)
    agrees = client.get("/dashboard/live", headers={**HTMX, "If-None-Match": f'"{etag}"'})
    database.unit_of_work(lambda s: s.execute(sa.text("UPDATE balances SET on_hand = 7")))
    check_everything(database)

    assert "Agrees" in agrees.text
    assert "1 differs" in client.get("/").text
