"""Labels as PDF: rendered to pixels as a printer does, and decoded as a scanner does."""

import re
from itertools import pairwise

import pytest

from app.blueprints.codes.faces import Face
from app.blueprints.codes.papers import LEAST_DOTS, LEVELS, PAPERS
from app.blueprints.codes.pdf import DoesNotFit, Print, labels_pdf
from app.blueprints.codes.writing import undrawable
from app.domain.codes.commands import add_aliases
from app.domain.codes.rules import CodeKind, display_token
from app.domain.ledger.models import Movement
from tests.factories.plant import token_of
from tests.factories.stock import produce_coils, stored_coils, unit_of
from tests.support.paper import sheets_of
from tests.support.web import log_in

BASE = "http://localhost:8000/q/"
ROLLS = [code for code, paper in PAPERS.items() if not paper.is_sheet]
SHEETS = [code for code, paper in PAPERS.items() if paper.is_sheet]
FACE = Face(
    "Roll",
    "R7K3F9H2XVTB2",
    None,
    "HTS500 2.00 × 1250",
    (("Lot", "L-26-1187"), ("Weight", "4,820.5 kg"), ("Made", "20 Nov 2026")),
    "/",
    "COIL-0815",
)


@pytest.fixture
def coils(database, plant):
    return stored_coils(database, plant, 3)


@pytest.fixture
def tokens(database, coils):
    with database.reader() as session:
        return [token_of(session, CodeKind.UNIT, coil) for coil in coils]


def pages_of(client, address, dpi=203):
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "application/pdf"
    return sheets_of(answer.data, dpi)


def movement_of(database, coil):
    with database.reader() as session:
        return session.get_one(Movement, unit_of(database, coil).last_movement_id).uid


def dark_runs(picture, box):
    """The lengths of all runs of black dots inside the code."""
    inside = picture.crop(box).point(lambda value: 35 if value < 128 else 32)
    rows, width = inside.tobytes().decode(), inside.width
    return {
        len(run)
        for start in range(0, len(rows), width)
        for run in re.findall("#+", rows[start : start + width])
    }


def ink(picture, box):
    return sum(picture.crop(box).point(lambda value: value < 250 and 1).histogram()[1:])


def draw(app, face=FACE, paper="100x62", dpi=203, level="m", skip=0):
    with app.app_context():
        return labels_pdf([face], Print(PAPERS[paper], dpi, level, skip))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("dpi", LEAST_DOTS)
@pytest.mark.parametrize("paper", ROLLS)
def test_the_code_of_a_label_is_what_is_printed_beside_it(
    client, database, plant, coils, tokens, paper, dpi, level
):
    database.unit_of_work(
        lambda session: add_aliases(
            session, plant.site.id, "coil", CodeKind.UNIT, {"Coil-0815": coils[0]}
        )
    )
    log_in(client, "keeper")
    uid = unit_of(database, coils[0]).uid

    (sheet,) = pages_of(
        client, f"/print/{uid}/labels.pdf?paper={paper}&dpi={dpi}&level={level}", dpi
    )

    assert [text for _, _, text in sheet.codes] == [BASE + tokens[0]]
    assert display_token(tokens[0]) in sheet.words
    words = " ".join(sheet.words.split())
    for text in (tokens[0][:4], "HTS500 2.00 × 1250", "L-26-1187", "4,820.5 kg", "COIL-0815"):
        assert text in words


@pytest.mark.parametrize("dpi, least", LEAST_DOTS.items())
@pytest.mark.parametrize("paper", ROLLS)
def test_modules_are_whole_dots_with_four_of_them_white_around(app, paper, dpi, least):
    (sheet,) = sheets_of(draw(app, paper=paper, dpi=dpi), dpi)
    size = PAPERS[paper]

    ((left, top, _),) = sheet.codes
    while sheet.picture.getpixel((left - 1, top + 2)) < 128:
        left -= 1
    while sheet.picture.getpixel((left + 2, top - 1)) < 128:
        top -= 1
    finder = next(n for n in range(500) if sheet.picture.getpixel((left + n, top)) >= 128)
    dots = finder // 7
    side = dots * 29

    assert finder % 7 == 0
    assert dots >= least
    assert sheet.picture.size == (int(size.width * dpi / 25.4), int(size.height * dpi / 25.4))
    inside = dark_runs(sheet.picture, (left, top, left + side, top + side))
    assert {length % dots for length in inside} == {0}
    quiet = 4 * dots
    around = (left - quiet, top - quiet, left + side + quiet, top + side + quiet)
    assert ink(sheet.picture, around) == ink(sheet.picture, (left, top, left + side, top + side))


