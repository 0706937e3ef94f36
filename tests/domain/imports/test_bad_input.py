"""Whatever is handed in: nothing is half booked, and the words say what to do about it."""

import csv
import io
import zipfile

import pytest
import sqlalchemy as sa
import xlsxwriter

from app.domain.codes.models import Alias
from app.domain.imports.models import RowOutcome, RunState
from app.domain.imports.queries import list_rows
from app.domain.ledger.models import Movement
from app.domain.units.models import Unit
from tests.factories.old_workbooks import compound_file, old_workbook

HEADER = ("roll", "item", "lot", "weight_kg", "thickness")
GOOD = ("C1", "HTS400", "L1", 453.23, 0.25)
NUMBER = "a number like 4820.5, with at most 6 decimals"


def text_of(*rows, separator=",", encoding="utf-8", header=HEADER):
    made = io.StringIO()
    csv.writer(made, delimiter=separator).writerows([header, *rows])
    return made.getvalue().encode(encoding)


def workbook(write, name="coils"):
    """A workbook whose sheet `write` fills below the header."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        page = book.add_worksheet(name)
        page.write_row(0, 0, HEADER)
        write(book, page)
    return made.getvalue()


def repacked(content, part, replacement):
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, replacement if name.endswith(part) else old.read(name))
    return made.getvalue()


def plain(_book, page):
    page.write_row(1, 0, GOOD)


def zipped(**files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def bring(imports, content, **options):
    """Hand the file in; what its check found."""
    run = imports.look(imports.stage(imports.store_bytes(content)))
    return imports.again(run, **options) if options else run


def rows_of(database, run, *outcomes):
    with database.reader() as session:
        return [e.row for e in list_rows(session, run_id=run.id, outcomes=outcomes, limit=99)]


def problems_of(database, run):
    return [
        (row.row_no, problem["column"], problem["expected"], problem["found"])
        for row in rows_of(database, run)
        for problem in row.problems
    ]


def nothing_booked(database):
    with database.reader() as session:
        models = (Unit, Alias, Movement)
        return [session.scalar(sa.select(sa.func.count()).select_from(one)) for one in models] == [
            *(0, 0, 0)
        ]


UNREADABLE = "must be an Excel workbook"
FILES = {
    "an empty file": (b"", "This file is empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, UNREADABLE),
    "a PDF": (b"%PDF-1.7\n1 0 obj\nroll,item,lot,kg\n" + b"\xe2\xe3" * 40, UNREADABLE),
    "a web page": (b"\n<!DOCTYPE html><table><tr><td>roll", UNREADABLE),
    "a program": (b"\x7fELF\x02\x01\x01" + b"\x03\x00>\x00\x01" * 400, UNREADABLE),
    "an archive": (zipped(readme="hello"), UNREADABLE),
    "a text document": (zipped(word__document="<w/>"), UNREADABLE),
    "a broken zip": (workbook(plain)[:900], UNREADABLE),
    "a workbook with a torn part": (repacked(workbook(plain), "sheet1.xml", b"<ro"), UNREADABLE),
    "a workbook with a password": (
        compound_file({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x" * 5_000}),
        "protected by a password",
    ),
    "an old workbook with a password": (
        old_workbook([HEADER, GOOD], has_password=True),
        "protected by a password",
    ),
    "an old workbook that was cut off": (old_workbook([HEADER, GOOD])[:700], UNREADABLE),
    "no rows": (text_of(), "no rows below its header"),
    "a workbook without rows": (workbook(lambda _book, _page: None), "no rows below its header"),
    "a text with a cell of 10 MB": (text_of((*GOOD[:4], "x" * 10_000_000)), "field limit"),
    "2,000 columns": (text_of(["1"] * 2_000, header=range(2_000)), "more than 200 columns"),
    "UTF-16 that ends in the middle": (text_of(GOOD, encoding="utf-16")[:-1], UNREADABLE),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_is_no_table_is_refused_with_words(database, imports, what):
    content, words = FILES[what]

    run = bring(imports, content)

    assert run.state == RunState.FAILED
    assert words in run.error
    assert rows_of(database, run) == []
    assert nothing_booked(database)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(database, imports):
    bomb = repacked(workbook(plain), "sheet1.xml", b" " * 320 * 1024 * 1024)
    assert len(bomb) < 1_000_000

    run = bring(imports, bomb)

    assert (run.state, run.error) == (
        RunState.FAILED,
        "This workbook unpacks to more than 300 MB.",
    )


def test_an_old_workbook_is_read_like_a_new_one(database, imports):
    content = old_workbook([HEADER, ("0012", "강판", "L1", 798.9400000000001, 0.25)])

    run = imports.apply(bring(imports, content))

    assert (run.state, run.counts["booked"]) == (RunState.APPLIED, 1)
    assert run.reading["sheet"] == "coils"
    assert run.sums["weight_kg"] == "798.94"


def test_merged_cells_are_refused_where_they_mean_something(database, imports):
    def write(_book, page):
        for number in range(1, 4):
            page.write_row(number, 0, (f"C{number}", "HTS400", "", 5, 0.25))
        page.merge_range(1, 2, 3, 2, "L1")

    run = bring(imports, workbook(write))

    assert problems_of(database, run) == [
        (3, "lot", "a cell of its own", "merged with row 2"),
        (4, "lot", "a cell of its own", "merged with row 2"),
    ]
    assert run.counts["created"] == 1


def test_too_many_merged_cells_are_refused(imports):
    ranges = [(1, 60_000, 1, 1)] * 2

    run = bring(imports, old_workbook([HEADER, GOOD], merged=ranges))

    assert run.error == "This sheet has too many merged cells."


def test_numbers_are_what_a_person_sees_or_a_problem(database, imports):
    weights = ["heavy", "-5", "0", "1e309", "NaN", "4.820,5", "", "1,000", "٣", "0x10", "5 kg"]
    rows = [(f"C{n}", "HTS400", "L1", weight, "") for n, weight in enumerate(weights)]

    run = bring(imports, text_of(*rows))

    assert run.counts["failed"] == len(weights) - 1
    assert [row.cells["weight_kg"] for row in rows_of(database, run, RowOutcome.CREATED)] == ["٣"]
    assert {found for _, _, _, found in problems_of(database, run)} == {
        shown or "(empty)" for shown in weights if shown != "٣"
    }


def test_float_noise_is_not_booked(database, imports):
    def write(_book, page):
        for number, weight in enumerate((798.9400000000001, 0.1 + 0.2, 1e-7), start=1):
            page.write_row(number, 0, (f"C{number}", "HTS400", "L1", weight, ""))

    run = imports.apply(bring(imports, workbook(write), accept_weights=True))

    with database.reader() as session:
        weights = [str(w) for w in session.scalars(sa.select(Unit.quantity).order_by(Unit.id))]
    assert weights == ["798.94", "0.3"]
    assert problems_of(database, run) == [(4, "weight_kg", NUMBER, "1e-07")]


def test_formulas_are_read_as_what_they_show_and_never_written_as_such(database, imports):
    def write(_book, page):
        page.write_row(1, 0, ("C1", "HTS400", "L1"))
        page.write_formula(1, 3, "=400+53", value=453)
        page.write_row(2, 0, ("C2", "HTS400", "L1"))
        page.write_formula(2, 3, '=HYPERLINK("http://x")', value="#REF!")

    run = bring(imports, workbook(write))
    of_text = bring(imports, text_of(("=1+1", "@SUM(A1)", "+1", "=5", "")))

    assert run.sums["weight_kg"] == "453"
    assert problems_of(database, run) == [(3, "weight_kg", "a weight in kg", "(empty)")]
    assert problems_of(database, of_text) == [(2, "weight_kg", NUMBER, "=5")]


def test_dates_are_no_weights_and_keep_their_day_as_texts(database, imports):
    def write(book, page):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_row(1, 0, ("C1", "HTS400"))
        page.write_number(1, 2, 46_346, day)
        page.write_number(1, 3, 453, day)
        page.write_row(2, 0, ("C2", "HTS400", 46_346, 453, ""))

    run = bring(imports, workbook(write))

    bad, good = rows_of(database, run)
    assert bad.cells["lot"] == "2026-11-20"
    assert problems_of(database, run) == [(2, "weight_kg", NUMBER, "1901-03-28")]
    assert (good.said["lot"], good.said["weight"]) == ("46346", "453")


def test_a_cell_of_ten_megabytes_in_a_workbook_is_a_problem_of_its_row(database, imports):
    huge = b'<c r="E2" t="inlineStr"><is><t>' + b"x" * 10_000_000 + b"</t></is></c>"
    content = workbook(plain)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    start = sheet.index(b'<c r="E2"')
    end = sheet.index(b"</c>", start) + 4

    run = bring(imports, repacked(content, "sheet1.xml", sheet[:start] + huge + sheet[end:]))

    ((row_no, column, expected, found),) = problems_of(database, run)
    assert (row_no, column, expected) == (2, "thickness", "at most 500 characters")
    assert len(found) < 100


def test_a_null_character_is_a_problem_and_can_be_kept_by_both_databases(database, imports):
    run = bring(imports, text_of(("C\x001", "HTS\x00400", "L1", "5\x00", "x\x00y")))

    assert [found for _, _, _, found in problems_of(database, run)] == [
        *("C\\u00001", "HTS\\u0000400", "5\\u0000", "x\\u0000y"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_names_of_any_script_are_booked_as_they_are(database, imports, encoding):
    names = ["لفة ٧", "גליל-٣", "코일 🧲", "👩‍🏭-1", "می‌خواهم"]
    rows = [(f"{name}", f"مادة {n}", "דגל", 5, "🧲") for n, name in enumerate(names)]

    run = imports.apply(bring(imports, text_of(*rows, encoding=encoding)))

    assert run.counts["booked"] == len(names)
    with database.reader() as session:
        kept = set(session.scalars(sa.select(Alias.value)))
    assert {"لفة ٧", "코일 🧲"} <= kept


def test_rolls_twice_in_the_file_and_in_the_database_are_booked_once(database, imports):
    first = imports.apply(bring(imports, text_of(GOOD, GOOD, ("c1", *GOOD[1:]))))
    again = bring(imports, text_of(GOOD, ("C2", *GOOD[1:]), separator=";"))

    assert (first.counts["booked"], first.counts["skipped"]) == (1, 2)
    assert (again.counts["unchanged"], again.counts["created"]) == (1, 1)


def test_a_file_whose_columns_say_nothing_is_held_back_row_by_row(database, imports):
    run = bring(imports, text_of(("1", "2"), header=("foo", "bar")))

    assert run.counts["failed"] == 1
    assert [(column, found) for _, column, _, found in problems_of(database, run)] == [
        ("Item number", "(no column)"),
        ("Weight", "(no column)"),
        ("lot", "(empty)"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_how_a_text_is_written_is_found_and_can_be_corrected(
    database, imports, encoding, separator
):
    row = ("C1", "Größe", "L1", "453.23", "x")
    content = text_of(row, encoding=encoding, separator=separator)

    found = bring(imports, content)
    told = imports.again(found, encoding=encoding, separator=separator)

    assert found.counts["created"] == told.counts["created"] == 1
    assert found.reading["separator"] == told.reading["separator"] == separator
    assert rows_of(database, told)[0].said["item"] == "Größe"


def test_a_wrong_correction_says_so_and_is_corrected_again(database, imports):
    run = bring(imports, text_of(("C1", "Größe", "L1", "5", "")))

    wrong = imports.again(run, encoding="utf-16")
    other = imports.again(wrong, separator=";")
    right = imports.again(other)

    assert wrong.state == RunState.FAILED
    assert other.columns == [",".join(HEADER)]
    assert (right.counts["created"], right.columns) == (1, list(HEADER))


def test_of_several_sheets_one_is_chosen(database, imports):
    def write(book, page):
        page.write_row(1, 0, ("C1", "HTS400", "L1", 5, ""))
        other = book.add_worksheet("week 47")
        other.write_row(0, 0, HEADER)
        for number in (1, 2):
            other.write_row(number, 0, (f"D{number}", "HTS400", "L1", 7, ""))

    first = bring(imports, workbook(write))
    second = imports.again(first, sheet="week 47")

    assert (first.reading["sheet"], first.reading["sheets"]) == ("coils", ["coils", "week 47"])
    assert (second.reading["sheet"], second.counts["created"]) == ("week 47", 2)
