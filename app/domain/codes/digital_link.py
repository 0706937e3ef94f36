"""GS1 Digital Link: a GS1 code as an address of the web, on any host. The address is never opened.

The twin in JavaScript is `app/static/js/scan/digital_link.js`. Reading never raises.
"""

from __future__ import annotations

import re

from app.domain.codes.gs1 import CHECK, COMPRESSED, FORM, Reading, is_checked, judge, problem_of
from app.domain.codes.gs1_table import LINK_KEYS

_ADDRESS = re.compile(r"^https?://[^/?#]*/([^?#]*)(?:\?([^#]*))?", re.ASCII | re.IGNORECASE)
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PACKED = re.compile("[A-Za-z0-9_-]{8,128}")
_PACKED_REST = re.compile("[A-Za-z0-9_-]{4,128}")
_GTIN_LENGTHS = {8, 12, 13}


def read_link(text: str) -> Reading | None:
    """The elements of a Digital Link, or what is wrong with it; None for any other text.

    An address is one if a key of GS1 with a value of the right form stands in its path, and only
    pairs of qualifiers behind it.
    """
    match = _ADDRESS.match(text)
    if match is None:
        return None
    segments = match.group(1).rstrip("/").split("/")
    start = _start_of_key(segments)
    if start is None:
        return Reading(problem=COMPRESSED) if _is_compressed(segments) else None
    in_path = _pairs(segments[start:])
    problem = problem_of(*in_path[0])
    if problem == FORM:
        return None
    if problem is None and not _fit([identifier for identifier, _ in in_path]):
        problem = FORM
    reading = judge([*in_path, *_attributes(match.group(2) or "")])
    return Reading(problem=problem) if problem else reading


def _start_of_key(segments: list[str]) -> int | None:
    """From the end, because what stands before the key may be anything, numbers too."""
    starts = range(len(segments) - 2, -1, -2)
    return next((start for start in starts if segments[start] in LINK_KEYS), None)


def _pairs(segments: list[str]) -> list[tuple[str, str]]:
    return [_pair(name, value) for name, value in zip(*[iter(segments)] * 2, strict=True)]


def _attributes(query: str) -> list[tuple[str, str]]:
    """What stands behind the question mark and has a number for a name."""
    named = (part.partition("=") for part in re.split("[&;]", query))
    return [_pair(name, value) for name, _, value in named if re.fullmatch("[0-9]{2,4}", name)]


def _pair(identifier: str, text: str) -> tuple[str, str]:
    """A GTIN may stand without the zeros in front of it."""
    value = _decoded(text)
    is_short = identifier == "01" and len(value) in _GTIN_LENGTHS
    return identifier, value.rjust(14, "0") if is_short else value


def _fit(identifiers: list[str]) -> bool:
    """Whether the qualifiers belong to the key, in the order that GS1 gives them."""
    key, *qualifiers = identifiers
    for allowed in LINK_KEYS[key].split("|"):
        order = iter(allowed.split(","))
        if all(qualifier in order for qualifier in qualifiers):
            return True
    return False


def _decoded(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text)


def _is_compressed(segments: list[str]) -> bool:
    """Whether a GTIN or an SSCC with a right check digit is packed into the last segment, or
    stands before a last segment that is packed."""
    *before, last = segments
    if len(before) >= 2 and before[-2] in LINK_KEYS and _PACKED_REST.fullmatch(last):
        return problem_of(*_pairs(before[-2:])[0]) in (None, CHECK)
    if not _PACKED.fullmatch(last):
        return False
    bits = "".join(f"{_BASE64.index(character):06b}" for character in last[:12])
    first = f"{int(bits[:8], 2):02X}"
    if first == "00":
        return len(bits) >= 68 and _is_number(bits[8:68], 18)
    # A letter stands for several identifiers at once; all but rare ones begin with the GTIN.
    is_gtin = first == "01" or not first.isdecimal()
    return is_gtin and len(bits) >= 55 and _is_number(bits[8:55], 14)


def _is_number(bits: str, length: int) -> bool:
    digits = str(int(bits, 2)).rjust(length, "0")
    return len(digits) == length and is_checked(digits)
