"""How much the audit export costs beside the bare XlsxWriter writing the same rows.

    python -m bench.exports 100000 [postgresql]

Fills a database with so many postings, then measures both, each in a process of its own: wall
time, time of the processor, and peak memory.
"""

from __future__ import annotations

import itertools
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.ids import new_uid
from app.domain.codes.models import LabelCode
from app.domain.codes.rules import CodeKind, make_token
from app.domain.exports import workbook
from app.domain.exports.content_queries import each_posting, each_unit, fix_extent
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.locations.models import LocationKind
from app.domain.units.models import Unit, UnitState
from tests.factories.plant import Plant, build_plant
from tests.support.databases import databases_for

LINES = 5  # of a movement; every unit is made, stored, moved on and dispatched
VERBS = (Verb.PRODUCE, Verb.PUTAWAY, Verb.TRANSFER, Verb.DISPATCH)
AT_ONCE = 2_000
RANDOM = Random(20_26)  # noqa: S311 - tokens of a bench are no secrets
HEADING = workbook.Heading("Bench", ZoneInfo("Europe/Berlin"), now(), "Nobody", "all")


def fill(session: Session, plant: Plant, postings: int) -> None:
    """Write the rows as the ledger would have, without its judgement."""
    places = [
        plant.virtual[LocationKind.PRODUCTION], plant.hot_staging.id, plant.bin.id,
        plant.finishing_staging.id, plant.virtual[LocationKind.CUSTOMER],
    ]  # fmt: skip
    shared = {"site_id": plant.site.id, "item_id": plant.item.id, "lot_id": plant.lot.id}
    groups = postings // (LINES * len(VERBS))
    for start in range(0, groups, AT_ONCE):
        rows: dict[Any, list[dict[str, Any]]] = {
            model: [] for model in (Unit, LabelCode, Movement, Posting)
        }
        for group in range(start, min(start + AT_ONCE, groups)):
            at = now() - timedelta(minutes=groups - group)
            units = range(group * LINES + 1, group * LINES + LINES + 1)
            for unit in units:
                rows[Unit].append(
                    {"id": unit, "uid": new_uid(), **shared, "state": UnitState.DISPATCHED,
                     "department_id": plant.finishing.id, "location_id": places[-1],
                     "quantity": Decimal("4820.5"), "partner_id": plant.customer.id,
                     "properties": {"width_mm": 1250}, "created_at": at, "state_since": at}
                )  # fmt: skip
                rows[LabelCode].append(
                    {"token": make_token(CodeKind.UNIT, RANDOM), "kind": "R", "subject_id": unit}
                )
            for step, verb in enumerate(VERBS):
                movement = group * len(VERBS) + step + 1
                rows[Movement].append(
                    {"id": movement, "uid": new_uid(), "verb": verb, "site_id": plant.site.id,
                     "actor_id": plant.keeper.user_id, "occurred_at": at, "posted_at": at,
                     "partner_id": plant.customer.id if verb == Verb.DISPATCH else None}
                )  # fmt: skip
                rows[Posting].extend(
                    {"movement_id": movement, "line_no": line, "item_id": plant.item.id,
                     "lot_id": plant.lot.id, "unit_id": unit, "quantity": Decimal("4820.5"),
                     "from_location_id": places[step], "to_location_id": places[step + 1]}
                    for line, unit in enumerate(units, start=1)
                )  # fmt: skip
        for model, values in rows.items():
            session.execute(sa.insert(model), values)


def export(url: str, path: Path) -> int:
    """The export itself. Returns the number of rows."""
    database = Database(url)
    with database.snapshot() as session:
        site_id = session.scalars(sa.select(Unit.site_id).limit(1)).one()
        extent = fix_extent(session, site_id=site_id, departments=None)
        workbook.write_audit(session, path, extent=extent, heading=HEADING)
    return extent.rows


def bare(url: str, path: Path) -> int:
    """The first rows of both lists again and again, by XlsxWriter alone, as values at hand."""
    database = Database(url)
    with database.snapshot() as session:
        site_id = session.scalars(sa.select(Unit.site_id).limit(1)).one()
        extent = fix_extent(session, site_id=site_id, departments=None)
        rolls = [workbook._roll(*one) for one in itertools.islice(each_unit(session, extent), 99)]
        lines = [
            workbook._movement(*one) for one in itertools.islice(each_posting(session, extent), 99)
        ]
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "tmpdir": str(path.parent)})
    for rows, count in ((rolls, extent.units), (lines, extent.postings)):
        _write_bare(book, [_plain(row) for row in rows], count)
    book.close()
    return extent.rows


def _write_bare(book: Any, samples: Sequence[Sequence[Any]], count: int) -> None:
    rows: Iterator[Sequence[Any]] = itertools.islice(itertools.cycle(samples), count)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        if number and number % 1_048_575 == 0:
            sheet = book.add_worksheet()
        for column, value in row:
            write = sheet.write_string if isinstance(value, str) else sheet.write_number
            write(number % 1_048_575, column, value)


def _plain(row: Sequence[workbook.Cell]) -> list[tuple[int, Any]]:
    """What the export would have written: column and value."""
    cells = ((n, 46000.5 if hasattr(cell, "year") else cell) for n, cell in enumerate(row))
    return [
        (n, cell if isinstance(cell, str) else float(cell))
        for n, cell in cells
        if cell is not None and cell != ""
    ]


WORKS: dict[str, Callable[[str, Path], int]] = {"export": export, "bare": bare}


def measure(name: str, url: str) -> dict[str, float]:
    """Run one of the two in a process of its own."""
    answer = subprocess.run(  # noqa: S603 - this very module
        [sys.executable, "-m", "bench.exports", name, url], capture_output=True, check=True
    )
    return dict(json.loads(answer.stdout))


def work(name: str, url: str) -> None:
    """What that process does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.xlsx"
        before = resource.getrusage(resource.RUSAGE_SELF)
        started = time.monotonic()
        rows = WORKS[name](url, path)
        used = resource.getrusage(resource.RUSAGE_SELF)
        seconds = time.monotonic() - started
        facts = {
            "rows": rows,
            "seconds": seconds,
            "cpu_seconds": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
            "peak_mb": peak_mb(),
            "file_mb": path.stat().st_size / 1024 / 1024,
        }
    print(json.dumps(facts))  # noqa: T201


def peak_mb() -> float:
    """The most memory that this process ever had; unlike getrusage, without its parent's."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found.group(1)) / 1024


def main(postings: int, engine: str) -> None:
    """Fill, measure both, say so."""
    databases = databases_for(engine)
    url = databases.create()
    database = Database(url)
    plant = database.unit_of_work(build_plant)
    database.unit_of_work(lambda session: fill(session, plant, postings))
    with database.engine.connect() as connection:
        connection.execute(sa.text("ANALYZE"))
        connection.commit()
    database.dispose()
    found = {name: measure(name, url) for name in ("bare", "export")}
    for name, facts in found.items():
        words = "  ".join(f"{key} {value:,.1f}" for key, value in facts.items())
        print(f"{engine} {name:7}{words}", flush=True)  # noqa: T201
    ratios = {key: found["export"][key] / found["bare"][key] for key in found["bare"]}
    print("export / bare", {key: round(value, 2) for key, value in ratios.items()})  # noqa: T201
    databases.drop(url)
    databases.close()


if __name__ == "__main__":
    if sys.argv[1] in WORKS:
        work(sys.argv[1], sys.argv[2])
    else:
        main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "sqlite")
