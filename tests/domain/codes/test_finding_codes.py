"""What a scanned or typed text stands for, with a database behind it."""

from random import Random

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.domain.codes.commands import AliasTaken, add_aliases, assign_codes
from app.domain.codes.models import Alias, LabelCode
from app.domain.codes.queries import (
    CodeOfAnotherSite,
    Match,
    MistypedCode,
    UnknownCode,
    UnreadableCode,
    aliases_of,
    find_code,
    find_codes,
    tokens_of,
)
from app.domain.codes.rules import CodeKind, is_token, make_token
from app.domain.locations.commands import LocationDraft, open_department, open_location, open_site
from app.domain.locations.models import LocationKind
from tests.factories.plant import Plant, token_of
from tests.support.statements import counting_statements


def test_every_place_item_lot_and_partner_is_born_with_a_token(session: Session, plant: Plant):
    for kind, subject_id in (
        (CodeKind.LOCATION, plant.bin.id),
        (CodeKind.DEPARTMENT, plant.hot_rolling.id),
        (CodeKind.ITEM, plant.item.id),
        (CodeKind.LOT, plant.lot.id),
        (CodeKind.PARTNER, plant.customer.id),
    ):
        token = token_of(session, kind, subject_id)

        assert is_token(token)
        assert find_code(session, token, plant.site.id) == [Match(kind, subject_id, "token")]


@pytest.mark.parametrize(
    "written",
    ["{0}", "https://plant.example/q/{0}", "]Q1{0}", "{1}", " {1}\r"],
)
def test_a_token_is_found_however_it_is_written(session: Session, plant: Plant, written: str):
    token = token_of(session, CodeKind.LOCATION, plant.bin.id)
    text = written.format(token, token.lower())

    assert find_code(session, text, plant.site.id)[0].subject_id == plant.bin.id


