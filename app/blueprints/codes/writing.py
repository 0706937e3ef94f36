"""How names are written into a PDF: which font draws which character, and what none of them can.

Latin, Greek and Cyrillic come from a font that is part of the file. Chinese, Japanese and Korean
use the fonts that every PDF reader brings for them. Anything else (scripts whose letters change
with their neighbours, and emoji) is written as "?", and the print page says so before.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYGothic-Medium"
MISSING = "?"
Run = tuple[str, str]  # a font and what it draws

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9d]")
_HAN = re.compile("[\u3001-\u3020\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff5e]")
_one_at_a_time = threading.Lock()


def runs(text: str, *, bold: bool = False) -> list[Run]:
    """The text as pieces of one font each, in their order."""
    cleaned = _clean(text)
    drawn = [_draw(character, cleaned, bold=bold) for character in cleaned]
    return [
        (font, "".join(character for _, character in pieces))
        for font, pieces in groupby(drawn, key=lambda one: one[0])
    ]


def width_of(pieces: Iterable[Run], size: float) -> float:
    """How wide it becomes, in the unit of `size`."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return sum(float(stringWidth(piece, font, size)) for font, piece in pieces)


def undrawable(texts: Iterable[str]) -> str:
    """The characters of these texts that would be written as "?", each once."""
    bad = {
        character
        for text in map(_clean, texts)
        for character in text
        if character != MISSING and _draw(character, text, bold=False)[1] == MISSING
    }
    return "".join(sorted(bad))


def _clean(text: str) -> str:
    """One line in composed letters, without controls and marks that only steer."""
    joined = " ".join(unicodedata.normalize("NFC", text).split())
    return "".join(one for one in joined if unicodedata.category(one) not in ("Cc", "Cf", "Cs"))


def _draw(character: str, text: str, *, bold: bool) -> Run:
    if ord(character) in _glyphs():
        return (BOLD if bold else PLAIN, character)
    if _HANGUL.match(character):
        return (KOREAN, character)
    if _KANA.match(character):
        return (JAPANESE, character)
    if _HAN.match(character):
        return (_font_of_han(text), character)
    return (BOLD if bold else PLAIN, MISSING)


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
