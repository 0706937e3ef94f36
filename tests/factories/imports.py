"""Small files of the same shape as a steel mill's stock list."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

COLUMNS = (
    *("material_no", "coil_type_code", "thickness", "total_weight"),
    *("yard", "storage_loc", "order_no", "customer"),
)


def coil(number: int, **changes: Any) -> dict[str, Any]:
    """One row; the place is new to every plant unless it is changed."""
    return {
        "material_no": f"CA{number:06}",
        "coil_type_code": "HTS400" if number % 2 else "HTS800",
        "thickness": 0.25,
        "total_weight": 400.5 + number,
        "yard": "EGLA",
        "storage_loc": str(710_000 + number),
        "order_no": f"EE{number % 3:03}",
        "customer": "E사",
    } | changes


def coils(count: int) -> list[dict[str, Any]]:
    """So many good rows; one weight is float noise, as spreadsheets have it."""
    return [
        coil(n, **({"total_weight": 798.9400000000001} if n == 1 else {})) for n in range(count)
    ]


def write_workbook(path: Path, rows: Iterable[dict[str, Any]], columns: Any = COLUMNS) -> Path:
    """A workbook with a header and these rows; the same rows are the same bytes."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2026, 11, 20, tzinfo=UTC)})
        page = book.add_worksheet("coils")
        page.write_row(0, 0, columns)
        for number, row in enumerate(rows, start=1):
            page.write_row(number, 0, [row[column] for column in columns])
    return path
