"""How names are written into a PDF: which font draws which character, and what none of them can.

Latin, Greek and Cyrillic come from a font that is part of the file. Chinese, Japanese and Korean
use the fonts that every PDF reader brings for them. Arabic, Hebrew, the Indic scripts and Thai are
drawn as outlines. Anything else (emoji, and scripts further away) is written as "?", and the print
page says so before.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from app.blueprints.codes import shaping
from app.blueprints.codes.bidi import in_sight, levels_of, mirrored
from app.blueprints.codes.shaping import FONTS, JOINERS, Outline

PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
MISSING = "?"

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d]")
_LOST_JOINER = re.compile(f"(?<![\u0590-\u0e7f])[{JOINERS}]+")
_HAN = re.compile("[\u3001-\u3020\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff5e]")
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that one font draws; an outline where the font is none of the PDF's."""

    font: str
    text: str
    bold: bool = False
    outline: Outline | None = None

    def width(self, size: float) -> float:
        """How wide it becomes, in the unit of `size`."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        if self.outline is not None:
            return self.outline.width * size
        return float(stringWidth(self.text, self.font, size))

    def draw(self, canvas: Any, x: float, y: float, size: float) -> None:
        """Write it onto the page; x and y begin its base line."""
        if self.outline is not None:
            shaping.draw(canvas, self.outline, x, y, size, bold=self.bold)
            return
        canvas.setFont(self.font, size)
        canvas.drawString(x, y, self.text)


def runs(text: str, *, bold: bool = False) -> list[Run]:
    """The text as pieces of one font each, in the order in which they are seen."""
    cleaned = _clean(text)
    levels = levels_of(cleaned)
    drawn: list[tuple[str, str]] = []
    for character in cleaned:
        before = drawn[-1][0] if drawn else PLAIN
        drawn.append(_draw(character, cleaned, before, bold=bold))
    pieces = groupby(zip(drawn, levels, strict=True), key=lambda one: (one[0][0], one[1]))
    found = [
        (_run(font, "".join(sign for (_, sign), _ in signs), level, bold=bold), level)
        for (font, level), signs in pieces
    ]
    return in_sight([run for run, _ in found], [level for _, level in found])


def width_of(pieces: Iterable[Run], size: float) -> float:
    """How wide it becomes, in the unit of `size`."""
    return sum(piece.width(size) for piece in pieces)


def _run(font: str, text: str, level: int, *, bold: bool) -> Run:
    leftwards = level % 2 == 1
    if font in (PLAIN, BOLD, CHINESE, JAPANESE, KOREAN):
        return Run(font, mirrored(text) if leftwards else text)
    return Run(font, text, bold, shaping.shape(text, font, leftwards=leftwards))


def undrawable(texts: Iterable[str]) -> str:
    """The characters of these texts that would be written as "?", each once."""
    bad = {
        character
        for text in map(_clean, texts)
        for character in text
        if character != MISSING and _draw(character, text, PLAIN, bold=False)[1] == MISSING
    }
    return "".join(sorted(bad))


def _clean(text: str) -> str:
    """One line in composed letters, without controls and marks that only steer.

    Joiners stay between letters that they can join.
    """
    joined = " ".join(unicodedata.normalize("NFC", text).split())
    plain = "".join(
        one
        for one in joined
        if one in JOINERS or unicodedata.category(one) not in ("Cc", "Cf", "Cs")
    )
    return _LOST_JOINER.sub("", plain)


def _draw(character: str, text: str, before: str, *, bold: bool) -> tuple[str, str]:
    """The font of a character, and what it draws; a joiner belongs to what stands before it."""
    ours = BOLD if bold else PLAIN
    if character in JOINERS:
        return (before, character)
    if font := shaping.script_of(character) or _eastern(character, text):
        return (font, character)
    return (ours, character if ord(character) in _glyphs() else MISSING)


def _eastern(character: str, text: str) -> str | None:
    """The font of a Chinese, Japanese or Korean sign that our own font does not have."""
    if ord(character) in _glyphs():
        return None
    if _HANGUL.match(character):
        return KOREAN
    if _KANA.match(character):
        return JAPANESE
    return _font_of_han(text) if _HAN.match(character) else None


def _font_of_han(text: str) -> str:
    """The same sign is drawn differently in each language; its neighbours tell which it is."""
    if _KANA.search(text):
        return JAPANESE
    return KOREAN if _HANGUL.search(text) else CHINESE


def _glyphs() -> frozenset[int]:
    with _one_at_a_time:
        return _registered()


@cache
def _registered() -> frozenset[int]:
    """Make the fonts known, once per process, and say what the first of them can draw."""
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFont

    plain = TTFont(PLAIN, FONTS / f"{PLAIN}.ttf")
    registerFont(plain)
    registerFont(TTFont(BOLD, FONTS / f"{BOLD}.ttf"))
    for name in (CHINESE, JAPANESE, KOREAN):
        registerFont(UnicodeCIDFont(name))
    return frozenset(plain.face.charToGlyph)
