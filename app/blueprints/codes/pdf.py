"""Labels as a PDF: the QR code in whole dots of the printer, and words that do without a server."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.blueprints.codes.faces import Face
from app.blueprints.codes.papers import A4_HEIGHT, A4_WIDTH, LEAST_DOTS, MM_PER_INCH, Paper
from app.blueprints.codes.writing import Run, runs, width_of
from app.core.errors import DomainError
from app.domain.codes.rules import display_token, short_code
from app.web.labels import QrDrawing, draw_qr, label_url

POINTS_PER_INCH = 72
MARGIN_MM = 1.5
SMALLEST_POINTS = 4.5
LEADING = 1.2
# How much of a label the QR code takes, and how much more where it must.
USUAL_SHARE, LARGEST_SHARE = 0.46, 0.62


class DoesNotFit(DomainError):
    """A code would have to be drawn too small to be scanned or read."""

    code = "does_not_fit"
    status = 422


@dataclass(frozen=True, slots=True)
class Print:
    """How labels are printed. `skip` labels of the first sheet are used already."""

    paper: Paper
    dpi: int
    level: str
    skip: int = 0

    def dots(self, mm: float) -> int:
        """The whole dots within so many millimetres."""
        return math.floor(mm * self.dpi / MM_PER_INCH + 1e-6)

    def points(self, dots: float) -> float:
        """The measure of PDF for so many dots."""
        return dots * POINTS_PER_INCH / self.dpi


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in dots, from the top left corner of the page."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a label. `size` is relative; one that must be `whole` is never cut."""

    text: str
    size: float = 1.0
    bold: bool = False
    whole: bool = False


def labels_pdf(faces: Sequence[Face], how: Print) -> bytes:
    """The labels in their order. Raises DoesNotFit, naming the missing millimetres."""
    from reportlab.pdfgen.canvas import Canvas

    page = _page_size(how)
    made = io.BytesIO()
    canvas = Canvas(made, pagesize=page, pageCompression=1, invariant=1)
    canvas.setTitle("Labels")
    for index, face in enumerate(faces, start=how.skip):
        if index > how.skip and index % how.paper.per_page == 0:
            canvas.showPage()
        _Label(canvas, page[1], how).draw(face, _box_of(index % how.paper.per_page, how))
    canvas.save()
    return made.getvalue()


def _page_size(how: Print) -> tuple[float, float]:
    """In points. A label printer gets whole dots, so that its driver has nothing to scale."""
    if how.paper.is_sheet:
        scale = POINTS_PER_INCH / MM_PER_INCH
        return A4_WIDTH * scale, A4_HEIGHT * scale
    # A hair less, because readers round a page up to dots and its size has few decimals.
    width, height = how.dots(how.paper.width), how.dots(how.paper.height)
    return how.points(width - 0.01), how.points(height - 0.01)


def _box_of(place: int, how: Print) -> Box:
    row, column = divmod(place, how.paper.columns)
    x = how.dots(how.paper.left + column * how.paper.step_x)
    y = how.dots(how.paper.top + row * how.paper.step_y)
    return Box(x, y, how.dots(how.paper.width), how.dots(how.paper.height))


