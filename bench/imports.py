"""How much an import costs beside the bare parser and a bare insert of the rows that it leaves.

    python -m bench.imports 100000 [postgresql]

Makes a workbook with so many rolls and measures, each in a process of its own and one after the
other: pandas reading it, the import of it (check and booking, as the jobs do them), and the
insert of every row that the import has left, as values at hand, into an empty database.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.storage import open_storage
from app.domain.accounts.queries import load_actor
from app.domain.audit.models import AuditEntry
from app.domain.catalog.models import Item
from app.domain.codes.models import Alias, LabelCode
from app.domain.imports import commands
from app.domain.imports.models import ImportRow, ImportRun, RunState
from app.domain.ledger.models import Balance, Movement, Posting, SiteBalance
from app.domain.locations.models import Location
from app.domain.lots.models import Lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit
from app.jobs import imports as jobs
from app.jobs.running import JobRun, lock_message
from bench.exports import peak_mb
from tests.factories.plant import build_plant
from tests.support.databases import databases_for

RANDOM = Random(20_26)  # noqa: S311 - weights of a bench are no secrets
HEADER = (
    *("roll_no", "material", "batch", "weight_kg", "location", "customer"),
    *("thickness", "width", "colour"),
)
# What an import writes, in the order in which the tables refer to each other.
WRITTEN: tuple[Any, ...] = (
    *(Item, Lot, Partner, Location, ImportRun, Movement, Unit, LabelCode, Alias),
    *(Posting, Balance, SiteBalance, AuditEntry, ImportRow),
)
ROWS_AT_ONCE = 5_000


def make_file(path: Path, rows: int) -> None:
    """A workbook of rolls of 40 items in 50 lots on 400 places for 80 customers."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADER)
        for n in range(1, rows + 1):
            item, lot = RANDOM.randrange(40), RANDOM.randrange(50)
            place, customer = RANDOM.randrange(400), RANDOM.randrange(80)
            weight = round(RANDOM.uniform(1_000, 9_000), 2)
            facts = (round(RANDOM.uniform(0.2, 5), 2), RANDOM.randrange(600, 2_000), "grey")
            row = (f"C{n:07}", f"HTS{item}", f"L{lot}", weight, f"BR{place:03}", f"K{customer}")
            page.write_row(n, 0, (*row, *facts))


def parse(_url: str, path: Path) -> None:
    """What pandas takes to hand the rows over, one after the other."""
    import pandas as pd

    frame = pd.read_excel(path, engine="calamine", header=None, dtype=object, na_filter=False)
    for _row in frame.itertuples(index=False, name=None):
        pass


def bring_in(url: str, path: Path) -> None:
    """Stage, check, answer the question about places, check again, book. As the jobs do it."""
    database = Database(url)
    storage = open_storage(Path(os.environ["ROLLCALL_DATA"]))
    file = storage.save(io.BytesIO(path.read_bytes()), shelf="imports", bytes_max=10**9)
    actor = database.unit_of_work(_manager)

    def stage(session: Session) -> int:
        department = session.scalars(sa.text("SELECT min(id) FROM departments")).one()
        run = commands.stage_import(
            session, actor=actor, department_id=department, filename="rolls.xlsx", file=file
        )
        run.options = {"create_places": True}
        return run.id

    run_id = database.unit_of_work(stage)
    for work in (jobs.check, jobs.book):
        started = time.monotonic()
        work(_take(database, run_id))
        print(f"{work.__name__} {time.monotonic() - started:.1f} s", file=sys.stderr)  # noqa: T201
        with database.reader() as session:
            run = session.get_one(ImportRun, run_id)
        assert run.state != RunState.FAILED, run.error
        if run.state == RunState.PREVIEWED:
            database.unit_of_work(
                lambda session: commands.apply_import(session, actor=actor, run_id=run_id)
            )
    assert run.state == RunState.APPLIED, run.error
    assert run.counts["booked"] == run.rows_total


