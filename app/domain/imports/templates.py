"""Templates to fill in: headers that are understood, and rows as an example.

Headers say everything that would be asked otherwise; weights are in kg.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from app.domain.imports.models import ImportKind

Rows = Sequence[Sequence[str | float | int]]

TEMPLATES: Mapping[ImportKind, Rows] = {
    ImportKind.UNITS: (
        ("roll_no", "item_no", "lot_no", "weight_kg", "location", "customer", "width_mm"),
        ("CG278278", "HTS400", "EE017", 453.23, "FM01A01", "Nordwerk", 742),
        ("CO126862", "HTS800", "EE017", 270.72, "", "", 582),
    ),
    ImportKind.LOTS: (
        ("item_no", "lot_no"),
        ("HTS400", "EE017"),
        ("HTS800", "EE017"),
    ),
    ImportKind.ITEMS: (
        ("item_no", "item_name", "unit_of_measure", "typical_weight_kg", "tolerance_percent"),
        ("HTS400", "Hot rolled 4.00 × 1250", "kg", 1240, 50),
        ("HTS800", "Hot rolled 8.00 × 1000", "kg", "", ""),
    ),
}


def template_workbook(rows: Rows) -> io.BytesIO:
    """The rows as a workbook, ready to be read from its beginning."""
    # Not needed by most pages.
    from xlsxwriter.workbook import Workbook

    made = io.BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False}) as book:
        page = book.add_worksheet("Rollcall")
        page.freeze_panes(1, 0)
        page.set_column(0, len(rows[0]) - 1, 18)
        page.set_row(0, None, book.add_format({"bold": True}))
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    made.seek(0)
    return made
