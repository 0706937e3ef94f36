"""The worker process: takes outbox ids from the queue and runs each job in a process of its own."""

from __future__ import annotations

import importlib
import os
import resource
import uuid

import redis
import structlog
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from app.core import logs
from app.core.database import Database
from app.core.errors import Busy
from app.domain import models
from app.jobs import queue, running
from app.jobs.performing import perform
from config import Settings
from runner.processes import die_with_parent

log = structlog.get_logger(__name__)

SIGN_OF_LIFE_SECONDS = 10
WORKER_TTL_SECONDS = 60
MAINTENANCE_SECONDS = 30
JOB_MEMORY_BYTES = 4 * 1024**3


class OutboxWorker(Worker):
    """RQ's worker, which also keeps the database's lease of the message it works on."""

    database: Database

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run the job in the forked process, which must not go on when its worker is gone."""
        assert self.pid is not None
        die_with_parent(self.pid)
        _limit_memory()
        super().main_work_horse(job, queue)

    def maintain_heartbeats(self, job: Job) -> None:
        """Called every few seconds while a job runs."""
        try:
            super().maintain_heartbeats(job)
        except redis.RedisError:
            # The job can do without Redis to its end; the row in the outbox is what counts.
            log.warning("queue unreachable while a job runs", uid=job.id)
        try:
            running.extend_lease(self.database, uuid.UUID(job.id))
        except (Busy, SQLAlchemyError):
            log.warning("lease not extended", uid=job.id)
        # The next job is forked from here: it must not inherit an open connection.
        self.database.dispose()


def _limit_memory() -> None:
    """A file that makes a parser ask for everything must end its job, not the machine."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > JOB_MEMORY_BYTES:
        resource.setrlimit(resource.RLIMIT_AS, (JOB_MEMORY_BYTES, hard))


def main() -> None:
    """Work until SIGTERM."""
    settings = Settings.from_environment()
    logs.configure(settings.log_level)
    # Imported and mapped once here instead of in every forked process.
    assert f"{perform.__module__}.{perform.__qualname__}" == queue.PERFORM
    models.Base.registry.configure()
    _import_pandas()
    connection = redis.Redis.from_url(settings.redis_url)
    worker = OutboxWorker(
        [Queue(name, connection=connection, serializer=JSONSerializer) for name in queue.QUEUES],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=SIGN_OF_LIFE_SECONDS,
    )
    worker.database = Database(settings.database_url)
    # RQ reports every run as a success; what became of the job is logged by `performing`.
    worker.work(logging_level="WARNING")


def _import_pandas() -> None:
    """Spare every import job the second and a half that pandas takes to load.

    With one thread of its linear algebra library there is none that a fork would leave behind.
    """
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    importlib.import_module("pandas")


if __name__ == "__main__":
    main()
