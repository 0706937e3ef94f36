"""The workbook is the ledger: every roll, every line, sums that agree, and no formula anywhere."""

import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.domain.accounts.models import User
from app.domain.catalog.models import Item
from app.domain.codes.commands import add_aliases
from app.domain.codes.models import Alias
from app.domain.codes.rules import CodeKind
from app.domain.exports import content_queries
from app.domain.exports.content_queries import each_posting, fix_extent
from app.domain.exports.rules import plain_text
from app.domain.ledger.commands import Details, dispatch, reverse, transfer
from app.domain.locations.models import Department
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit
from tests.domain.exports.conftest import rows_of
from tests.factories.plant import token_of
from tests.factories.stock import produce_coils, stored_coils
from tests.support.statements import counting_statements

HOSTILE = (
    '=HYPERLINK("http://evil","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1+1", "\r=1+1", "0012",
    "1e309", "https://evil.example", "<r><t>x</t></r>", "</t></is></c><c><f>1+1</f></c>",
    "_x0041_", "bell\x07", "مرحبا", "🌀",
)  # fmt: skip


def test_rolls_are_listed_with_place_latest_movement_and_dispatch(database, plant, workbook):
    [kept, sent] = stored_coils(database, plant, 2)
    at = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
    database.unit_of_work(
        lambda session: dispatch(
            session,
            actor=plant.driver,
            unit_ids=[sent],
            partner_id=plant.customer.id,
            details=Details(occurred_at=at),
        )
    )
    database.unit_of_work(
        lambda session: add_aliases(
            session,
            site_id=plant.site.id,
            scheme="roll",
            kind=CodeKind.UNIT,
            values={"CG-1": kept, "CG-2": kept},
        )
    )

    stored, gone = rows_of(workbook()["Rolls"])

    with database.reader() as session:
        assert stored["Roll"] == token_of(session, CodeKind.UNIT, kept)
    assert stored["Other codes"] == "CG-1, CG-2"
    assert (stored["Item number"], stored["Lot"]) == ("HTS500-200-1250", "L-26-1187")
    assert (stored["Department"], stored["Place"], stored["State"]) == (
        "Hot rolling",
        "FM01A01",
        "stored",
    )
    assert (stored["Quantity"], stored["Unit of measure"]) == (4820.5, "kg")
    assert (stored["Latest movement"], stored["Dispatched at"]) == ("putaway", None)
    assert (gone["State"], gone["Customer"]) == ("dispatched", "Nordwerk GmbH")
    assert gone["Dispatched at"] == datetime(2026, 11, 18, 10, 30)  # noqa: DTZ001 - site time
    assert gone["Place"] == "customer"


def test_the_log_tells_who_what_when_from_where_to_where_and_what_took_it_back(
    database, plant, workbook
):
    [coil] = stored_coils(database, plant)
    moved = database.unit_of_work(
        lambda session: transfer(
            session,
            actor=plant.driver,
            unit_ids=[coil],
            department_id=plant.finishing.id,
            details=Details(note="by crane", reference_type="order", reference_id="47"),
        )
    )
    back = database.unit_of_work(
        lambda session: reverse(
            session, actor=plant.manager, movement_id=moved.movement_id, reason="wrong hall"
        )
    )

    made, stored, sent, undone = rows_of(workbook()["Movements"])

    assert [row["Verb"] for row in (made, stored, sent, undone)] == [
        "produce", "putaway", "transfer", "reverse",
    ]  # fmt: skip
    assert (made["From"], made["To"], made["Who"]) == (
        "production", "HR-IN", "Keeper of Hot rolling",
    )  # fmt: skip
    assert (sent["From"], sent["To"], sent["Note"], sent["Reference"]) == (
        "FM01A01", "FIN-IN", "by crane", "order 47",
    )  # fmt: skip
    assert sent["Reversed by"] == str(back.movement_uid) == undone["Movement"]
    assert undone["Reverses"] == str(moved.movement_uid) == sent["Movement"]
    assert undone["Reason"] == "wrong hall"


def test_headings_name_the_zone_of_the_times(plant, workbook):
    heads = [cell.value for cell in workbook()["Movements"][1]]

    assert "Happened at (Europe/Berlin)" in heads


