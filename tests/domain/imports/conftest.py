"""Imports without a queue: what the jobs do, called by hand."""

import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.rights import Actor
from app.core.storage import StoredFile, open_storage
from app.domain.imports import commands
from app.domain.imports.models import ImportKind, ImportRun
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.verdicts import Options
from app.jobs import imports as jobs
from app.jobs.running import JobRun, lock_message
from tests.factories.imports import write_workbook
from tests.factories.plant import Plant

UNITS = ImportKind.UNITS


class Imports:
    """Stages, checks and books files as one person."""

    def __init__(self, database: Database, plant: Plant, folder: Path) -> None:
        self.database = database
        self.plant = plant
        self.actor: Actor = plant.keeper
        self.storage = open_storage(folder)
        self._folder = folder

    def store(self, rows: list[dict[str, Any]]) -> StoredFile:
        columns = list(rows[0])
        path = write_workbook(self._folder / f"{uuid.uuid4()}.xlsx", rows, columns)
        return self.store_bytes(path.read_bytes())

    def store_bytes(self, content: bytes) -> StoredFile:
        return self.storage.save(io.BytesIO(content), shelf="imports", bytes_max=30_000_000)

    def stage(
        self,
        rows: list[dict[str, Any]] | StoredFile,
        filename: str = "a.xlsx",
        kind: ImportKind = UNITS,
    ) -> ImportRun:
        file = rows if isinstance(rows, StoredFile) else self.store(rows)
        return self.database.unit_of_work(
            lambda session: commands.stage_import(
                session,
                actor=self.actor,
                department_id=self.plant.hot_rolling.id,
                filename=filename,
                file=file,
                kind=kind,
            )
        )

    def checked(
        self, rows: list[dict[str, Any]] | StoredFile, kind: ImportKind = UNITS, **options: Any
    ) -> ImportRun:
        """Staged and looked at, with these answers; weights are in kg."""
        run = self.look(self.stage(rows, kind=kind))
        return self.again(run, **options) if options or kind == UNITS else run

    def again(
        self, run: ImportRun, mapping: dict[str, str] | None = None, **options: Any
    ) -> ImportRun:
        run = self.load(run)
        meanings = mapping or run.mapping
        self.database.unit_of_work(
            lambda session: commands.check_import(
                session,
                actor=self.actor,
                run_id=run.id,
                mapping={name: Meaning(meaning) for name, meaning in meanings.items()},
                options=Options(**({"weight_unit": "kg"} | options)),
            )
        )
        return self.look(run)

    def look(self, run: ImportRun) -> ImportRun:
        """What the checking job does."""
        return self._work(run, jobs.check)

    def apply(self, run: ImportRun) -> ImportRun:
        self.ask(run)
        return self.book(run)

    def ask(self, run: ImportRun) -> ImportRun:
        return self.database.unit_of_work(
            lambda session: commands.apply_import(session, actor=self.actor, run_id=run.id)
        )

    def book(self, run: ImportRun) -> ImportRun:
        """What the booking job does."""
        return self._work(run, jobs.book)

    def book_directly(self, run: ImportRun, **facts: Any) -> ImportRun:
        """What the booking job has done in its transaction; refusals are raised."""
        facts = {"actor": self.actor, "message_uid": self.load(run).message_uid} | facts
        return self.database.unit_of_work(
            lambda session: commands.book_import(session, run_id=run.id, **facts)
        )

    def undo(self, run: ImportRun, reason: str = "") -> ImportRun:
        self.ask_undo(run, reason)
        return self.work_undo(run)

    def work_undo(self, run: ImportRun) -> ImportRun:
        """What the undoing job does."""
        return self._work(run, jobs.undo)

    def ask_undo(self, run: ImportRun, reason: str = "") -> ImportRun:
        return self.database.unit_of_work(
            lambda session: commands.undo_import(
                session, actor=self.actor, run_id=run.id, reason=reason
            )
        )

    def load(self, run: ImportRun) -> ImportRun:
        with self.database.reader() as session:
            return session.get_one(ImportRun, run.id)

    def job(self, run: ImportRun) -> JobRun:
        """The latest job of the run, taken by a worker."""
        uid = self.load(run).message_uid
        assert uid is not None

        def take(session: Session) -> JobRun:
            message = lock_message(session, uid)
            assert message is not None
            message.attempts += 1
            return JobRun(self.database, uid, message.attempts, message.payload)

        return self.database.unit_of_work(take)

    def _work(self, run: ImportRun, work: Callable[[JobRun], None]) -> ImportRun:
        work(self.job(run))
        return self.load(run)


@pytest.fixture
def imports(
    database: Database, plant: Plant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Imports:
    monkeypatch.setenv("ROLLCALL_DATA", str(tmp_path))
    monkeypatch.setenv("SECRET_KEY", "of no use here, but long enough: 0123456789")
    return Imports(database, plant, tmp_path)
