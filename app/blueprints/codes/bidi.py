"""Which way each part of a line runs: the Unicode Bidirectional Algorithm (UAX #9) for one line.

Without the marks that steer it, which a label has no use for: they are taken out before. Of a
line with Arabic or Hebrew in it, letters run to the left and numbers and Latin to the right.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TypeVar

Part = TypeVar("Part")
_STRONG = ("L", "R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON", "BN")
_MIRRORED = str.maketrans("()[]{}<>«»‹›", ")(][}{><»«›‹")


def levels_of(text: str) -> list[int]:
    """The level of each character: odd ones run to the left (rules P2 to I2)."""
    kinds = [unicodedata.bidirectional(character) or "L" for character in text]
    base = int(next((kind for kind in kinds if kind in _STRONG), "L") != "L")
    if base == 0 and not {"R", "AL", "AN"} & set(kinds):
        return [0] * len(text)
    kinds = _weak(kinds, "R" if base else "L")
    kinds = _neutral(kinds, "R" if base else "L")
    return [_level(kind, base) for kind in kinds]


def in_sight(parts: Sequence[Part], levels: Sequence[int]) -> list[Part]:
    """Parts of a line, each of one level, in the order in which they are seen (rule L2)."""
    order = list(range(len(parts)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = order[start:end][::-1]
            start = max(end, start + 1)
    return [parts[index] for index in order]


def mirrored(text: str) -> str:
    """A text as it is seen where it runs to the left: backwards, its brackets turned (L4)."""
    return text[::-1].translate(_MIRRORED)


def _level(kind: str, base: int) -> int:
    if base == 0:
        return {"L": 0, "R": 1}.get(kind, 2)
    return 1 if kind == "R" else 2


def _weak(kinds: Sequence[str], before: str) -> list[str]:
    """Marks, numbers and what belongs to numbers (rules W1 to W7)."""
    found: list[str] = []
    strong = before
    for kind in kinds:
        now = (found[-1] if found else before) if kind == "NSM" else kind
        if now == "EN" and strong == "AL":
            now = "AN"
        if kind in _STRONG:
            strong = kind
        found.append(now)
    found = ["R" if kind == "AL" else kind for kind in found]
    for at in range(1, len(found) - 1):
        left, kind, right = found[at - 1 : at + 2]
        if left == right and (
            (kind in ("ES", "CS") and left == "EN") or (kind, left) == ("CS", "AN")
        ):
            found[at] = left
    _join_terminators(found)
    strong = before
    for at, kind in enumerate(found):
        if kind in ("ES", "ET", "CS"):
            found[at] = "ON"
        elif kind == "EN" and strong == "L":
            found[at] = "L"
        elif kind in ("L", "R"):
            strong = kind
    return found


def _join_terminators(kinds: list[str]) -> None:
    """Signs like % and ° beside a number belong to it (rule W5)."""
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > at and "EN" in (
            kinds[at - 1] if at else "",
            kinds[end] if end < len(kinds) else "",
        ):
            kinds[at:end] = ["EN"] * (end - at)
        at = max(end, at + 1)


def _neutral(kinds: Sequence[str], base: str) -> list[str]:
    """Spaces and signs go with their neighbours, else with the line (rules N1 and N2)."""
    found = list(kinds)
    at = 0
    while at < len(found):
        end = at
        while end < len(found) and found[end] in _NEUTRAL:
            end += 1
        if end > at:
            left = _side(found[at - 1]) if at else base
            right = _side(found[end]) if end < len(found) else base
            found[at:end] = [left if left == right else base] * (end - at)
        at = max(end, at + 1)
    return found


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"
