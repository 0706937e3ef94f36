"""Writing a workbook and reading it back as its cells."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from app.core.database import Database
from app.domain.exports.content_queries import fix_extent
from app.domain.exports.workbook import Heading, write_audit
from tests.factories.plant import Plant

HEADING = Heading(
    site="Plant Falkenberg (FAL)",
    zone=ZoneInfo("Europe/Berlin"),
    made_at=datetime(2026, 11, 20, 13, 0, tzinfo=UTC),
    made_for="Ada Admin",
    departments="Hot rolling, Finishing",
)


@pytest.fixture
def workbook(database: Database, plant: Plant, tmp_path: Path) -> Callable[..., Any]:
    """Write the export of the plant and open it."""

    def write(departments: list[int] | None = None, **options: Any) -> Any:
        path = tmp_path / "export.xlsx"
        with database.snapshot() as session:
            extent = fix_extent(session, site_id=plant.site.id, departments=departments)
            write_audit(session, path, extent=extent, heading=HEADING, **options)
        return openpyxl.load_workbook(path)

    return write


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    """The rows of a sheet by heading, without the zone that headings of times name."""
    heads, *rows = sheet.iter_rows(values_only=True)
    names = [head.partition(" (")[0] for head in heads]
    return [dict(zip(names, row, strict=True)) for row in rows]
