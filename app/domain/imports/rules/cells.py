"""What one cell says: its text as a person sees it, and the number or code that it stands for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from app.core.types import NotExact, parse_quantity
from app.domain.codes.rules import normalise_alias
from app.domain.imports.rules.columns import Meaning
from app.domain.locations.rules import LONGEST_CODE, clean_code

LONGEST_FOUND = 80
LONGEST_PROPERTY = 500
LONGEST_PLACE = LONGEST_CODE
HEAVIEST_KG = Decimal(1_000_000)
KG_PER_T = 1_000
PERCENT_MAX = 1_000
LONGEST: Mapping[Meaning, int] = {
    Meaning.ITEM: 80,
    Meaning.NAME: 200,
    Meaning.LOT: 80,
    Meaning.ROLL: 120,
    Meaning.CUSTOMER: 200,
    Meaning.PLACE: LONGEST_PLACE,
    Meaning.MEASURE: 12,
    Meaning.PROPERTY: LONGEST_PROPERTY,
}
# Line breaks and tabs pass; half characters (surrogates) cannot be stored.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# What nobody sees: two names that look alike must be one. Joiners belong to the spelling of names
# (Persian, emoji), never to numbers.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_JOINERS = re.compile("[\u200c\u200d]")
# The same few names stand in file after file; the codes of the latest are remembered.
_REMEMBERED = 4_096


def cell_text(value: object) -> str:
    """A cell as text: whole numbers without ".0", fractions at 15 digits, dates in ISO."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        has_time = value.time() != value.min.time()
        return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()
    return "" if value is None else str(value).strip()


def plain_text(value: object, *, is_code: bool = False) -> str:
    """A cell as text without what is invisible; a code also without what joins letters."""
    text = cell_text(value)
    if text.isascii():
        return text
    text = _DIRECTIONS.sub("", text)
    return (_JOINERS.sub("", text) if is_code else text).strip()


def shown(text: str) -> str:
    """A cell's text as a message quotes it: control characters visible, never endless."""
    if len(text) <= LONGEST_FOUND and _is_printable(text):
        return text or "(empty)"
    visible = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[:LONGEST_FOUND])
    return visible + "…" if len(text) > LONGEST_FOUND else visible


def is_blank(values: Sequence[object]) -> bool:
    """Whether a row has nothing in it; such rows are passed over."""
    return all(cell_text(value) == "" for value in values)


def fault_of(text: str, longest: int, *, is_free: bool) -> str:
    """What was expected of a text that cannot be stored, or "". A free text has line breaks."""
    if len(text) > longest:
        return f"at most {longest} characters"
    is_bad = _CONTROLS.search(text) if is_free else not _is_printable(text)
    return "text without control characters" if is_bad else ""


def _is_printable(text: str) -> bool:
    return text.isprintable() or _JOINERS.sub("", text).isprintable()


def read_weight(value: object, *, in_t: bool = False) -> Decimal | str:
    """A weight in kg, or what was expected instead. `in_t`: the cell says tonnes."""
    if value is None or cell_text(value) == "":
        return f"a weight in {'t' if in_t else 'kg'}"
    try:
        # Decimal would take "1_000" for a thousand.
        weight = parse_quantity("" if "_" in cell_text(value) else value)
    except NotExact:
        return "a number like 4820.5, with at most 6 decimals"
    weight = weight * KG_PER_T if in_t else weight
    if weight <= 0:
        return "a weight above 0 kg"
    if weight > HEAVIEST_KG:
        return f"at most {HEAVIEST_KG:,} kg"
    return weight


def read_percent(value: object) -> int | str:
    """A whole number of percent, or what was expected instead."""
    expected = f"a whole number of percent, 1 to {PERCENT_MAX}"
    text = cell_text(value).removesuffix("%").strip()
    if not text.isascii() or not text.isdigit() or len(text) > len(str(PERCENT_MAX)):
        return expected
    return int(text) if 1 <= int(text) <= PERCENT_MAX else expected


@lru_cache(_REMEMBERED)
def partner_code(name: str) -> str:
    """The code under which a customer of that name is kept; a long name ends with its digest.

    Raises Invalid for a name that is no code.
    """
    code = normalise_alias(name)
    if len(code) > LONGEST_CODE:
        code = f"{code[:31].rstrip()}-{hashlib.sha256(code.encode()).hexdigest()[:8].upper()}"
    clean_code(code)
    return code


@lru_cache(_REMEMBERED)
def place_code(text: str) -> str:
    """The code of a place as it is stored and compared. Raises Invalid."""
    return clean_code(text)