def test_a_drawn_token_that_exists_is_drawn_again(
    session: Session, plant: Plant, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.domain.codes.commands.giving._RANDOM", Random(7))
    first = assign_codes(session, CodeKind.COUNT, [1])
    monkeypatch.setattr("app.domain.codes.commands.giving._RANDOM", Random(7))

    second = assign_codes(session, CodeKind.COUNT, [2])

    assert first[1] != second[2]
    assert session.scalar(sa.select(sa.func.count()).where(LabelCode.kind == "T")) == 2


def test_whatever_has_a_label_keeps_it(session: Session, plant: Plant):
    old = token_of(session, CodeKind.LOCATION, plant.bin.id)

    again = assign_codes(session, CodeKind.LOCATION, [plant.bin.id, plant.bin.id])

    assert again == {plant.bin.id: old}


@pytest.mark.parametrize("typed", ["FM01A01", "fm01a01", "  fm01A01\t"])
def test_a_location_is_found_by_its_code(session: Session, plant: Plant, typed: str):
    assert find_code(session, typed, plant.site.id) == [
        Match(CodeKind.LOCATION, plant.bin.id, "code")
    ]


def test_departments_and_partners_are_found_by_their_codes(session: Session, plant: Plant):
    assert find_code(session, "hr", plant.site.id)[0].kind is CodeKind.DEPARTMENT
    assert find_code(session, "Nordwerk", plant.site.id)[0].kind is CodeKind.PARTNER


def test_a_text_that_means_several_things_gives_them_all(session: Session, plant: Plant):
    add_aliases(session, plant.site.id, "coil", CodeKind.LOT, {"FM01A01": plant.lot.id})

    kinds = {match.kind for match in find_code(session, "FM01A01", plant.site.id)}

    assert kinds == {CodeKind.LOCATION, CodeKind.LOT}


def test_two_aliases_of_one_thing_are_one_match(session: Session, plant: Plant):
    for scheme in ("coil", "supplier"):
        add_aliases(session, plant.site.id, scheme, CodeKind.LOT, {"CG278278": plant.lot.id})

    assert len(find_code(session, "CG278278", plant.site.id)) == 1
    assert aliases_of(session, CodeKind.LOT, [plant.lot.id]) == {
        plant.lot.id: ["CG278278", "CG278278"]
    }


def test_an_alias_that_looks_like_a_token_loses_only_where_that_token_exists(
    session: Session, plant: Plant
):
    never_given = make_token(CodeKind.LOT, Random(1))

    with pytest.raises(UnknownCode):
        find_code(session, never_given, plant.site.id)
    with pytest.raises(Invalid):
        add_aliases(session, plant.site.id, "coil", CodeKind.LOT, {never_given: plant.lot.id})


def test_an_alias_given_again_changes_nothing_and_another_owner_is_refused(
    session: Session, plant: Plant
):
    add_aliases(session, plant.site.id, "coil", CodeKind.LOT, {"CG278278": plant.lot.id})
    add_aliases(session, plant.site.id, "coil", CodeKind.LOT, {"cg278278 ": plant.lot.id})

    with pytest.raises(AliasTaken) as refused:
        add_aliases(session, plant.site.id, "coil", CodeKind.LOT, {"CG278278": plant.other_lot.id})

    assert refused.value.facts["values"] == ["CG278278"]
    assert session.scalar(sa.select(sa.func.count()).select_from(Alias)) == 1


@pytest.mark.parametrize(
    "text, error",
    [
        ("", UnreadableCode),
        (" \x00\x1b ", UnreadableCode),
        ("A" * 5_000, UnreadableCode),
        ("FM99Z99", UnknownCode),
        ("<script>alert(1)</script>", UnknownCode),
        ("' OR 1=1 --", UnknownCode),
        ("@customer", UnknownCode),
        ("0198f2a0-0000-7000-8000-000000000000", UnknownCode),
    ],
)
def test_what_is_not_here_is_refused_with_its_reason(
    session: Session, plant: Plant, text: str, error: type[Exception]
):
    with pytest.raises(error):
        find_code(session, text, plant.site.id)


def test_one_wrong_character_is_called_that(session: Session, plant: Plant):
    token = token_of(session, CodeKind.LOCATION, plant.bin.id)
    slipped = token[:5] + ("2" if token[5] != "2" else "3") + token[6:]

    with pytest.raises(MistypedCode):
        find_code(session, slipped, plant.site.id)


def test_codes_of_another_site_are_refused_as_that(session: Session, plant: Plant):
    pune = open_site(session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC")
    paint = open_department(session, actor=plant.admin, site_id=pune.id, code="PAINT", name="Paint")
    token = token_of(session, CodeKind.LOCATION, plant.bin.id)

    for text in (token, "FM01A01", "HR"):
        with pytest.raises(CodeOfAnotherSite):
            find_code(session, text, pune.id)
    assert find_code(session, token, None)[0].subject_id == plant.bin.id

    own = open_location(
        session,
        actor=plant.admin,
        site_id=pune.id,
        draft=LocationDraft("FM01A01", LocationKind.RACK, department_id=paint.id),
    )
    assert find_code(session, "FM01A01", pune.id) == [Match(CodeKind.LOCATION, own.id, "code")]


def test_many_texts_cost_as_many_statements_as_one(session: Session, plant: Plant):
    tokens = list(
        tokens_of(session, CodeKind.LOCATION, [place.id for place in plant.bins]).values()
    )
    texts = [*tokens, "FM01A01", "nonsense", "HR"]

    with counting_statements(session) as one:
        find_codes(session, [tokens[0], "FM01A01"], plant.site.id)
    with counting_statements(session) as many:
        lookups = find_codes(session, texts, plant.site.id)

    assert many.count == one.count == 6
    assert isinstance(lookups["nonsense"].refusal, UnknownCode)
    assert lookups["FM01A01"].matches[0].subject_id == plant.bin.id
