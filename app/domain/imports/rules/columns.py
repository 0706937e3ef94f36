"""Which column of a file means what: guessed from its header, settled by a person.

A mapping names a meaning for every column. Each meaning is taken at most once, except places,
which are joined in the file's order ("EGLA" + "710821" → "EGLA-710821"), and properties.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST_HEADER = 120


class Meaning(StrEnum):
    """What a column can stand for."""

    ITEM = "item"
    NAME = "name"
    LOT = "lot"
    ROLL = "roll"
    WEIGHT = "weight"
    PLACE = "place"
    CUSTOMER = "customer"
    PROPERTY = "property"
    LEAVE_OUT = "leave_out"


WORDS: Mapping[Meaning, str] = {
    Meaning.ITEM: "Item number",
    Meaning.NAME: "Item name",
    Meaning.LOT: "Lot (batch)",
    Meaning.ROLL: "Roll number",
    Meaning.WEIGHT: "Weight in kg",
    Meaning.PLACE: "Place, or a part of it",
    Meaning.CUSTOMER: "Customer",
    Meaning.PROPERTY: "Keep as a property",
    Meaning.LEAVE_OUT: "Leave out",
}
REQUIRED = (Meaning.ITEM, Meaning.WEIGHT)
SHARED = frozenset({Meaning.PLACE, Meaning.PROPERTY, Meaning.LEAVE_OUT})

# Best first. A header that two meanings claim goes to the one that claims it earlier in its row.
_HEADERS: Mapping[Meaning, str] = {
    Meaning.ITEM: "item item_no item_number item_code material material_number material_code "
    "coil_type_code sku part_no part_number product product_code article article_no grade "
    "coil_type material_no",
    Meaning.NAME: "item_name material_name description product_name name",
    Meaning.LOT: "lot lot_no lot_number batch batch_no batch_number order_no order_number order "
    "heat heat_no charge",
    Meaning.ROLL: "roll roll_no roll_number roll_id coil coil_no coil_number coil_id unit unit_no "
    "serial serial_no serial_number material_no",
    Meaning.WEIGHT: "weight weight_kg total_weight net_weight kg kgs quantity qty mass "
    "gross_weight",
    Meaning.CUSTOMER: "customer customer_name client buyer sold_to",
}
_WHOLE_PLACES = ("location", "location_code", "place", "rack", "rack_location", "bin", "position")
_PARTS_OF_PLACES = ("warehouse", "yard", "zone", "storage_loc", "storage_location", "aisle", "bay")


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """Why a mapping cannot be used, in a sentence, and the meaning it is about."""

    meaning: Meaning
    message: str


def normal_header(header: str) -> str:
    """A header as it is compared: "Total Weight (kg)" → "total_weight_kg"."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"\W+", "_", plain).strip("_")


def name_columns(cells: Sequence[str]) -> list[str]:
    """The headers of a file made unique; a column without one is called by its letter."""
    names: list[str] = []
    for index, cell in enumerate(cells):
        shown = "".join(c for c in cell if c.isprintable()).strip()[:LONGEST_HEADER]
        name = wanted = shown or f"Column {column_letter(index)}"
        copy = 1
        while name in names:
            copy += 1
            name = f"{wanted} ({copy})"
        names.append(name)
    return names


def column_letter(index: int) -> str:
    """The letter of a spreadsheet column: 0 → "A", 26 → "AA"."""
    letters = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        letters = chr(ord("A") + rest) + letters
        index -= 1
    return letters


def guess_mapping(columns: Sequence[str]) -> dict[str, Meaning]:
    """A meaning for every column, by its header. What is not known is kept as a property."""
    by_header: dict[str, str] = {}
    for column in columns:
        by_header.setdefault(normal_header(column), column)
    claims = sorted(
        (rank, order, meaning, header)
        for order, (meaning, headers) in enumerate(_HEADERS.items())
        for rank, header in enumerate(headers.split())
        if header in by_header
    )
    taken: dict[str, Meaning] = {}
    for _rank, _order, meaning, header in claims:
        if header not in taken and meaning not in taken.values():
            taken[header] = meaning
    whole = [header for header in _WHOLE_PLACES if header in by_header][:1]
    for header in whole or [part for part in _PARTS_OF_PLACES if part in by_header]:
        taken.setdefault(header, Meaning.PLACE)
    named = {by_header[header]: meaning for header, meaning in taken.items()}
    return {column: named.get(column, Meaning.PROPERTY) for column in columns}


def count_known(headers: Iterable[str]) -> int:
    """How many of these texts are headers that we know: how a header row is found."""
    known = {word for words in _HEADERS.values() for word in words.split()}
    known.update(_WHOLE_PLACES, _PARTS_OF_PLACES)
    return sum(normal_header(header) in known for header in headers)


def check_mapping(mapping: Mapping[str, Meaning]) -> list[MappingProblem]:
    """Everything that keeps a mapping from being used."""
    found = []
    for meaning in Meaning:
        columns = [column for column, chosen in mapping.items() if chosen == meaning]
        if not columns and meaning in REQUIRED:
            found.append(MappingProblem(meaning, f"No column is chosen as “{WORDS[meaning]}”."))
        if len(columns) > 1 and meaning not in SHARED:
            listed = ", ".join(columns)
            found.append(
                MappingProblem(meaning, f"“{WORDS[meaning]}” is chosen more than once: {listed}.")
            )
    return found
