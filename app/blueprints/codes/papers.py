"""What labels are printed on: rolls of labels and sheets, their sizes in millimetres.

A label printer has whole dots only, so everything that a scanner reads is measured in them.
"""

from __future__ import annotations

from dataclasses import dataclass

MM_PER_INCH = 25.4
# The narrowest module that worn scanners still read, by dots per inch: 0.50 mm and 0.42 mm.
LEAST_DOTS = {203: 4, 300: 5}
LEVELS = {"m": "M, the usual", "q": "Q, for labels that get rubbed or wet"}


@dataclass(frozen=True, slots=True)
class Paper:
    """A label size, and how such labels lie on a page. All lengths are millimetres."""

    code: str
    name: str
    width: float
    height: float
    columns: int = 1
    rows: int = 1
    left: float = 0
    top: float = 0
    step_x: float = 0
    step_y: float = 0

    @property
    def per_page(self) -> int:
        """How many labels one page holds."""
        return self.columns * self.rows

    @property
    def is_sheet(self) -> bool:
        """Whether it is an A4 sheet of labels; else one label is one page."""
        return self.per_page > 1


def _roll(width: int, height: int) -> Paper:
    return Paper(f"{width}x{height}", f"{width} × {height} mm", width, height)


def _sheet(columns: int, rows: int, width: float, height: float, **place: float) -> Paper:
    name = f"A4, {columns} × {rows} labels of {width:g} × {height:g} mm"
    return Paper(f"a4-{columns}x{rows}", name, width, height, columns, rows, **place)


A4_WIDTH, A4_HEIGHT = 210, 297
PAPERS = {
    paper.code: paper
    for paper in (
        _roll(100, 62),
        _roll(100, 150),
        _roll(100, 100),
        _roll(100, 50),
        _roll(76, 51),
        _roll(62, 29),
        _roll(50, 25),
        _sheet(2, 4, 99.1, 67.7, left=4.65, top=13.1, step_x=101.6, step_y=67.7),
        _sheet(2, 7, 99.1, 38.1, left=4.65, top=15.15, step_x=101.6, step_y=38.1),
        _sheet(3, 7, 63.5, 38.1, left=7.25, top=15.15, step_x=66, step_y=38.1),
        _sheet(3, 8, 70, 37, left=0, top=0.5, step_x=70, step_y=37),
    )
}
