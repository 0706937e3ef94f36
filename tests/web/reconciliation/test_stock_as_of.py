"""The page of stock as of a past moment."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from app.domain.ledger.commands import transfer
from tests.factories.stock import stored_coils
from tests.support.statements import counting_statements
from tests.support.web import log_in

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)  # 12:00 in Falkenberg


@pytest.fixture
def coils(database, plant):
    """Two coils put into FM01A01 at noon; one goes to finishing two hours later."""
    with time_machine.travel(NOON, tick=False) as clock:
        made = stored_coils(database, plant, 2)
        clock.shift(timedelta(hours=2))
        database.unit_of_work(
            lambda session: transfer(
                session, actor=plant.driver, unit_ids=made[:1], department_id=plant.finishing.id
            )
        )
    return made


def test_the_past_is_shown_by_the_clocks_of_the_site(client, plant, coils):
    log_in(client, "manager")

    before = client.get("/stock/as-of/?at=2026-11-18T11:59").text
    at_one = client.get("/stock/as-of/?at=2026-11-18T13:00").text
    later = client.get("/stock/as-of/").text

    assert "Nothing lay there then" in before
    assert "9,641 kg" in at_one
    assert "FIN-IN" not in at_one
    assert "FIN-IN" in later
    assert "9,641 kg" not in later


def test_an_item_brings_its_card(client, plant, coils):
    log_in(client, "manager")

    text = client.get(f"/stock/as-of/?at=2026-11-18T13:00&item={plant.item.uid}").text

    assert "Card of HTS500" in text
    assert "+<span" in text
    assert "Produce" in text


def test_a_keeper_sees_only_the_own_department(client, plant, coils):
    log_in(client, "keeper")

    text = client.get("/stock/as-of/").text

    assert "FM01A01" in text
    assert "FIN-IN" not in text


def test_the_file_holds_the_same_moment(client, plant, coils):
    log_in(client, "manager")

    answer = client.get("/stock/as-of/stock.csv?at=2026-11-18T13:00", buffered=True)

    assert "FM01A01,HTS500-200-1250,HTS500 2.00 × 1250,L-26-1187,9641,kg" in answer.text
    assert "stock-as-of-2026-11-18T1200" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("query", [
    "at=yesterday", "at=9999-12-31T23:59", "at=0001-01-01T00:00", "by=rumour", "after=abc",
    "after=WzFd", "item=7",
])  # fmt: skip
def test_a_damaged_address_is_answered_with_a_sentence(client, plant, coils, query):
    log_in(client, "manager")

    assert client.get(f"/stock/as-of/?{query}").status_code in {200, 422}


def test_the_page_asks_as_little_for_many_as_for_one(client, database, app, plant, coils):
    log_in(client, "manager")
    engine = app.extensions["database"].engine
    with counting_statements(engine) as of_one:
        client.get("/stock/as-of/")
    stored_coils(database, plant, 9)
    with counting_statements(engine) as of_many:
        client.get("/stock/as-of/")

    # actor 2, workplace 1, bell 1, departments 1, checkpoints 2, list 1, items 1
    assert of_one.count == of_many.count == 9
