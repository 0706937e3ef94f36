"""The real worker process, with a few jobs added whose effects can be counted.

As a module it is that process; `WorkerProcess` starts and kills it from a test.
"""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.database import Database
from app.core.errors import DomainError
from app.jobs.registry import JOBS
from app.jobs.running import JobRun
from runner.processes import bound_to_parent

ROOT = Path(__file__).resolve().parents[2]


def prepare_effects(database: Database) -> None:
    """A table without any key: what is done twice stands there twice."""
    database.unit_of_work(lambda session: session.execute(sa.text("CREATE TABLE effects (n int)")))


def effects(database: Database) -> list[int]:
    with database.reader() as session:
        return sorted(session.scalars(sa.text("SELECT n FROM effects")))


def add_effect(session: Session, number: int) -> None:
    session.execute(sa.text("INSERT INTO effects VALUES (:n)"), {"n": number})


def count(run: JobRun) -> None:
    run.finish(lambda session: add_effect(session, run.payload["n"]))


def hang(run: JobRun) -> None:
    """Say so and hang in the first attempt, work in the next."""
    if run.attempt == 1:
        Path(run.payload["file"]).write_text(str(os.getpid()))
        signal.pause()
    count(run)


def refuse(run: JobRun) -> None:
    raise DomainError(f"{run.payload['n']} is refused.")


TEST_JOBS = {"test.count": count, "test.hang": hang, "test.refuse": refuse}


class WorkerProcess:
    """A worker for one database and one Valkey."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._env = os.environ | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": secrets.token_urlsafe(48),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.worker"],
            cwd=ROOT,
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=bound_to_parent(signal.SIGKILL),
        )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def revive(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.start()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def eventually(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for something that another process does; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.05)


if __name__ == "__main__":
    import worker

    JOBS.update(TEST_JOBS)
    worker.main()
