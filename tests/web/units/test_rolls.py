"""The list of rolls and the page of one."""

import re

import pytest

from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind
from app.domain.ledger import commands
from tests.factories.plant import token_of
from tests.factories.stock import produce_coils, stored_coils, unit_of
from tests.support.statements import counting_statements
from tests.support.web import log_in


@pytest.fixture
def coils(database, plant):
    return stored_coils(database, plant, 3)


def page_of(database, unit_id):
    return f"/units/{unit_of(database, unit_id).uid}/"


def rows_of(page):
    return re.findall(r'<tr id="unit-([0-9a-f-]+)"', page.text)


def test_the_list_shows_rolls_with_code_lot_place_and_state(client, database, plant, coils):
    with database.reader() as session:
        token = token_of(session, CodeKind.UNIT, coils[0])
    log_in(client, "keeper")

    page = client.get("/stock/units/")

    assert page.status_code == 200
    assert len(rows_of(page)) == 3
    for text in (f"<b>{token[:4]}</b>", "L-26-1187", "FM01A01", "Stored", "All 3"):
        assert text in page.text


def test_a_roll_is_shown_with_the_number_that_is_painted_on_it(client, database, plant, coils):
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "coil", CodeKind.UNIT, {"CG278278": coils[0]}
        )
    )
    uid = unit_of(database, coils[0]).uid
    log_in(client, "keeper")

    pages = (
        "/stock/units/", f"/units/{uid}/", f"/lots/{plant.lot.uid}/",
        f"/locations/{plant.bin.uid}/", "/search/?q=CG27", f"/print/{uid}/",
    )  # fmt: skip
    shown = {path: client.get(path).text.count("CG278278") for path in pages}

    assert shown == {pages[0]: 1, pages[1]: 2, pages[2]: 1, pages[3]: 1, pages[4]: 1, pages[5]: 1}


def test_filters_live_in_the_address(client, database, plant, coils):
    produce_coils(database, plant)
    log_in(client, "keeper")

    assert len(rows_of(client.get("/stock/units/?state=stored"))) == 3
    assert len(rows_of(client.get("/stock/units/?state=produced"))) == 1
    assert len(rows_of(client.get("/stock/units/?q=l-26"))) == 4
    assert len(rows_of(client.get(f"/stock/units/?item={plant.item.uid}"))) == 4
    assert len(rows_of(client.get("/stock/units/?department=HR"))) == 4
    nothing = client.get("/stock/units/?state=dispatched")
    assert rows_of(nothing) == []
    assert "No roll fits" in nothing.text


@pytest.mark.parametrize(
    "query",
    [
        "state=stolen",
        "item=not-a-uid",
        "after=nonsense",
        "after=WzFd",
        "after=WyIyMDI2LTAxLTAxIiwgMV0",
        "department=%00",
    ],
)
def test_a_damaged_address_is_refused_in_a_sentence(client, plant, query):
    log_in(client, "keeper")

    answer = client.get(f"/stock/units/?{query}")

    assert answer.status_code in (404, 422)
    assert "What happened" in answer.text


def test_pages_follow_each_other(client, database, plant):
    stored_coils(database, plant, 52)
    log_in(client, "keeper")

    first = client.get("/stock/units/?state=stored")
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = client.get(following.group(1).replace("&amp;", "&"))

    assert len(rows_of(first)) == 50
    assert len(rows_of(second)) == 2
    assert not set(rows_of(first)) & set(rows_of(second))
    assert 'rel="next"' not in second.text


def test_the_number_of_statements_does_not_grow_with_the_rolls(client, database, plant, app):
    log_in(client, "keeper")
    stored_coils(database, plant)
    engine = app.extensions["database"].engine

    with counting_statements(engine) as one:
        client.get("/stock/units/")
    stored_coils(database, plant, 20)
    with counting_statements(engine) as many:
        client.get("/stock/units/")

    assert (
        many.count == one.count == 8
    )  # actor 2, workplace 1, bell 1, departments 1, list 1, counts 1, items 1


def test_a_rolls_page_tells_facts_history_and_label(client, database, plant, coils):
    database.unit_of_work(
        lambda session: commands.transfer(
            session,
            actor=plant.driver,
            unit_ids=coils[:1],
            department_id=plant.finishing.id,
        )
    )
    log_in(client, "manager")

    page = client.get(page_of(database, coils[0]))

    assert page.status_code == 200
    for text in ("4,820.5 kg", "L-26-1187", "Finishing", "FIN-IN", "Print label"):
        assert text in page.text
    history = re.findall(r"<b>(Sent to|Put in|Produced into)", page.text)
    assert history == ["Sent to", "Put in", "Produced into"]
    assert 'aria-label="QR code of R' in page.text


def test_a_rolls_page_asks_a_fixed_number_of_questions(client, database, plant, coils, app):
    log_in(client, "keeper")
    engine = app.extensions["database"].engine

    with counting_statements(engine) as statements:
        client.get(page_of(database, coils[0]))

    # actor 2, workplace 1, bell 1, roll 1, history 1, holds 1, aliases 1, rack 1
    assert statements.count == 9


def test_a_dispatched_roll_names_its_customer(client, database, plant, coils):
    database.unit_of_work(
        lambda session: commands.dispatch(
            session, actor=plant.driver, unit_ids=coils[:1], partner_id=plant.customer.id
        )
    )
    log_in(client, "keeper")

    page = client.get(page_of(database, coils[0]))

    assert "Nordwerk GmbH" in page.text
    assert "It has left the site." in page.text


def test_a_roll_of_another_department_is_not_shown(client, database, plant, coils):
    database.unit_of_work(
        lambda session: commands.transfer(
            session, actor=plant.driver, unit_ids=coils[:1], department_id=plant.finishing.id
        )
    )
    log_in(client, "viewer")

    assert client.get(page_of(database, coils[0])).status_code == 403
    assert len(rows_of(client.get("/stock/units/"))) == 2


def test_an_unknown_roll_is_not_found(client, plant):
    log_in(client, "keeper")

    assert client.get(f"/units/{plant.site.uid}/").status_code == 404


def test_an_empty_plant_says_what_to_do_next(client, plant):
    log_in(client, "keeper")

    assert "No rolls yet" in client.get("/stock/units/").text


def test_nobody_looks_without_logging_in(client, database, plant, coils):
    for path in ("/stock/units/", page_of(database, coils[0])):
        answer = client.get(path)

        assert answer.status_code == 303
        assert answer.location.startswith("/login/")
