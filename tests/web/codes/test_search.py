"""One search box: an exact code opens its thing, the beginning of one lists what fits."""

import pytest
import sqlalchemy as sa

from app.domain.audit.models import AuditEntry
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.ledger.models import Movement
from tests.factories.plant import token_of
from tests.factories.stock import stored_coils, unit_of
from tests.support.web import log_in

HOSTILE = [
    "<script>alert(1)</script>",
    "\x00",
    "a\x00b",
    "'; DROP TABLE units; --",
    "%",
    "_" * 50,
    "\u202e\u200b",
    "R" * 5_000,
    "../../etc/passwd",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
]


@pytest.fixture
def coil(database, plant):
    [coil] = stored_coils(database, plant)
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "coil", CodeKind.UNIT, {"CG278278": coil}
        )
    )
    return coil


def search(client, text):
    return client.get("/search/", query_string={"q": text})


@pytest.mark.parametrize("text", ["cg278278", "FM01A01", "hr", "NORDWERK", "{token}", "{url}"])
def test_an_exact_code_opens_its_thing(client, database, plant, coil, text):
    with database.reader() as session:
        token = token_of(session, CodeKind.UNIT, coil)
    log_in(client, "keeper")

    answer = search(client, text.format(token=token.lower(), url=f"https://old.example/q/{token}"))

    pages = {
        "FM01A01": f"/locations/{plant.bin.uid}/",
        "hr": f"/departments/{plant.hot_rolling.uid}/",
        "NORDWERK": f"/partners/{plant.customer.uid}/",
    }
    assert answer.status_code == 303
    assert answer.location == pages.get(text, f"/units/{unit_of(database, coil).uid}/")


@pytest.mark.parametrize(
    "text, found",
    [
        ("cg27", "HTS500 2.00 × 1250, L-26-1187"),
        ("L-26-118", "L-26-1187"),
        ("hts500", "HTS500-200-1250"),
        ("FM01", "FM01B02"),
        ("gmbh", "NORDWERK"),
        ("operator of", "Operator of Hot rolling"),
    ],
)
def test_the_beginning_of_a_name_lists_what_fits(client, plant, coil, text, found):
    log_in(client, "keeper")

    answer = search(client, text)

    # FM01 is the rack itself, which has its own page.
    if answer.status_code == 303:
        assert answer.location == f"/locations/{plant.rack.uid}/"
    else:
        assert found in answer.text


def test_a_code_of_several_things_asks_which(client, database, plant, coil):
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "supplier", CodeKind.LOT, {"FM01A01": plant.lot.id}
        )
    )
    log_in(client, "keeper")

    answer = search(client, "FM01A01")

    assert answer.status_code == 200
    assert "Several things have this code" in answer.text
    assert f"/lots/{plant.lot.uid}/" in answer.text
    assert f"/locations/{plant.bin.uid}/" in answer.text


def test_a_mistyped_code_is_called_that(client, database, plant, coil):
    with database.reader() as session:
        token = token_of(session, CodeKind.UNIT, coil)
    slipped = token[:5] + ("2" if token[5] != "2" else "3") + token[6:]
    log_in(client, "keeper")

    assert "A character of" in search(client, slipped).text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_text_and_writes_nothing(client, database, plant, coil, text):
    log_in(client, "keeper")
    with database.reader() as session:
        before = [
            session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (Movement, AuditEntry)
        ]

    answer = search(client, text)

    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    with database.reader() as session:
        assert before == [
            session.scalar(sa.select(sa.func.count()).select_from(table))
            for table in (Movement, AuditEntry)
        ]


def test_an_empty_search_says_what_to_type(client, plant):
    log_in(client, "keeper")

    assert "Scan or type something" in search(client, "  ").text


def test_a_driver_searches_without_seeing_people(client, plant, coil):
    log_in(client, "driver")

    assert "Operator of Hot rolling" not in search(client, "operator").text
