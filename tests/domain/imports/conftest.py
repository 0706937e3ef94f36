"""Imports without a queue: what the jobs do, called by hand."""

import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.core.database import Database
from app.core.rights import Actor
from app.core.storage import Storage, StoredFile
from app.domain.imports import commands
from app.domain.imports.models import ImportRun
from app.domain.imports.readers import read_table
from app.domain.imports.rules.columns import guess_mapping
from app.domain.imports.rules.rows import Layout, read_rows
from app.domain.imports.rules.verdicts import Options
from tests.factories.imports import write_workbook
from tests.factories.plant import Plant


class Imports:
    """Stages, checks and books files as one person."""

    def __init__(self, database: Database, plant: Plant, folder: Path) -> None:
        self.database = database
        self.plant = plant
        self.actor: Actor = plant.keeper
        self.storage = Storage(folder / "files")
        self._folder = folder

    def store(self, rows: list[dict[str, Any]]) -> StoredFile:
        path = write_workbook(self._folder / f"{uuid.uuid4()}.xlsx", rows)
        stream = io.BytesIO(path.read_bytes())
        return self.storage.save(stream, shelf="imports", bytes_max=10_000_000)

    def stage(self, rows: list[dict[str, Any]] | StoredFile, filename: str = "a.xlsx") -> ImportRun:
        file = rows if isinstance(rows, StoredFile) else self.store(rows)
        return self.database.unit_of_work(
            lambda session: commands.stage_import(
                session,
                actor=self.actor,
                department_id=self.plant.hot_rolling.id,
                filename=filename,
                file=file,
            )
        )

    def checked(self, rows: list[dict[str, Any]] | StoredFile, **options: Any) -> ImportRun:
        """Staged and looked at, with these answers."""
        run = self.look(self.stage(rows))
        return self.again(run, **options) if options else run

    def again(self, run: ImportRun, **options: Any) -> ImportRun:
        self.database.unit_of_work(
            lambda session: commands.check_import(
                session,
                actor=self.actor,
                run_id=run.id,
                mapping=guess_mapping(run.columns),
                options=Options(**options),
            )
        )
        return self.look(run)

    def look(self, run: ImportRun) -> ImportRun:
        """What the checking job does."""
        return self._job(run, commands.record_check)

    def apply(self, run: ImportRun) -> ImportRun:
        self.ask(run)
        return self.book(run)

    def ask(self, run: ImportRun) -> ImportRun:
        return self.database.unit_of_work(
            lambda session: commands.apply_import(session, actor=self.actor, run_id=run.id)
        )

    def book(self, run: ImportRun, **facts: Any) -> ImportRun:
        """What the booking job does."""
        return self._job(run, commands.book_import, **({"actor": self.actor} | facts))

    def load(self, run: ImportRun) -> ImportRun:
        with self.database.reader() as session:
            return session.get_one(ImportRun, run.id)

    def _job(self, run: ImportRun, work: Callable[..., ImportRun], **facts: Any) -> ImportRun:
        facts = {"run_id": run.id, "message_uid": self.load(run).message_uid} | facts
        names = ("run_id", "message_uid")
        source = self.database.unit_of_work(
            lambda session: commands.begin_job(session, **{name: facts[name] for name in names})
        )
        table = read_table(self.storage.path(source.storage_key))
        layout = Layout(table.columns, source.mapping or guess_mapping(table.columns))
        rows = read_rows(table.rows, layout, on_progress=lambda done: None)
        return self.database.unit_of_work(
            lambda session: work(session, layout=layout, rows=rows, **facts), deadline_seconds=30
        )


@pytest.fixture
def imports(database: Database, plant: Plant, tmp_path: Path) -> Imports:
    return Imports(database, plant, tmp_path)