def test_the_summary_agrees_with_the_log(database, plant, workbook):
    produce_coils(database, plant, 3, Decimal("0.1"))
    stored_coils(database, plant, 2)

    book = workbook()

    log, summary = rows_of(book["Movements"]), rows_of(book["Summary"])
    verbs = {row["Of"]: row for row in summary if row["By"] == "Verb"}
    assert (verbs["produce"]["Movements"], verbs["produce"]["Lines"]) == (2, 5)
    assert verbs["produce"]["Quantity"] == 9641.3
    for by in ("Verb", "Department", "Day"):
        groups = [row for row in summary if row["By"] == by]
        assert sum(row["Lines"] for row in groups) == len(log) == 7
        assert sum(Decimal(str(row["Quantity"])) for row in groups) == Decimal("19282.3")


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_typed_becomes_a_formula_a_number_or_a_link(
    database, plant, workbook, tmp_path, text
):
    [coil] = produce_coils(database, plant)

    def write_everywhere(session):
        # Around the commands, which would clean most of it.
        for model in (Item, Partner, User, Department):
            session.execute(sa.update(model).values(name=text))
        session.execute(sa.update(Item).where(Item.id == plant.item.id).values(number=text))
        session.execute(sa.update(Lot).where(Lot.id == plant.lot.id).values(number=text))
        session.execute(sa.update(Unit).values(properties={text: text}))
        session.add(
            Alias(site_id=plant.site.id, scheme="roll", kind="R", value=text, subject_id=coil)
        )
        dispatch(
            session,
            actor=plant.driver,
            unit_ids=[coil],
            partner_id=plant.customer.id,
            details=Details(note=text, reason=text, reference_id=text),
        )

    database.unit_of_work(write_everywhere)

    opened = workbook()

    with zipfile.ZipFile(tmp_path / "export.xlsx") as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "/sheet" in name]
        assert not any("_rels/sheet" in name for name in parts.namelist())
    assert not any("<f>" in sheet or "<f " in sheet or "hyperlink" in sheet for sheet in sheets)
    # "_x0041_" is how Excel writes a control; its own escape is not undone by openpyxl.
    shown = plain_text(text).replace("_x0041_", "_x005F_x0041_")
    sent, roll = rows_of(opened["Movements"])[1], rows_of(opened["Rolls"])[0]
    for name in ("Who", "Item number", "Item", "Lot", "Partner", "Reason", "Note", "Reference"):
        assert sent[name] == shown, name
    for name in ("Item number", "Item", "Lot", "Other codes", "Department", "Customer"):
        assert roll[name] == shown, name
    assert roll["Properties"] == f"{shown}: {shown}" or text.startswith("<r>")
    assert {cell.data_type for row in opened["Movements"] for cell in row} <= {"n", "s", "d"}


def test_a_list_that_is_too_long_for_a_sheet_goes_on_in_the_next(database, plant, workbook):
    stored_coils(database, plant, 5)

    book = workbook(rows_max=5)

    assert book.sheetnames[:2] == ["Rolls", "Rolls 2"]
    parts = [rows_of(book[name]) for name in ("Movements", "Movements 2", "Movements 3")]
    assert [len(part) for part in parts] == [4, 4, 2]
    assert [row["Line"] for part in parts for row in part] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]


def test_whoever_has_one_department_gets_what_touches_it(database, plant, workbook):
    [coil, _] = stored_coils(database, plant, 2)
    database.unit_of_work(
        lambda session: transfer(
            session, actor=plant.driver, unit_ids=[coil], department_id=plant.finishing.id
        )
    )

    book = workbook([plant.finishing.id])

    assert [row["Department"] for row in rows_of(book["Rolls"])] == ["Finishing"]
    assert [row["Verb"] for row in rows_of(book["Movements"])] == ["transfer"]


def test_what_is_booked_while_the_file_is_written_stays_out(database, plant):
    stored_coils(database, plant, 2)

    with database.snapshot() as session:
        extent = fix_extent(session, site_id=plant.site.id, departments=None)
        stored_coils(database, plant, 3)
        seen = len(list(each_posting(session, extent)))

    assert (extent.units, extent.postings, seen) == (2, 4, 4)


def test_rows_are_read_in_parts_and_none_is_lost_between_them(database, plant, monkeypatch):
    stored_coils(database, plant, 10)
    monkeypatch.setattr(content_queries, "ROWS_AT_ONCE", 3)

    with database.snapshot() as session, counting_statements(session) as statements:
        extent = fix_extent(session, site_id=plant.site.id, departments=None)
        seen = [(row.movement_id, row.line_no) for row, _ in each_posting(session, extent)]

    assert len(seen) == len(set(seen)) == 20
    assert seen == sorted(seen)
    assert statements.count == 4 + 8 + 7  # the extent, seven parts and none, their reversals


def test_an_empty_plant_has_an_export_too(plant, workbook):
    book = workbook()

    assert book.sheetnames == ["Rolls", "Movements", "Summary"]
    assert rows_of(book["Rolls"]) == []
