"""Scripts whose letters change with their neighbours, drawn as outlines: HarfBuzz says which forms
a word has and where they stand, so that a PDF shows them whatever its reader can do.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parent / "fonts"
# Names of fonts by what they draw; Indic scripts share their stops, which stand under Devanagari.
_SCRIPTS = {
    "Hebrew": "\u0590-\u05ff\ufb1d-\ufb4f",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc",
    "Devanagari": "\u0900-\u097f\ua8e0-\ua8ff",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Oriya": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e00-\u0e7f",
}
_SCRIPT = re.compile("|".join(f"(?P<{name}>[{span}])" for name, span in _SCRIPTS.items()))
# They say whether letters join; without them some words read otherwise.
JOINERS = "\u200c\u200d"
BOLDER = 0.025  # of the size: how much thicker an outline is drawn for bold
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Outline:
    """A word as lines and curves. All lengths are parts of the size, from the base line's start.

    `key` is the same for the same word.
    """

    key: str
    width: float
    strokes: tuple[tuple[str, tuple[float, ...]], ...]
    glyphs: tuple[str, ...]


def script_of(character: str) -> str | None:
    """The script whose font draws this character, if one does."""
    match = _SCRIPT.match(character)
    if match is None or match.lastgroup is None:
        return None
    return match.lastgroup if ord(character) in _letters(match.lastgroup) else None


def shape(text: str, script: str, *, leftwards: bool) -> Outline:
    """The outline of a text of one script that runs in one direction."""
    with _one_at_a_time:
        return _shape(text, script, leftwards=leftwards)


def draw(canvas: Any, outline: Outline, x: float, y: float, size: float, *, bold: bool) -> None:
    """Write an outline onto a page of a PDF; x and y begin its base line.

    A word lies in a file once, however many labels show it.
    """
    form = f"{outline.key}{'b' if bold else ''}"
    if not canvas.hasForm(form):
        canvas.beginForm(form, -1, -1, outline.width + 1, 2)
        path = canvas.beginPath()
        for act, numbers in outline.strokes:
            getattr(path, act)(*numbers)
        canvas.setLineWidth(BOLDER)
        canvas.setLineJoin(1)
        canvas.drawPath(path, stroke=int(bold), fill=1, fillMode=1)
        canvas.endForm()
    canvas.saveState()
    canvas.transform(size, 0, 0, size, x, y)
    canvas.doForm(form)
    canvas.restoreState()


class _Pen:
    """Takes the curves of a glyph as a font has them, and gives them as a PDF wants them."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.origin = (0.0, 0.0)
        self.at = (0.0, 0.0)
        self.strokes: list[tuple[str, tuple[float, ...]]] = []

    def moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 - HarfBuzz calls it
        self._add("moveTo", point)

    def lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._add("lineTo", point)

    def curveTo(self, *points: tuple[float, float]) -> None:  # noqa: N802
        self._add("curveTo", *points)

    def qCurveTo(self, control: tuple[float, float], end: tuple[float, float]) -> None:  # noqa: N802
        (x0, y0), (x1, y1), (x2, y2) = self.at, control, end
        first = (x0 + 2 / 3 * (x1 - x0), y0 + 2 / 3 * (y1 - y0))
        second = (x2 + 2 / 3 * (x1 - x2), y2 + 2 / 3 * (y1 - y2))
        self._add("curveTo", first, second, end)

    def closePath(self) -> None:  # noqa: N802
        self.strokes.append(("close", ()))

    def _add(self, act: str, *points: tuple[float, float]) -> None:
        self.at = points[-1]
        (left, base), scale = self.origin, self.scale
        numbers = [part for x, y in points for part in ((left + x) * scale, (base + y) * scale)]
        self.strokes.append((act, tuple(numbers)))


@lru_cache(maxsize=1_000)
def _shape(text: str, script: str, *, leftwards: bool) -> Outline:
    """A word: labels that are printed together share most of theirs."""
    import uharfbuzz as hb

    font, _ = _font(script)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if leftwards else "ltr"
    hb.shape(font, buffer)
    pen = _Pen(1 / font.face.upem)
    across = 0.0
    glyphs = []
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen.origin = (across + position.x_offset, position.y_offset)
        font.draw_glyph_with_pen(info.codepoint, pen)
        glyphs.append(font.glyph_to_string(info.codepoint))
        across += position.x_advance
    key = hashlib.sha256(f"{script} {leftwards} {text}".encode()).hexdigest()[:20]
    return Outline(key, across * pen.scale, tuple(pen.strokes), tuple(glyphs))


def _letters(script: str) -> frozenset[int]:
    with _one_at_a_time:
        return _font(script)[1]


@cache
def _font(script: str) -> tuple[Any, frozenset[int]]:
    """A font and the characters that it draws, read once per process."""
    import uharfbuzz as hb

    blob = hb.Blob.from_file_path(str(FONTS / f"NotoSans{script}-Regular.ttf"))
    font = hb.Font(hb.Face(blob))
    return font, frozenset(font.face.unicodes)
