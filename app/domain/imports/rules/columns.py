"""Which column of a file means what: guessed from its header, settled by a person.

A mapping names a meaning for every column. Each meaning is taken at most once, except places,
which are joined in the file's order ("EGLA" + "710821" → "EGLA-710821"), and properties.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.imports.models import ImportKind

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
    MEASURE = "measure"
    TYPICAL = "typical"
    TOLERANCE = "tolerance"
    PROPERTY = "property"
    LEAVE_OUT = "leave_out"


WORDS: Mapping[Meaning, str] = {
    Meaning.ITEM: "Item number",
    Meaning.NAME: "Item name",
    Meaning.LOT: "Lot (batch)",
    Meaning.ROLL: "Roll number",
    Meaning.WEIGHT: "Weight",
    Meaning.PLACE: "Place, or a part of it",
    Meaning.CUSTOMER: "Customer",
    Meaning.MEASURE: "Unit of measure",
    Meaning.TYPICAL: "Usual weight of a roll, in kg",
    Meaning.TOLERANCE: "Tolerance in %",
    Meaning.PROPERTY: "Keep as a property",
    Meaning.LEAVE_OUT: "Leave out",
}
_M = Meaning
MEANINGS: Mapping[str, tuple[Meaning, ...]] = {
    ImportKind.UNITS: (
        *(_M.ITEM, _M.NAME, _M.LOT, _M.ROLL, _M.WEIGHT, _M.PLACE, _M.CUSTOMER),
        *(_M.PROPERTY, _M.LEAVE_OUT),
    ),
    ImportKind.LOTS: (_M.ITEM, _M.NAME, _M.LOT, _M.LEAVE_OUT),
    ImportKind.ITEMS: (
        *(_M.ITEM, _M.NAME, _M.MEASURE, _M.TYPICAL, _M.TOLERANCE, _M.PROPERTY, _M.LEAVE_OUT),
    ),
}
REQUIRED: Mapping[str, tuple[Meaning, ...]] = {
    ImportKind.UNITS: (Meaning.ITEM, Meaning.WEIGHT),
    ImportKind.LOTS: (Meaning.ITEM, Meaning.LOT),
    ImportKind.ITEMS: (Meaning.ITEM,),
}
SHARED = frozenset({Meaning.PLACE, Meaning.PROPERTY, Meaning.LEAVE_OUT})

# Best first. A header that two meanings claim goes to the one that claims it earlier in its row.
_HEADERS: Mapping[Meaning, str] = {
    Meaning.ITEM: "item item_no item_number item_code material material_number material_code "
    "coil_type_code sku stock_code part_no part_number product product_code article article_no "
    "grade coil_type material_no number",
    Meaning.NAME: "item_name material_name description product_name name",
    Meaning.LOT: "lot lot_no lot_number batch batch_no batch_number order_no order_number order "
    "heat heat_no charge",
    Meaning.ROLL: "roll roll_no roll_number roll_id coil coil_no coil_number coil_id unit unit_no "
    "serial serial_no serial_number material_no",
    Meaning.WEIGHT: "weight weight_kg total_weight net_weight kg kgs quantity qty mass "
    "gross_weight",
    Meaning.CUSTOMER: "customer customer_name client buyer sold_to",
    Meaning.MEASURE: "unit_of_measure measure uom unit",
    Meaning.TYPICAL: "typical_weight usual_weight typical_quantity standard_weight pack_size "
    "standard_pack_size",
    Meaning.TOLERANCE: "tolerance_percent tolerance weight_tolerance",
}
_WHOLE_PLACES = ("location", "location_code", "place", "rack", "rack_location", "bin", "position")
_PARTS_OF_PLACES = ("warehouse", "yard", "zone", "storage_loc", "storage_location", "aisle", "bay")
_CAMEL = re.compile(r"(?<=[a-z][a-z])(?=[A-Z])")
_KNOWN = frozenset(
    {word for words in _HEADERS.values() for word in words.split()}
    | {*_WHOLE_PLACES, *_PARTS_OF_PLACES}
)
# "Total Weight (kg)", "weight_t": the measure stands behind what the column is.
_MEASURED = re.compile(r"^(?:(.+)_)?(kgs?|kilograms?|t|to|tons?|tonnes?|mt)$")


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """Why a mapping cannot be used, in a sentence, and the meaning it is about."""

    meaning: Meaning
    message: str


def normal_header(header: str) -> str:
    """A header as it is compared: "Total Weight (kg)" → "total_weight_kg"."""
    plain = unicodedata.normalize("NFKC", _CAMEL.sub("_", header)).casefold()
    return re.sub(r"[\W_]+", "_", plain).strip("_")


def weight_unit_of(header: str) -> str:
    """The measure that a header names: "kg", "t", or "" where it names none."""
    found = _MEASURED.match(normal_header(header))
    return "" if found is None else "kg" if found[2].startswith("k") else "t"


def signature_of(columns: Sequence[str]) -> str:
    """The same for every file with the same headers in the same order."""
    headers = json.dumps([normal_header(column) for column in columns])
    return hashlib.sha256(headers.encode()).hexdigest()


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


def guess_mapping(columns: Sequence[str], kind: str = ImportKind.UNITS) -> dict[str, Meaning]:
    """A meaning for every column, by its header. What is not known is kept as a property."""
    offered = MEANINGS[kind]
    by_header: dict[str, str] = {}
    for column in columns:
        by_header.setdefault(normal_header(column), column)
    for column in columns:
        measured = _MEASURED.match(normal_header(column))
        if measured and (measured[1] or measured[2].startswith("k")):
            by_header.setdefault(measured[1] or "weight", column)
    claims = sorted(
        (rank, order, meaning, header)
        for order, (meaning, headers) in enumerate(_HEADERS.items())
        if meaning in offered
        for rank, header in enumerate(headers.split())
        if header in by_header
    )
    named: dict[str, Meaning] = {}
    for _rank, _order, meaning, header in claims:
        if by_header[header] not in named and meaning not in named.values():
            named[by_header[header]] = meaning
    if Meaning.PLACE in offered:
        whole = [header for header in _WHOLE_PLACES if header in by_header][:1]
        for header in whole or [part for part in _PARTS_OF_PLACES if part in by_header]:
            named.setdefault(by_header[header], Meaning.PLACE)
    other = Meaning.PROPERTY if Meaning.PROPERTY in offered else Meaning.LEAVE_OUT
    return {column: named.get(column, other) for column in columns}


def count_known(headers: Iterable[str]) -> int:
    """How many of these texts are headers that we know: how a header row is found."""
    normal = map(normal_header, headers)
    return sum(
        header in _KNOWN or bool((found := _MEASURED.match(header)) and found[1] in _KNOWN)
        for header in normal
    )


def check_mapping(
    mapping: Mapping[str, Meaning], kind: str = ImportKind.UNITS
) -> list[MappingProblem]:
    """Everything that keeps a mapping from being used."""
    found = []
    for meaning in Meaning:
        columns = [column for column, chosen in mapping.items() if chosen == meaning]
        if not columns and meaning in REQUIRED[kind]:
            found.append(MappingProblem(meaning, f"No column is chosen as “{WORDS[meaning]}”."))
        if len(columns) > 1 and meaning not in SHARED:
            listed = ", ".join(columns)
            found.append(
                MappingProblem(meaning, f"“{WORDS[meaning]}” is chosen more than once: {listed}.")
            )
        if columns and meaning not in MEANINGS[kind]:
            found.append(MappingProblem(meaning, f"“{WORDS[meaning]}” does not belong here."))
    return found
