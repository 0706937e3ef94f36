"""GS1 codes are read as GS1 lays down, whatever a scanner made of them."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.codes import gs1_table
from app.domain.codes.gs1 import is_checked, read
from app.domain.codes.gs1_words import say, whole_date, with_point
from app.domain.codes.rules import LONGEST_TEXT, Problem, Scheme, parse
from tests.factories.codes import strange_codes, with_check_digit

DATA = Path(__file__).parents[2] / "data"
VECTORS = json.loads((DATA / "gs1_vectors.json").read_text())["parse"]
PIECES = st.sampled_from(
    ["]C1", "]d2", "\x1d", "{GS}", "(01)", "(", ")", "01", "10", "17", "3103", "https://x/", "/01/"]
)
SPLINTERS = st.lists(st.one_of(PIECES, st.text(max_size=20), st.from_regex(r"[0-9]{1,20}")))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_gs1_code_is_read_as_the_vectors_say(vector):
    parsed = parse(vector["text"])

    assert [[c.scheme, c.value] for c in parsed.candidates] == vector["candidates"]
    assert parsed.problem == vector["problem"]
    assert [list(said) for said in say(parsed.elements, year=2026)] == vector["says"]


@given(SPLINTERS)
def test_reading_splinters_of_gs1_never_raises(parts):
    parsed = parse("".join(parts))

    assert not (parsed.elements and parsed.problem)
    say(parsed.elements, year=2026)


@given(st.integers(0, 10**9))
@settings(max_examples=20)
def test_reading_garbled_codes_never_raises_and_gives_each_scheme_once(seed):
    for text in strange_codes(seed, 50):
        parsed = parse(text)

        schemes = [candidate.scheme for candidate in parsed.candidates]
        assert len(schemes) == len(set(schemes)), text
        say(parsed.elements, year=2026)


def test_the_strange_codes_are_strange_in_every_way():
    """The comparison of both languages is worth what its texts are."""
    parsed = [parse(text) for text in strange_codes(2026, 3_000)]

    assert {one.problem for one in parsed} >= {None, Problem.CHECK, Problem.GS1_CHECK}
    assert {one.problem for one in parsed} >= {Problem.GS1_FORM, Problem.GS1_COMPRESSED}
    assert {c.scheme for one in parsed for c in one.candidates} >= set(Scheme) - {Scheme.UUID}


@pytest.mark.parametrize(
    "part",
    ["10", "\x1d", "]C1", "(10)", "{GS}", "21A\x1d", "/01", "https://", "%41", "11", "(", "01/0/"],
)
@pytest.mark.parametrize("start", ["", "]C1", "https://x/", "https://x/01/09501101530003/10/"])
def test_the_longest_text_is_read_in_no_time(start, part):
    text = (start + part * LONGEST_TEXT)[:LONGEST_TEXT]

    begun = time.process_time()
    parse(text)

    assert time.process_time() - begun < 0.5


@given(st.from_regex(r"\A[0-9]{17}\Z").filter(str.isascii))
def test_a_wrong_digit_never_passes_the_check(digits):
    right = with_check_digit(digits)

    assert is_checked(right)
    for place in range(18):
        wrong = right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :]
        assert not is_checked(wrong)


@given(st.dates(date(1977, 1, 1), date(2076, 12, 31)))
def test_a_date_of_two_digits_is_within_fifty_years(day):
    assert whole_date(day.strftime("%y%m%d"), year=2026) == day


@pytest.mark.parametrize(
    "digits, year, day",
    [
        ("991231", 2026, date(1999, 12, 31)),
        ("010101", 2099, date(2101, 1, 1)),
        ("500101", 1999, date(1950, 1, 1)),
        ("000101", 1999, date(2000, 1, 1)),
        ("240200", 2026, date(2024, 2, 29)),
        ("250200", 2026, date(2025, 2, 28)),
    ],
)
def test_the_century_and_a_missing_day_follow_the_general_specifications(digits, year, day):
    assert whole_date(digits, year=year) == day


@pytest.mark.parametrize(
    "digits, decimals, number",
    [
        ("004820", 0, "4820"),
        ("012340", 3, "12.340"),
        ("000001", 5, "0.00001"),
        ("000000", 2, "0.00"),
    ],
)
def test_a_measure_is_exact(digits, decimals, number):
    assert with_point(digits, decimals) == number


def test_every_identifier_of_the_table_has_one_form():
    seen = [identifier for text in gs1_table.FORMATS.values() for identifier in text.split()]

    assert len(seen) == len(set(seen)) > 180
    assert gs1_table.LINK_KEYS["01"] == "22,10,21|235"


def test_half_a_code_is_refused_as_damaged():
    reading = read("]C1010950110153000")

    assert reading is not None
    assert (reading.elements, reading.problem) == ((), Problem.GS1_FORM)
