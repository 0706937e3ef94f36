"""GS1 codes: element strings as scanners give them, and the form in brackets that people read.

The twin in JavaScript is `app/static/js/scan/gs1.js`; both are tested against
`tests/data/gs1_vectors.json`. Which identifiers must or must not stand together is not checked: a
reader takes what it finds. Reading never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from app.domain.codes.gs1_table import FORMATS

SEPARATOR = "\x1d"
CHECK = "gs1_check"  # a check digit is wrong
FORM = "gs1_form"  # it begins like GS1, but is not as GS1 lays it down
COMPRESSED = "gs1_compressed"  # a Digital Link that only GS1's own tables can unpack


@dataclass(frozen=True, slots=True)
class Reading:
    """The elements of a GS1 code, (identifier, value) in their order, or what is wrong with it."""

    elements: tuple[tuple[str, str], ...] = ()
    problem: str | None = None


# What scanners type for the separator (FNC1, GS) where a keyboard has no key for it.
_SEPARATORS = re.compile(
    r"\{(?:GS|FNC1)\}|<(?:GS|FNC1)>|\^\]|ALT\+?029|\u241d", re.ASCII | re.IGNORECASE
)
_OTHER_CONTROLS = re.compile("[\x00-\x1c\x1e\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_AIM_OF_GS1 = re.compile(r"^\](?:[Cc]1|[Dd]2|[Qq]3|[Jj]1|e0)")
_RETAIL = re.compile(r"\]E(?:0[0-9]{13}|4[0-9]{8})")  # EAN-13, EAN-8
_AIM = re.compile(r"^\][A-Za-z][0-9A-Fa-f]")
_BRACKETS = re.compile(r"\(([0-9]{2,4})\)")
_COMPONENT = re.compile(r"(\[?)([NXYZ])(\.\.)?([0-9]+)\]?(?:,(\w+))?")
_CHARACTERS = {"N": "[0-9]", "X": '[!"%-?A-Z_a-z]', "Y": "[#\\-/0-9A-Z]", "Z": "[A-Za-z0-9_=-]"}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def read(text: str) -> Reading | None:
    """The elements of an element string or of its form in brackets; None where it is neither.

    Without an AIM id, a separator or brackets nothing says that digits are meant to be GS1, so
    then only what is right in every respect and names something is taken for it.
    """
    body = normalise(text)
    is_marked = body.startswith(SEPARATOR) or SEPARATOR in body.strip(SEPARATOR)
    body = body.strip(SEPARATOR + " ")
    if _AIM.match(body):
        if not _AIM_OF_GS1.match(body):
            is_wrong = _RETAIL.fullmatch(body) and not is_checked(body[3:])
            return Reading(problem=CHECK) if is_wrong else None
        is_marked = True
        body = body[3:].strip(SEPARATOR + " ")
    if first := _BRACKETS.match(body):
        return judge(_in_brackets(body)) if first.group(1) in _forms() else None
    reading = judge(_elements(body))
    return reading if is_marked or names(reading.elements) else None


def normalise(text: str) -> str:
    """The text with every spelling of the separator made one, and without other controls."""
    return _OTHER_CONTROLS.sub("", _SEPARATORS.sub(SEPARATOR, text)).strip(" ")


def problem_of(identifier: str, value: str) -> str | None:
    """What is wrong with a value: nothing, its form, or its check digit."""
    form = _forms().get(identifier)
    match = form.pattern.fullmatch(value) if form else None
    if form is None or match is None:
        return FORM
    for part, check in zip(match.groups(), form.checks, strict=True):
        if part is not None and check and not _RULES[check](part):
            return CHECK if check == "csum" else FORM
    return None


def judge(elements: Sequence[tuple[str, str]]) -> Reading:
    """One value for each identifier, or the first thing that is wrong."""
    if not elements:
        return Reading(problem=FORM)
    problems = [problem_of(identifier, value) for identifier, value in elements]
    if len(set(elements)) > len(dict(elements)):
        problems.append(FORM)  # one identifier with two values
    worst = next((problem for problem in problems if problem), None)
    return Reading(problem=worst) if worst else Reading(tuple(dict(elements).items()))


def is_checked(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (General Specifications 7.9)."""
    weighted = (int(digit) * (3 if n % 2 else 1) for n, digit in enumerate(reversed(digits)))
    return sum(weighted) % 10 == 0


