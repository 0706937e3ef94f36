"""A scanned text is read the same way in Python and in JavaScript, and reading never raises."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.codes.rules import (
    ALPHABET,
    CodeKind,
    Scheme,
    display_token,
    is_token,
    kind_of,
    make_token,
    normalise_alias,
    parse,
    short_code,
)

VECTORS = json.loads((Path(__file__).parents[2] / "data" / "code_vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["parse"], ids=lambda vector: vector["name"])
def test_a_text_is_read_as_the_vectors_say(vector):
    parsed = parse(vector["text"])

    assert [[c.scheme, c.value] for c in parsed.candidates] == vector["candidates"]
    assert parsed.problem == vector["problem"]


@pytest.mark.parametrize("kind, token", VECTORS["tokens"].items())
def test_the_first_letter_of_a_token_says_its_kind(kind, token):
    assert is_token(token)
    assert kind_of(token) is CodeKind[kind.upper()]


@pytest.mark.parametrize("kind", CodeKind)
def test_a_new_token_reads_back_as_itself(kind):
    token = make_token(kind, Random(1))

    assert [(c.scheme, c.value) for c in parse(display_token(token)).candidates] == [
        (Scheme.TOKEN, token)
    ]
    assert short_code(token) == token[:4]


def test_every_single_slip_and_every_swap_of_neighbours_is_found():
    random = Random(2)
    for token in (make_token(kind, random) for kind in CodeKind):
        for position in range(13):
            for wrong in set(ALPHABET) - {token[position]}:
                assert not is_token(token[:position] + wrong + token[position + 1 :])
        for position in range(12):
            swapped = list(token)
            swapped[position : position + 2] = reversed(swapped[position : position + 2])
            assert "".join(swapped) == token or not is_token("".join(swapped))


@given(st.text(st.characters(exclude_categories=())))
def test_reading_never_raises_and_gives_at_most_one_candidate_of_each_scheme(text):
    schemes = [candidate.scheme for candidate in parse(text).candidates]

    assert len(schemes) == len(set(schemes))


@given(st.text(max_size=80))
def test_a_normal_alias_stays_as_it_is(text):
    once = normalise_alias(text)

    assert normalise_alias(once) == once
