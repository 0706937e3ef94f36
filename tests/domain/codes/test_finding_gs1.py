"""What a supplier's GS1 label stands for here: a roll, a lot of an item, or an item."""

import pytest
from sqlalchemy.orm import Session

from app.domain.codes.commands import add_aliases
from app.domain.codes.queries import (
    CodeOfAnotherSite,
    DamagedGs1Code,
    Match,
    UnknownCode,
    find_code,
    find_codes,
)
from app.domain.codes.rules import CodeKind
from app.domain.locations.commands import open_site
from tests.factories.plant import Plant
from tests.support.statements import counting_statements

GTIN = "09501101530003"
SSCC = "340123450000000017"
A_UNIT = 1


@pytest.mark.parametrize(
    "scanned",
    [
        f"]C100{SSCC}",
        f"00{SSCC}",
        f"(00) {SSCC}",
        f"https://id.gs1.org/00/{SSCC}",
        f"]d202{GTIN}371200{SSCC}",
        SSCC,
    ],
)
def test_a_unit_is_found_by_its_sscc(session: Session, plant: Plant, scanned: str):
    add_aliases(session, plant.site.id, "gs1:sscc", CodeKind.UNIT, {SSCC: A_UNIT})

    (match,) = find_code(session, scanned.replace("371200", "3712\x1d00"), plant.site.id)

    assert (match.kind, match.subject_id) == (CodeKind.UNIT, A_UNIT)


@pytest.mark.parametrize(
    "scanned",
    [
        f"]d201{GTIN}10LOT7\x1d21Ab-1",
        f"]d201{GTIN}10LOT7{{GS}}21AB-1",
        f"(01){GTIN}(21)ab-1",
        f"https://shop.example/x/01/{GTIN}/21/AB-1?17=271231",
    ],
)
def test_a_unit_is_found_by_gtin_and_serial(session: Session, plant: Plant, scanned: str):
    serial = {f"(01){GTIN}(21)AB-1": A_UNIT}
    add_aliases(session, plant.site.id, "gs1:sgtin", CodeKind.UNIT, serial)
    add_aliases(session, plant.site.id, "gs1:gtin", CodeKind.ITEM, {GTIN: plant.item.id})

    assert find_code(session, scanned, plant.site.id) == [
        Match(CodeKind.UNIT, A_UNIT, "GTIN and serial")
    ]


@pytest.mark.parametrize("written", [GTIN, GTIN.lstrip("0")])
@pytest.mark.parametrize(
    "scanned", [f"]C101{GTIN}", GTIN, GTIN.lstrip("0"), f"https://id.gs1.org/01/{GTIN}"]
)
def test_an_item_is_found_by_its_gtin_however_long_it_was_written(
    session: Session, plant: Plant, written: str, scanned: str
):
    add_aliases(session, plant.site.id, "gs1:gtin", CodeKind.ITEM, {written: plant.item.id})

    (match,) = find_code(session, scanned, plant.site.id)

    assert (match.kind, match.subject_id) == (CodeKind.ITEM, plant.item.id)


def test_a_lot_is_found_within_the_item_of_its_gtin(session: Session, plant: Plant):
    add_aliases(session, plant.site.id, "gs1:gtin", CodeKind.ITEM, {GTIN: plant.item.id})
    number = plant.lot.number

    found = find_code(session, f"]C101{GTIN}10{number.lower()}", plant.site.id)

    assert found == [Match(CodeKind.LOT, plant.lot.id, "GTIN and lot")]


def test_the_lot_of_another_item_is_not_taken_for_it(session: Session, plant: Plant):
    add_aliases(session, plant.site.id, "gs1:gtin", CodeKind.ITEM, {GTIN: plant.other_item.id})

    found = find_code(session, f"]C101{GTIN}10{plant.lot.number}", plant.site.id)

    assert found == [Match(CodeKind.ITEM, plant.other_item.id, "GTIN")]


def test_a_coil_number_that_is_like_a_gtin_is_no_item(session: Session, plant: Plant):
    add_aliases(session, plant.site.id, "coil", CodeKind.LOT, {GTIN: plant.lot.id})

    with pytest.raises(UnknownCode):
        find_code(session, f"]C101{GTIN}", plant.site.id)
    assert find_code(session, GTIN, plant.site.id)[0].kind is CodeKind.LOT


def test_the_sscc_of_another_site_is_refused_as_that(session: Session, plant: Plant):
    pune = open_site(session, actor=plant.admin, code="PUN", name="Pune", time_zone="UTC")
    add_aliases(session, plant.site.id, "gs1:sscc", CodeKind.UNIT, {SSCC: A_UNIT})

    with pytest.raises(CodeOfAnotherSite):
        find_code(session, f"]C100{SSCC}", pune.id)


def test_an_unknown_gs1_code_says_what_it_says(session: Session, plant: Plant):
    with pytest.raises(UnknownCode) as refused:
        find_code(session, f"(01){GTIN}(10)AB1(3103)012340", plant.site.id)

    assert "GTIN 09501101530003, Lot AB1, Net weight 12.340 kg" in refused.value.message


@pytest.mark.parametrize(
    "scanned, words",
    [
        ("]C10109501101530004", "wrong GS1 check digit"),
        ("]C10109501101", "damaged GS1 code"),
        ("https://id.gs1.org/AN2yxDhfaiaw", "compressed GS1 Digital Link"),
    ],
)
def test_a_code_that_cannot_be_read_is_refused_with_words(
    session: Session, plant: Plant, scanned: str, words: str
):
    with pytest.raises(DamagedGs1Code, match=words):
        find_code(session, scanned, plant.site.id)


def test_many_gs1_codes_cost_as_many_statements_as_one(session: Session, plant: Plant):
    add_aliases(session, plant.site.id, "gs1:gtin", CodeKind.ITEM, {GTIN: plant.item.id})
    text = f"]C101{GTIN}10{{}}\x1d21S"

    with counting_statements(session) as one:
        find_codes(session, [text.format(plant.lot.number)], plant.site.id)
    with counting_statements(session) as many:
        find_codes(session, [text.format(n) for n in range(60)], plant.site.id)

    assert many.count == one.count