@pytest.mark.parametrize("skip", [0, 1, 5])
@pytest.mark.parametrize("paper", SHEETS)
def test_a_sheet_begins_after_the_labels_that_are_used(
    client, database, plant, coils, tokens, paper, skip
):
    log_in(client, "keeper")
    address = f"/print/movement/{movement_of(database, coils[0])}/labels.pdf"

    (sheet,) = pages_of(client, f"{address}?paper={paper}&skip={skip}&dpi=300", 300)

    size = PAPERS[paper]
    places = {}
    for left, top, text in sheet.codes:
        column = int((left / 300 * 25.4 - size.left) // size.step_x)
        row = int((top / 300 * 25.4 - size.top) // size.step_y)
        places[row * size.columns + column] = text
    assert places == {skip + n: BASE + token for n, token in enumerate(tokens)}


def test_a_full_sheet_goes_on_with_the_next(client, database, plant):
    coils = produce_coils(database, plant, 6)
    log_in(client, "keeper")
    address = f"/print/movement/{movement_of(database, coils[0])}/labels.pdf"

    sheets = pages_of(client, f"{address}?paper=a4-2x4&skip=4", 203)

    assert [len(sheet.codes) for sheet in sheets] == [4, 2]
    with database.reader() as session:
        wanted = [BASE + token_of(session, CodeKind.UNIT, coil) for coil in coils]
    shown = [
        text
        for sheet in sheets
        for _, _, text in sorted(sheet.codes, key=lambda c: (c[1] // 99, c[0]))
    ]
    assert shown == wanted


@pytest.mark.parametrize(
    "address, status",
    [
        ("?paper=a4-2x4&skip=8", 422),
        ("?paper=a4-2x4&skip=-1", 422),
        ("?paper=a4-2x4&skip=²", 422),
        ("?paper=1x1", 422),
        ("?dpi=72", 422),
        ("?level=x", 422),
        ("?paper=62x29&skip=3", 200),
    ],
)
def test_a_paper_that_is_not_there_is_refused(client, database, plant, coils, address, status):
    log_in(client, "keeper")

    answer = client.get(f"/print/{unit_of(database, coils[0]).uid}/labels.pdf{address}")

    assert answer.status_code == status


def test_a_code_that_would_be_too_small_is_refused_with_the_missing_millimetres(app):
    settings = app.extensions["settings"]
    long = f"https://{'inventory.' * 8}example.com"
    app.extensions["settings"] = settings.model_copy(update={"label_base_url": long})

    with pytest.raises(
        DoesNotFit, match=r"The QR code does not fit on 50 × 25 mm, by \d+\.\d mm\."
    ):
        draw(app, paper="50x25")

    (sheet,) = sheets_of(draw(app, paper="100x62", level="q"), 203)
    assert sheet.codes[0][2] == f"{long}/q/{FACE.token}"


@pytest.mark.parametrize(
    "name",
    [
        "Blech verzinkt ß żółć",
        "Лист стальной",
        "Λαμαρίνα",
        "镀锌钢卷",
        "亜鉛めっきコイル",
        "아연도금 코일",
    ],
)
def test_names_of_many_languages_are_written(app, name):
    face = Face(FACE.word, FACE.token, None, name, FACE.lines, "/")

    (sheet,) = sheets_of(draw(app, face=face), 203)

    assert "".join(name.split()) in "".join(sheet.words.split())
    assert undrawable([name]) == ""


def test_what_no_font_can_write_is_a_question_mark_and_said_before(app):
    name = "Coil 🌀 မြန"
    face = Face(FACE.word, FACE.token, None, name, FACE.lines, "/")

    (sheet,) = sheets_of(draw(app, face=face), 203)

    assert "Coil ? ???" in " ".join(sheet.words.split())
    assert undrawable([name, "plain?"]) == "".join(sorted("မြန🌀"))


def test_an_endless_name_is_cut_and_the_code_is_not(app):
    face = Face(FACE.word, FACE.token, None, "W" * 400, (("Lot", "L" * 200),), "/", "A" * 128)

    (sheet,) = sheets_of(draw(app, face=face, paper="50x25"), 203)

    assert "…" in sheet.words
    assert display_token(FACE.token) in sheet.words
    assert sheet.codes[0][2] == BASE + FACE.token


def test_the_rolls_of_the_lists_filter_are_printed_in_its_order(
    client, database, plant, coils, tokens
):
    produce_coils(database, plant, 2)
    log_in(client, "keeper")

    list_page = client.get("/stock/units/?state=stored&sort=oldest")
    page = client.get("/print/rolls/?state=stored&sort=oldest")
    sheets = pages_of(client, "/print/rolls/labels.pdf?state=stored&sort=oldest&paper=62x29")

    assert "/print/rolls/?state=stored&amp;sort=oldest" in list_page.text
    assert "Labels of 3 rolls" in page.text
    assert '<input type="hidden" name="state" value="stored">' in page.text
    assert [sheet.codes[0][2] for sheet in sheets] == [BASE + token for token in tokens]


def test_at_most_500_labels_come_at_once_and_the_rest_is_a_link(
    client, database, plant, monkeypatch
):
    monkeypatch.setattr("app.blueprints.codes.batches.LABELS_AT_ONCE", 2)
    coils = produce_coils(database, plant, 5)
    log_in(client, "keeper")
    address = f"/print/movement/{movement_of(database, coils[0])}/"

    pages = [
        client.get(address),
        client.get(f"{address}?first=3"),
        client.get(f"{address}?first=5"),
    ]

    assert "These are the labels 1 to 2" in pages[0].text
    assert f"{address}?first=3" in pages[0].text
    assert '<input type="hidden" name="first" value="3">' in pages[1].text
    assert "These are the labels 5 to 5" in pages[2].text
    assert "The ones from" not in pages[2].text
    assert client.get(f"{address}?first=6").status_code == 404
    assert client.get(f"{address}?first=0").status_code == 422


def test_a_rack_and_a_department_become_signs(client, database, plant):
    log_in(client, "keeper")

    rack = pages_of(client, f"/print/rack/{plant.rack.uid}/labels.pdf")
    everything = pages_of(client, f"/print/places/{plant.hot_rolling.uid}/labels.pdf")

    assert [sheet.words.split()[0] for sheet in rack] == [one.code for one in plant.bins]
    signs = [sheet.words.split()[0] for sheet in everything]
    assert signs[0] == plant.hot_staging.code
    assert signs[1:] == ["FM01", *[one.code for one in plant.bins]]
    assert all(first < second for first, second in pairwise(signs[1:]))
    with database.reader() as session:
        wanted = [BASE + token_of(session, CodeKind.LOCATION, one.id) for one in plant.bins]
    assert [sheet.codes[0][2] for sheet in rack] == wanted


def test_a_pdf_is_shown_or_downloaded_as_asked(client, database, plant, coils):
    log_in(client, "keeper")
    address = f"/print/{unit_of(database, coils[0]).uid}/labels.pdf"

    shown, saved = client.get(address), client.get(f"{address}?download=1")

    assert shown.headers["Content-Disposition"] == 'inline; filename="labels-100x62.pdf"'
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert shown.data == saved.data
    assert shown.headers["Cache-Control"] == "no-store"


def test_whoever_may_not_print_or_look_there_gets_no_pdf(client, app, database, plant, coils):
    log_in(client, "keeper")
    assert client.get(f"/print/rack/{plant.finishing_rack.uid}/labels.pdf").status_code == 403
    assert client.get(f"/print/places/{plant.finishing.uid}/labels.pdf").status_code == 403
    assert client.get("/print/rolls/labels.pdf?department=FIN").status_code == 404
    assert client.get("/print/rolls/labels.pdf?state=dispatched").status_code == 404

    other = app.test_client()
    log_in(other, "viewer")
    assert other.get(f"/print/{unit_of(database, coils[0]).uid}/labels.pdf").status_code == 403
