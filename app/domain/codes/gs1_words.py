"""What a GS1 code says, in words for people: exact weights, whole dates.

The twin in JavaScript is `app/static/js/scan/gs1_words.js`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

_PLAIN = {
    "00": "SSCC",
    "01": "GTIN",
    "02": "Holds GTIN",
    "03": "GTIN",
    "10": "Lot",
    "21": "Serial",
    "30": "Pieces",
    "37": "Pieces",
    "400": "Order",
}
_DATES = {
    "11": "Made",
    "12": "Due",
    "13": "Packed",
    "15": "Best before",
    "16": "Sell by",
    "17": "Use by",
}
_MEASURES = {
    "310": ("Net weight", "kg"),
    "311": ("Length", "m"),
    "312": ("Width", "m"),
    "313": ("Thickness", "m"),
    "314": ("Area", "m²"),
    "320": ("Net weight", "lb"),
    "330": ("Gross weight", "kg"),
    "331": ("Length", "m"),
    "332": ("Width", "m"),
    "333": ("Thickness", "m"),
    "340": ("Gross weight", "lb"),
}


def say(elements: Iterable[tuple[str, str]], *, year: int) -> list[tuple[str, str]]:
    """(word, value) for each element that a plant has a use for; `year` is the present one."""
    said = []
    for identifier, value in elements:
        if identifier in _PLAIN:
            said.append((_PLAIN[identifier], value))
        elif identifier in _DATES:
            said.append((_DATES[identifier], whole_date(value, year=year).isoformat()))
        elif identifier[:3] in _MEASURES and len(identifier) == 4:
            word, measure = _MEASURES[identifier[:3]]
            said.append((word, f"{with_point(value, int(identifier[3]))} {measure}"))
    return said


def whole_date(digits: str, *, year: int) -> date:
    """The day that YYMMDD means in that year, by section 7.12 of the General Specifications.

    The century is the one that puts the year from 49 before to 50 after the present; day 00 is the
    last of its month.
    """
    short, month, day = int(digits[:2]), int(digits[2:4]), int(digits[4:])
    difference = short - year % 100
    century = year // 100 - (difference >= 51) + (difference <= -50)
    full = century * 100 + short
    return date(full, month, day or monthrange(full, month)[1])


def with_point(digits: str, decimals: int) -> str:
    """The number that digits with an implied point are: 012340 with 3 is 12.340."""
    split = len(digits) - decimals
    whole = digits[:split].lstrip("0") or "0"
    return f"{whole}.{digits[split:]}" if decimals else whole
