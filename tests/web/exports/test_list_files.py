"""“Download as CSV” below a list: the same rows, the same filters, the same rights, no formulas."""

import csv
import io

import pytest
import sqlalchemy as sa

from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.ledger.commands import transfer
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.web import list_files
from tests.factories.stock import produce_coils, stored_coils
from tests.support.statements import counting_statements
from tests.support.web import log_in
from tests.web.exports.conftest import fetch

FILES = {
    "/stock/units/": "/stock/units/rolls.csv",
    "/stock/lots/": "/stock/lots/lots.csv",
    "/stock/items/": "/stock/items/items.csv",
    "/stock/racks/": "/stock/racks/places.csv",
    "/movements/": "/movements/movements.csv",
    "/partners/": "/partners/partners.csv",
}


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("page, file", FILES.items())
def test_each_list_offers_its_file(keeper, database, plant, page, file):
    stored_coils(database, plant, 2)

    assert f'href="{file}" download' in keeper.get(page).text
    answer = fetch(keeper, file)
    assert rows_of(answer)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_file_has_all_pages_of_the_list_in_its_order(keeper, database, plant, monkeypatch):
    stored_coils(database, plant, 7)
    monkeypatch.setattr(list_files, "ROWS_AT_ONCE", 3)

    newest = rows_of(fetch(keeper, "/stock/units/rolls.csv"))
    oldest = rows_of(fetch(keeper, "/stock/units/rolls.csv?sort=oldest"))
    movements = rows_of(fetch(keeper, "/movements/movements.csv"))

    assert len({row["Roll"] for row in newest}) == 7
    assert [row["Roll"] for row in newest] == [row["Roll"] for row in reversed(oldest)]
    assert [row["Verb"] for row in movements] == ["putaway", "produce"]
    assert {row["Quantity"] for row in newest} == {"4820.5"}
    assert "Moved at (Europe/Berlin)" in newest[0]


def test_the_file_has_the_filters_of_the_page(keeper, database, plant):
    stored_coils(database, plant, 2)
    produce_coils(database, plant)

    page = keeper.get("/stock/units/?state=stored&q=l-26")

    assert 'href="/stock/units/rolls.csv?state=stored&amp;q=l-26" download' in page.text
    assert len(rows_of(fetch(keeper, "/stock/units/rolls.csv?state=stored&q=l-26"))) == 2
    assert len(rows_of(fetch(keeper, "/stock/units/rolls.csv?state=produced"))) == 1
    assert len(rows_of(fetch(keeper, "/movements/movements.csv?verb=putaway"))) == 1
    assert len(rows_of(fetch(keeper, f"/stock/lots/lots.csv?item={plant.item.uid}"))) == 1
    assert len(rows_of(fetch(keeper, "/stock/items/items.csv?q=hpkl"))) == 1
    assert len(rows_of(fetch(keeper, "/partners/partners.csv?q=nord"))) == 1


def test_nobody_gets_more_in_a_file_than_on_the_page(app, keeper, database, plant):
    [coil, _] = stored_coils(database, plant, 2)
    database.unit_of_work(
        lambda session: transfer(
            session, actor=plant.driver, unit_ids=[coil], department_id=plant.finishing.id
        )
    )
    manager = app.test_client()
    log_in(manager, "manager")

    assert len(rows_of(fetch(keeper, "/stock/units/rolls.csv"))) == 1
    assert len(rows_of(fetch(manager, "/stock/units/rolls.csv"))) == 2
    assert {row["Rack or zone"] for row in rows_of(fetch(keeper, "/stock/racks/places.csv"))} == {
        "FM01"
    }
    assert fetch(keeper, "/stock/units/rolls.csv?department=FIN").status_code == 404


def test_people_without_the_right_get_no_file(app, plant):
    driver, nobody = app.test_client(), app.test_client()
    log_in(driver, "driver")

    assert fetch(driver, "/movements/movements.csv").status_code == 403
    assert fetch(driver, "/stock/units/rolls.csv").status_code == 200
    for file in FILES.values():
        assert nobody.get(file).location.startswith("/login/")


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://evil","x")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"],
)
def test_nothing_that_people_typed_runs_in_a_spreadsheet(keeper, database, plant, text):
    stored_coils(database, plant)

    def write_everywhere(session):
        for model in (Item, Partner, User):
            session.execute(sa.update(model).values(name=text))
        session.execute(sa.update(Item).where(Item.id == plant.item.id).values(number=text))
        session.execute(sa.update(Lot).where(Lot.id == plant.lot.id).values(number=text))
        session.execute(sa.update(Partner).where(Partner.id == plant.customer.id).values(code=text))

    database.unit_of_work(write_everywhere)

    for file in FILES.values():
        for row in rows_of(fetch(keeper, file)):
            assert not any(cell.startswith(list_files.FORMULA_STARTS) for cell in row.values())
    assert rows_of(fetch(keeper, "/stock/units/rolls.csv"))[0]["Lot"] == f"'{text}"


def test_quotes_commas_and_line_ends_stay_in_their_cell(keeper, database, plant):
    stored_coils(database, plant)
    name = 'plate, "cold"\nrolled – ü 🌀'
    database.unit_of_work(lambda session: session.execute(sa.update(Item).values(name=name)))

    [row] = rows_of(fetch(keeper, "/stock/units/rolls.csv"))

    assert row["Item"] == name


def test_a_list_that_is_too_long_is_answered_with_a_page(keeper, database, plant, monkeypatch):
    stored_coils(database, plant, 4)
    monkeypatch.setattr(list_files, "ROWS_MAX", 4)
    assert len(rows_of(fetch(keeper, "/stock/units/rolls.csv"))) == 4
    produce_coils(database, plant)

    answer = fetch(keeper, "/stock/units/rolls.csv")

    assert answer.status_code == 422
    assert "Content-Disposition" not in answer.headers
    assert "use the audit export" in answer.text


def test_a_large_file_lies_on_disk_and_is_whole(keeper, database, plant, monkeypatch):
    stored_coils(database, plant, 40)
    monkeypatch.setattr(list_files, "MEMORY_BYTES", 500)

    assert len(rows_of(fetch(keeper, "/stock/units/rolls.csv"))) == 40


def test_the_statements_grow_by_parts_only(keeper, app, database, plant):
    engine = app.extensions["database"].engine
    for file in FILES.values():
        stored_coils(database, plant)
        with counting_statements(engine) as of_few:
            fetch(keeper, file)
        stored_coils(database, plant, 30)
        with counting_statements(engine) as of_many:
            fetch(keeper, file)
        assert of_many.count == of_few.count, file
        assert of_few.count <= 8, of_few.texts
