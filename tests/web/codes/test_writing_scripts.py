"""Names in scripts that run to the left or whose letters change with their neighbours."""

import pytest
import sqlalchemy as sa

from app.blueprints.codes.bidi import in_sight, levels_of, mirrored
from app.blueprints.codes.shaping import script_of, shape
from app.blueprints.codes.writing import runs, undrawable, width_of
from app.domain.catalog.models import Item
from app.domain.codes.rules import CodeKind
from tests.factories.plant import token_of
from tests.factories.stock import stored_coils, unit_of
from tests.support.paper import sheets_of
from tests.support.web import log_in

NAMES = {
    "Arabic": "لفائف الصلب",
    "Hebrew": "סליל פלדה",
    "Devanagari": "इस्पात कुंडली",
    "Bengali": "ইস্পাত কুণ্ডলী",
    "Gurmukhi": "ਸਟੀਲ ਕੋਇਲ",
    "Gujarati": "સ્ટીલ કોઇલ",
    "Oriya": "ଇସ୍ପାତ କୁଣ୍ଡଳୀ",
    "Tamil": "எஃகு சுருள்",
    "Telugu": "ఉక్కు కాయిల్",
    "Kannada": "ಉಕ್ಕಿನ ಸುರುಳಿ",
    "Malayalam": "ഉരുക്ക് ചുരുൾ",
    "Sinhala": "වානේ දඟරය",
    "Thai": "ขดลวดเหล็กกล้าน้ำ",
}


def seen(text: str) -> str:
    """The characters from left to right."""
    return "".join(in_sight(list(text), levels_of(text)))


@pytest.mark.parametrize(
    "text, from_the_left",
    [
        ("Coil 12.5 kg", "Coil 12.5 kg"),
        ("אבג", "גבא"),
        ("Coil אבג 12", "Coil 12 גבא"),
        ("אבג 12.5 abc", "abc 12.5 גבא"),
        ("אבג abc דהו", "והד abc גבא"),
        ("بجد 1250-1", "1-1250 دجب"),
        ("אבג 50%", "50% גבא"),
        ("a אב, גד b", "a דג ,בא b"),
        ("", ""),
    ],
)
def test_a_line_is_seen_as_its_readers_expect(text, from_the_left):
    assert seen(text) == from_the_left


def test_brackets_of_a_line_that_runs_to_the_left_are_turned():
    assert mirrored("(12)") == "(21)"
    assert [run.text for run in runs("(אב)")] == ["(", "אב", ")"]


@pytest.mark.parametrize(
    "text, script, glyphs",
    [
        # Initial seen, the ligature of lam and alef, final meem: from the left.
        ("سلام", "Arabic", ("uni0645", "uniFEFC", "uniFEB3")),
        # The vowel i stands before the consonants that it follows, which join.
        ("त्रि", "Devanagari", ("ivowelsign03deva", "taradeva")),
        # Its vowel stands on both sides of the consonant.
        ("கொ", "Tamil", ("evowelsigntamil", "katamil", "aavowelsigntamil")),
        ("ക്ഷ", "Malayalam", ("kassamlym",)),
        # Sara am is parted, and the tone mark goes under its circle's side.
        ("น้ำ", "Thai", ("uni0E19", "uni0E4D", "uni0E49.small", "uni0E32")),
    ],
)
def test_letters_take_the_forms_that_their_neighbours_ask_for(text, script, glyphs):
    outline = shape(text, script, leftwards=script == "Arabic")

    assert outline.glyphs == glyphs
    assert outline.width > 0.3


@pytest.mark.parametrize("script", NAMES)
def test_every_letter_of_a_script_is_drawn_and_none_is_a_box(script):
    name = NAMES[script]
    drawn = runs(name)

    assert {script_of(one) for one in name.replace(" ", "")} == {script}
    assert undrawable([name]) == ""
    assert all(".notdef" not in run.outline.glyphs for run in drawn if run.outline)
    assert [run.font for run in drawn if run.outline] == [script] * len(name.split())
    assert width_of(drawn, 10) == pytest.approx(sum(run.width(10) for run in drawn))


def test_joiners_stay_between_letters_and_go_everywhere_else():
    assert runs("क्\u200dष")[0].outline.glyphs != runs("क्ष")[0].outline.glyphs
    assert [run.text for run in runs("a\u200db\u200e")] == ["ab"]
    assert runs("\u200d") == []


def test_what_no_font_draws_is_named():
    assert undrawable(["မြန်မာ 🌀 سلام हिंदी"]) == "".join(sorted(set("မြန်မာ🌀")))


@pytest.mark.parametrize("script", ["Arabic", "Devanagari", "Thai"])
def test_a_label_shows_the_name_beside_a_code_that_can_be_scanned(client, database, plant, script):
    (coil,) = stored_coils(database, plant)
    uid = unit_of(database, coil).uid
    log_in(client, "keeper")
    inked = {}
    for name in ("", NAMES[script]):
        title = name or "\u3000"
        database.unit_of_work(
            lambda session, title=title: session.execute(sa.update(Item).values(name=title))
        )
        answer = client.get(f"/print/{uid}/labels.pdf?dpi=300")
        (sheet,) = sheets_of(answer.data, 300)
        inked[name] = sum(sheet.picture.histogram()[:128])
        assert "?" not in sheet.words
        with database.reader() as session:
            token = token_of(session, CodeKind.UNIT, coil)
        assert [text.rsplit("/", 1)[1] for _, _, text in sheet.codes] == [token]

    assert inked[NAMES[script]] > inked[""] + 1_000


def test_a_long_name_is_cut_and_still_fits(client, database, plant):
    (coil,) = stored_coils(database, plant)
    name = " ".join([NAMES["Devanagari"]] * 9)
    database.unit_of_work(lambda session: session.execute(sa.update(Item).values(name=name)))
    log_in(client, "keeper")

    page = client.get(f"/print/{unit_of(database, coil).uid}/labels.pdf?paper=62x29&dpi=203")

    (sheet,) = sheets_of(page.data, 203)
    assert "…" in sheet.words
    right = sheet.picture.crop((sheet.picture.width - 6, 0, *sheet.picture.size))
    assert right.getextrema()[0] > 200


def test_a_word_lies_in_a_file_once_however_many_labels_show_it(client, database, plant):
    stored_coils(database, plant, 30)
    name = " ".join([NAMES["Devanagari"]] * 9)
    database.unit_of_work(lambda session: session.execute(sa.update(Item).values(name=name)))
    log_in(client, "keeper")

    answer = client.get("/print/rolls/labels.pdf?state=stored&paper=62x29&dpi=203")

    sheets = sheets_of(answer.data, 203)
    assert len(sheets) == len({sheet.codes[0][2] for sheet in sheets}) == 30
    assert len(answer.data) < 200_000