class _Label:
    """Draws labels on one page."""

    def __init__(self, canvas: Any, page_height: float, how: Print) -> None:
        self._canvas = canvas
        self._page_height = page_height
        self._how = how
        self._margin = how.dots(MARGIN_MM)

    def draw(self, face: Face, box: Box) -> None:
        """One label: the code on the left or on top, the words beside it or below."""
        assert face.token is not None
        qr = draw_qr(label_url(face.token), level=self._how.level)
        margin = self._margin
        is_wide = box.width > box.height * 1.1
        inner = Box(box.x + margin, box.y + margin, box.width - 2 * margin, box.height - 2 * margin)
        dots = self._module_dots(qr, inner, is_wide=is_wide)
        side = dots * qr.side
        if is_wide:
            top = inner.y + (inner.height - side) // 2
            self._draw_qr(qr, inner.x, top, dots)
            # The quiet zone is part of the code, so the words may begin where it ends.
            words = Box(inner.x + side, inner.y, inner.width - side, inner.height)
        else:
            self._draw_qr(qr, inner.x + (inner.width - side) // 2, inner.y, dots)
            words = Box(inner.x, inner.y + side, inner.width, inner.height - side)
        self._write(_lines(face), words)

    def _module_dots(self, qr: QrDrawing, inner: Box, *, is_wide: bool) -> int:
        """The widest whole number of dots per module. Raises DoesNotFit."""
        across = inner.height if is_wide else inner.width
        along = inner.width if is_wide else inner.height
        least = LEAST_DOTS[self._how.dpi]
        missing = max(least * qr.side - across, least * qr.side - LARGEST_SHARE * along)
        if missing > 0:
            raise self._refusal("The QR code", missing)
        return max(least, math.floor(min(across, USUAL_SHARE * along) / qr.side))

    def _refusal(self, what: str, missing_dots: float) -> DoesNotFit:
        missing_mm = math.ceil(missing_dots * MM_PER_INCH / self._how.dpi * 10) / 10
        return DoesNotFit(
            f"{what} does not fit on {self._how.paper.name}, by {missing_mm:.1f} mm. Choose a "
            "larger label.",
            field="paper",
            missing_mm=missing_mm,
        )

    def _draw_qr(self, qr: QrDrawing, x: int, y: int, dots: int) -> None:
        points = self._how.points
        path = self._canvas.beginPath()
        for start, row, length in qr.runs:
            left, bottom = points(x + start * dots), points(y + (row + 1) * dots)
            path.rect(left, self._page_height - bottom, points(length * dots), points(dots))
        self._canvas.drawPath(path, stroke=0, fill=1)

    def _write(self, lines: Sequence[Line], box: Box) -> None:
        width, height = self._how.points(box.width), self._how.points(box.height)
        size = min(height / sum(line.size * LEADING for line in lines), height / 9)
        sized = [self._sized(line, size * line.size, width) for line in lines]
        used = sum(one_size * LEADING for _, one_size in sized)
        x = self._how.points(box.x)
        y = self._page_height - self._how.points(box.y) - (height - used) / 2
        for pieces, one_size in sized:
            y -= one_size * LEADING
            self._write_line(pieces, x, y + one_size * (LEADING - 0.95), one_size)

    def _write_line(self, pieces: Sequence[Run], x: float, y: float, size: float) -> None:
        for piece in pieces:
            piece.draw(self._canvas, x, y, size)
            x += piece.width(size)

    def _sized(self, line: Line, size: float, width: float) -> tuple[list[Run], float]:
        """Smaller until it fits; a name is cut where it would become too small to read."""
        pieces = runs(line.text, bold=line.bold)
        size = min(size, width / max(width_of(pieces, 1), 1e-6))
        if size >= SMALLEST_POINTS:
            return pieces, size
        size = SMALLEST_POINTS
        missing = width_of(pieces, size) - width
        if line.whole and missing > 0:
            raise self._refusal(f"“{line.text}”", missing * self._how.dpi / POINTS_PER_INCH)
        if missing > 0:
            pieces = _cut(line, width / size)
        return pieces, size


def _cut(line: Line, width: float) -> list[Run]:
    """As much of the beginning of a line as fits, in parts of the size."""

    def pieces(length: int) -> list[Run]:
        return runs(f"{line.text[:length].rstrip()}…", bold=line.bold)

    # Halving: setting a long name anew for each of its letters would take minutes a sheet.
    fits, too_long = 0, len(line.text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if width_of(pieces(middle), 1) <= width:
            fits = middle
        else:
            too_long = middle
    return pieces(fits)


def _lines(face: Face) -> list[Line]:
    """The words of a label, the most important on top."""
    assert face.token is not None
    large = face.sign or short_code(face.token)
    lines = [Line(large, 2.6, bold=True, whole=True)]
    lines += [Line(part, 1.2, bold=True) for part in _halves(face.title)]
    lines += [Line(f"{word}: {value}") for word, value in face.lines]
    if face.alias:
        lines.append(Line(face.alias, bold=True))
    lines.append(Line(display_token(face.token), 1.05, whole=True))
    return lines


def _halves(title: str) -> list[str]:
    """A long name on two lines, parted at the space next to its middle."""
    spaces = [at for at, character in enumerate(title) if character == " "]
    if len(title) <= 24 or not spaces:
        return [title]
    middle = min(spaces, key=lambda at: abs(at - len(title) // 2))
    return [title[:middle], title[middle + 1 :]]
