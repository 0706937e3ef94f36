"""A relay between a database of the test and a real Valkey, and messages to send."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.core.database import Database
from app.core.outbox import OutboxMessage, enqueue
from app.jobs import queue
from app.jobs.relay import Relay
from tests.support.valkey import Valkey
from tests.support.worker import WorkerProcess


@pytest.fixture
def relay(database: Database, valkey: Valkey) -> Iterator[Relay]:
    connection = queue.connect(valkey.url)
    yield Relay(database, connection)
    connection.close()


@pytest.fixture
def worker(database_url: str, valkey: Valkey) -> Iterator[WorkerProcess]:
    """A worker that is not started yet."""
    process = WorkerProcess(database_url, valkey.url)
    yield process
    process.stop()


class Outbox:
    """Writes messages as a command would, and reads them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, job: str = "test.count", **payload: Any) -> OutboxMessage:
        return self._database.unit_of_work(lambda session: enqueue(session, job, payload))

    def get(self, message: OutboxMessage) -> OutboxMessage:
        with self._database.reader() as session:
            return session.get_one(OutboxMessage, message.id)

    def change(self, message: OutboxMessage, **values: Any) -> None:
        def work(session: Any) -> None:
            row = session.get_one(OutboxMessage, message.id)
            for name, value in values.items():
                setattr(row, name, value)

        self._database.unit_of_work(work)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)
