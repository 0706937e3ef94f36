"""Undo, the workbook of errors, templates, and the notice that long work is done."""

import csv
import io

import openpyxl
import pytest
import sqlalchemy as sa

from app.domain.imports.models import ImportKind
from app.domain.imports.readers import open_table
from app.domain.imports.rules.columns import Meaning, check_mapping, guess_mapping
from app.domain.ledger.commands import dispatch
from app.domain.units.models import Unit
from tests.factories.imports import coil
from tests.support.web import log_in

GOOD = {"yard": "", "storage_loc": "FM01A01"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def booked(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD), coil(2, total_weight="x", **GOOD)])
    desk.send(f"{path}booking", page=path)
    desk.work()
    return path


def states(database):
    with database.reader() as session:
        return list(session.scalars(sa.select(Unit.state)))


def test_a_booked_file_is_undone_with_a_button(desk, database, booked):
    offered = desk.client.get(booked).text

    answers = [desk.send(f"{booked}undo", page="/imports/", reason="wrong") for _ in "12"]
    under_way = desk.client.get(booked).text
    desk.work()
    done = desk.client.get(booked).text

    assert "Undo 1 row" in offered
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Taking all rows back as one" in under_way
    assert "Taken back" in done
    assert states(database) == ["voided"]
    assert "Undone" in desk.client.get("/imports/").text


def test_what_stands_against_an_undo_is_listed(desk, database, plant, booked):
    database.unit_of_work(
        lambda session: dispatch(
            session,
            actor=plant.keeper,
            unit_ids=[session.scalars(sa.select(Unit.id)).one()],
            partner_id=plant.customer.id,
        )
    )

    answer = desk.send(f"{booked}undo", page="/imports/")

    assert answer.status_code == 409
    assert "Nothing was taken back." in answer.text
    assert "Roll CA000001" in answer.text
    assert "dispatch by Keeper of Hot rolling" in answer.text
    assert states(database) == ["dispatched"]


def test_a_reason_of_a_page_is_refused_beside_its_field(desk, database, booked):
    answer = desk.send(f"{booked}undo", page="/imports/", reason="x" * 201)

    assert answer.status_code == 422
    assert states(database) == ["stored"]


def test_all_errors_come_as_a_workbook(desk, booked):
    with desk.client.get(f"{booked}errors.xlsx") as answer:
        content = answer.data

    assert answer.headers["Content-Type"] == XLSX
    lines = list(openpyxl.load_workbook(io.BytesIO(content))["Errors"].values)
    assert lines[0][:5] == ("Sheet", "Row", "Column", "Expected", "Found")
    assert lines[1][:3] == ("coils", 3, "total_weight")


def test_a_file_without_errors_has_none_to_download(desk, plant):
    path = desk.checked(plant, [coil(1, **GOOD)])

    assert "errors.xlsx" not in desk.client.get(path).text
    assert desk.client.get(f"{path}errors.xlsx").status_code == 404


@pytest.mark.parametrize("kind", ImportKind)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_is_understood_when_it_comes_back(desk, tmp_path, kind, form):
    answer = desk.client.get(f"/imports/templates/{kind}.{form}")
    path = tmp_path / "template"
    path.write_bytes(answer.data)

    table = open_table(path)

    mapping = guess_mapping(table.columns, kind)
    assert check_mapping(mapping, kind) == []
    assert Meaning.ITEM in mapping.values()
    assert len(list(table.rows)) == 2


@pytest.mark.parametrize("name", ["rolls.csv", "units.pdf", "units."])
def test_a_template_that_there_is_not_is_not_found(desk, name):
    assert desk.client.get(f"/imports/templates/{name}").status_code == 404


def test_other_pages_learn_when_work_is_done(desk, plant, app):
    path = desk.upload(plant, [coil(1, **GOOD)], name="coils.xlsx")
    before = desk.client.get(f"{path}state")
    desk.work()
    after = desk.client.get(f"{path}state")
    stranger = app.test_client()
    log_in(stranger, "viewer")

    assert before.json == {"is_done": False, "name": "coils.xlsx"}
    assert after.json == {"is_done": True, "name": "coils.xlsx"}
    assert stranger.get(f"{path}state").status_code == 403


def test_a_text_is_read_otherwise_on_the_page(desk, plant):
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([("item", "lot", "kg"), ("A", "L", "5")])
    path = desk.upload_bytes(plant, text.getvalue().encode(), "a.csv")
    desk.work()

    found = desk.client.get(path).text
    desk.answer(path, separator=",")
    wrong = desk.client.get(path).text
    desk.answer(path, separator="")
    right = desk.client.get(path).text

    assert "columns parted by semicolons" in found
    assert "columns parted by commas" in wrong
    assert "No column is chosen as “Item number”." in wrong
    assert "Book 1 roll" in right


def test_lots_and_items_are_booked_from_files(desk, plant, database):
    for kind, header, word in (
        ("items", "item,name\nNEW-1,New\n", "Book 1 item"),
        ("lots", "item,lot\nNEW-1,L1\n", "Book 1 lot"),
    ):
        answer = desk.send(
            "/material-entry/bulk/",
            department=str(plant.hot_rolling.id),
            kind=kind,
            file=(io.BytesIO(header.encode()), f"{kind}.csv"),
        )
        desk.work()
        assert word in desk.client.get(answer.location).text
        desk.send(f"{answer.location}booking", page="/imports/")
        desk.work()
        assert "Undo 1 row" in desk.client.get(answer.location).text


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7", b"PK\x03\x04broken", b"a\x00b,kg\n\x00,\x01\n", b"\xff\xfei\x00", b"foo\nbar\n"],
)
def test_no_file_makes_a_page_fail(desk, plant, content):
    path = desk.upload_bytes(plant, content, "any")
    desk.work()

    assert desk.client.get(path).status_code == 200
    assert desk.client.get(f"{path}log.csv").status_code == 200