def insert(url: str, path: Path) -> None:
    """Insert what the import has left; the rows were read beforehand into a file."""
    database = Database(url)
    source = path.with_suffix(".rows")
    tables = {model.__tablename__: model.__table__ for model in WRITTEN}

    def work(session: Session) -> None:
        for name, rows in _kept(source):
            session.execute(sa.insert(tables[name]), rows)

    database.unit_of_work(work, deadline_seconds=600)


def keep_rows(url: str, empty_url: str, path: Path) -> None:
    """Write down what one database has more than the other, ready to be inserted."""
    import pickle

    full, empty = Database(url), Database(empty_url)
    with full.reader() as have, empty.reader() as had, path.with_suffix(".rows").open("wb") as out:
        for model in WRITTEN:
            table = model.__table__
            key = list(table.primary_key.columns)
            known = {tuple(row) for row in had.execute(sa.select(*key))}
            result = have.execute(sa.select(table)).mappings()
            for part in result.partitions(ROWS_AT_ONCE):
                rows = [dict(row) for row in part]
                new = [row for row in rows if tuple(row[one.name] for one in key) not in known]
                if new:
                    pickle.dump((table.name, new), out)


def _kept(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    import pickle

    with path.open("rb") as source:
        while source.peek(1):
            yield pickle.load(source)  # noqa: S301 - written by this very bench


def _manager(session: Session) -> Any:
    user_id = session.scalars(sa.text("SELECT id FROM users WHERE username = 'manager'")).one()
    actor = load_actor(session, user_id)
    assert actor is not None
    return actor


def _take(database: Database, run_id: int) -> JobRun:
    """The latest job of the run, as a worker would take it."""

    def work(session: Session) -> JobRun:
        uid = session.get_one(ImportRun, run_id).message_uid
        assert uid is not None
        message = lock_message(session, uid)
        assert message is not None
        message.attempts += 1
        return JobRun(database, uid, message.attempts, message.payload)

    return database.unit_of_work(work)


WORKS: dict[str, Callable[[str, Path], None]] = {
    "parse": parse,
    "insert": insert,
    "import": bring_in,
}


def measure(name: str, url: str, path: Path) -> dict[str, float]:
    """Run one of them in a process of its own."""
    command = [sys.executable, "-m", "bench.imports", name, url, str(path)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - this module
    return dict(json.loads(answer.stdout))


def work(name: str, url: str, path: Path) -> None:
    """What that process does."""
    # Every worker has them loaded before its first job.
    import pandas  # noqa: F401

    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.monotonic()
    WORKS[name](url, path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    facts = {
        "seconds": time.monotonic() - started,
        "cpu_seconds": used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime,
        "peak_mb": peak_mb(),
    }
    print(json.dumps(facts))  # noqa: T201


def main(rows: int, engine: str) -> None:
    """Make the file, measure all three, say so."""
    databases = databases_for(engine)
    urls = [databases.create() for _ in range(2)]
    for url in urls:
        database = Database(url)
        database.unit_of_work(build_plant)
        database.dispose()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ROLLCALL_DATA"] = folder
        os.environ["SECRET_KEY"] = "of no use here, but long enough: 0123456789"
        path = Path(folder) / "rolls.xlsx"
        make_file(path, rows)
        found = {
            "parse": measure("parse", urls[0], path),
            "import": measure("import", urls[0], path),
        }
        keep_rows(urls[0], urls[1], path)
        found["insert"] = measure("insert", urls[1], path)
    for name, facts in found.items():
        words = "  ".join(f"{key} {value:,.1f}" for key, value in facts.items())
        print(f"{engine} {name:7}{words}", flush=True)  # noqa: T201
    for key in ("seconds", "cpu_seconds"):
        bare = found["parse"][key] + found["insert"][key]
        print(f"import / (parse + insert), {key}: {found['import'][key] / bare:.2f}")  # noqa: T201
    ratio = found["import"]["peak_mb"] / found["parse"]["peak_mb"]
    print(f"import / parse, peak memory: {ratio:.2f}")  # noqa: T201
    for url in urls:
        databases.drop(url)
    databases.close()


if __name__ == "__main__":
    if sys.argv[1] in WORKS:
        work(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "sqlite")