def names(elements: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the code calls things, (scheme, value), the single thing before its lot and its item."""
    values = dict(elements)
    found = [("gs1:sscc", values["00"])] if "00" in values else []
    gtin = values.get("01") or values.get("03")
    if gtin:
        for scheme, identifier in (("gs1:sgtin", "21"), ("gs1:lot", "10")):
            if identifier in values:
                found.append((scheme, f"(01){gtin}({identifier}){values[identifier]}"))
        found.append(("gs1:gtin", gtin))
    return found


def article_number(digits: str) -> str | None:
    """The GTIN of a bare number with a right check digit, as trade goods carry it; else None."""
    is_one = re.fullmatch("[0-9]{8}|[0-9]{12,14}", digits) and is_checked(digits)
    return digits.rjust(14, "0") if is_one else None


@dataclass(frozen=True, slots=True)
class _Form:
    """How a value looks; `length` where it needs no separator."""

    pattern: re.Pattern[str]
    checks: tuple[str | None, ...]
    length: int | None


@cache
def _forms() -> Mapping[str, _Form]:
    forms = {}
    for text, identifiers in FORMATS.items():
        form = _form(text)
        for part in identifiers.split(" "):
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                forms[str(number).rjust(len(first), "0")] = form
    return forms


def _form(text: str) -> _Form:
    pattern, checks, length = "", [], 0
    for optional, kind, is_open, most, check in _COMPONENT.findall(text):
        least = "1," if is_open else ""
        pattern += f"({_CHARACTERS[kind]}{{{least}{most}}}){'?' if optional else ''}"
        checks.append(check or None)
        length += int(most)
    return _Form(re.compile(pattern), tuple(checks), length if text.startswith("*") else None)


def _elements(body: str) -> list[tuple[str, str]]:
    """The elements up to the first that has no known identifier, and that one as it is."""
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(body):
        if body[position] == SEPARATOR:
            position += 1
            continue
        ends = (body[position : position + length] for length in (2, 3, 4))
        identifier = next((end for end in ends if end in _forms()), None)
        if identifier is None:
            return [*found, (body[position:], "")]
        start = position + len(identifier)
        length = _forms()[identifier].length
        position = start + length if length else body.find(SEPARATOR, start)
        position = len(body) if position < start else min(position, len(body))
        found.append((identifier, body[start:position]))
    return found


def _in_brackets(body: str) -> list[tuple[str, str]]:
    marks = list(_BRACKETS.finditer(body))
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    return [
        (mark.group(1), body[mark.end() : end].strip(SEPARATOR + " "))
        for mark, end in zip(marks, ends, strict=True)
    ]


def _is_day(digits: str) -> bool:
    """YYMMDD or YYYYMMDD. Every fourth year has a 29 February, which is true from 1901 to 2099."""
    year, month, day = int(digits[:-4]), int(digits[-4:-2]), int(digits[-2:])
    is_leap = year % 4 == 0
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1] - (month == 2 and not is_leap)


def _is_day_or_month(digits: str) -> bool:
    return _is_day(f"{digits[:4]}01" if digits.endswith("00") else digits)


_RULES: Mapping[str, Callable[[str], bool]] = {
    "csum": is_checked,
    "yymmdd": _is_day,
    "yyyymmdd": _is_day,
    "yymmd0": _is_day_or_month,
    "hhmi": lambda digits: digits[:2] < "24" and digits[2:] < "60",
    "nonzero": lambda digits: digits.strip("0") != "",
    "zero": lambda digits: digits.strip("0") == "",
}
