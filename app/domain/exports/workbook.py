"""The master audit export as a workbook: rolls, movements, summary.

Written row by row to disk, so that a million rows cost no more memory than ten. Every cell is
text or a number by what it is, never by what it looks like: nothing can become a formula.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.domain.exports.content_queries import Extent, each_posting, each_unit
from app.domain.exports.rules import SHEET_ROWS_MAX, exact_number, excel_moment, plain_text
from app.domain.exports.tally import Sums, Tally
from app.domain.units.models import UnitState

if TYPE_CHECKING:
    from xlsxwriter.workbook import Workbook

Cell = str | Decimal | int | datetime | None
Step = Callable[[int], None]

# Heading and width in characters; a heading that ends in "at" names the zone of its times.
ROLL_COLUMNS = (
    ("Item number", 20), ("Item", 28), ("Lot", 16), ("Roll", 16), ("Other codes", 20),
    ("Department", 18), ("Place", 14), ("State", 14), ("Quantity", 12), ("Unit of measure", 8),
    ("Made at", 20), ("Latest movement", 16), ("Moved at", 20), ("Moved by", 20),
    ("Dispatched at", 20), ("Customer", 24), ("Properties", 40),
)  # fmt: skip
MOVEMENT_COLUMNS = (
    ("Movement", 38), ("Line", 6), ("Happened at", 20), ("Booked at", 20), ("Who", 20),
    ("Verb", 12), ("Item number", 20), ("Item", 28), ("Lot", 16), ("Roll", 16), ("From", 14),
    ("To", 14), ("Quantity", 12), ("Unit of measure", 8), ("Partner", 24), ("Reason", 24),
    ("Note", 24), ("Reference", 20), ("Reverses", 38), ("Reversed by", 38),
)  # fmt: skip
SUMMARY_COLUMNS = (
    ("By", 16), ("Of", 28), ("Movements", 12), ("Lines", 12), ("Quantity", 16),
    ("Unit of measure", 8),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heading:
    """What the summary says about the file itself."""

    site: str
    zone: ZoneInfo
    made_at: datetime
    made_for: str
    departments: str


def write_audit(
    session: Session,
    path: Path,
    *,
    extent: Extent,
    heading: Heading,
    on_row: Step = lambda _rows: None,
    rows_max: int = SHEET_ROWS_MAX,
) -> None:
    """Write the file; `on_row` is told how many rows are done. The session sees one moment."""
    book = _open(path)
    done = 0
    rolls = Sheets(book, "Rolls", ROLL_COLUMNS, heading.zone, rows_max)
    for row, aliases in each_unit(session, extent):
        rolls.add(_roll(row, aliases))
        done += 1
        on_row(done)
    movements = Sheets(book, "Movements", MOVEMENT_COLUMNS, heading.zone, rows_max)
    tally = Tally()
    for row, reversed_by in each_posting(session, extent):
        movements.add(_movement(row, reversed_by))
        tally.add(
            movement_id=row.movement_id,
            verb=row.verb,
            department=row.department or "none",
            day=row.occurred_at.astimezone(heading.zone).date(),
            quantity=row.quantity,
            unit_of_measure=row.unit_of_measure,
        )
        done += 1
        on_row(done)
    summary = Sheets(book, "Summary", SUMMARY_COLUMNS, heading.zone, rows_max)
    for cells in _summary(tally, heading, extent):
        summary.add(cells)
    for sheets in (rolls, movements, summary):
        sheets.finish()
    book.close()


class Sheets:
    """One list over as many sheets as it needs, each with the heading: "Rolls", "Rolls 2" …"""

    def __init__(
        self,
        book: Workbook,
        name: str,
        columns: Sequence[tuple[str, int]],
        zone: ZoneInfo,
        rows_max: int,
    ) -> None:
        self._book, self._name, self._columns, self._zone = book, name, columns, zone
        self._rows_max = rows_max
        self._bold = book.add_format({"bold": True})
        self._moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"})
        self._count = 0
        self._turn()

    def add(self, cells: Sequence[Cell]) -> None:
        """Write the next row."""
        if self._row == self._rows_max:
            self.finish()
            self._turn()
        for column, cell in enumerate(cells):
            if cell is not None and cell != "":
                self._write(column, cell)
        self._row += 1

    def finish(self) -> None:
        """Let people filter by every column of the present sheet."""
        self._sheet.autofilter(0, 0, max(1, self._row - 1), len(self._columns) - 1)

    def _turn(self) -> None:
        self._count += 1
        name = self._name if self._count == 1 else f"{self._name} {self._count}"
        self._sheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for column, (heading, width) in enumerate(self._columns):
            is_moment = heading.endswith(" at")
            self._sheet.set_column(column, column, width, self._moment if is_moment else None)
            words = f"{heading} ({self._zone.key})" if is_moment else heading
            self._sheet.write_string(0, column, words, self._bold)
        self._row = 1

    def _write(self, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            self._sheet.write_string(self._row, column, plain_text(cell))
            return
        if isinstance(cell, datetime):
            number: float | None = excel_moment(cell, self._zone)
        else:
            number = exact_number(cell) if cell is not None else None
        if number is None:
            self._sheet.write_string(self._row, column, str(cell))
        else:
            self._sheet.write_number(self._row, column, number)


def _open(path: Path) -> Workbook:
    # Not needed by the web, which imports this area too.
    from xlsxwriter.workbook import Workbook

    return Workbook(
        str(path),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            # Its parts are as large as the file: beside it there is room for them.
            "tmpdir": str(path.parent),
        },
    )


def _roll(row: Any, aliases: list[str]) -> tuple[Cell, ...]:
    is_gone = row.state == UnitState.DISPATCHED
    return (
        row.item_number, row.item_name, row.lot, row.token, ", ".join(aliases),
        row.department, _place(row.place, row.place_kind, row.is_virtual),
        row.state.replace("_", " "), row.quantity, row.unit_of_measure,
        row.made_at, row.latest_verb, row.latest_at, row.latest_by,
        row.state_since if is_gone else None, row.partner if is_gone else None,
        "; ".join(f"{name}: {value}" for name, value in row.properties.items()),
    )  # fmt: skip


def _movement(row: Any, reversed_by: uuid.UUID | None) -> tuple[Cell, ...]:
    return (
        str(row.uid), row.line_no, row.occurred_at, row.posted_at, row.by_name, row.verb,
        row.item_number, row.item_name, row.lot, row.token,
        _place(row.origin, row.origin_kind, row.is_origin_virtual),
        _place(row.target, row.target_kind, row.is_target_virtual),
        row.quantity, row.unit_of_measure, row.partner, row.reason, row.note,
        " ".join(part for part in (row.reference_type, row.reference_id) if part),
        str(row.reverses or ""), str(reversed_by or ""),
    )  # fmt: skip


def _place(code: str, kind: str, is_virtual: bool) -> str:
    """Virtual places have codes for programs only."""
    return kind.replace("_", " ") if is_virtual else code


def _summary(tally: Tally, heading: Heading, extent: Extent) -> Iterator[tuple[Cell, ...]]:
    local = heading.made_at.astimezone(heading.zone)
    yield "File", heading.site, None, None, None, None
    yield "Made", f"{local:%Y-%m-%d %H:%M:%S} {heading.zone.key}", None, None, None, None
    yield "Made for", heading.made_for, None, None, None, None
    yield "Departments", heading.departments, None, None, None, None
    yield "Rolls", None, None, extent.units, None, None
    yield "Movements", None, None, extent.postings, None, None
    yield from _groups("Verb", sorted(tally.by_verb.items()))
    yield from _groups("Department", sorted(tally.by_department.items()))
    yield from _groups("Day", [(str(day), one) for day, one in sorted(tally.by_day.items())])


def _groups(by: str, groups: Sequence[tuple[str, Sums]]) -> Iterator[tuple[Cell, ...]]:
    """A row for each group, and one more for each further unit of measure in it."""
    for name, sums in groups:
        counts: tuple[int | None, int | None] = (sums.movements, sums.lines)
        for unit_of_measure, quantity in sorted(sums.quantities.items()):
            yield by, name, *counts, quantity, unit_of_measure
            counts = (None, None)
