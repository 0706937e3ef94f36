"""`flask jobs schedule` does periodic work until it is told to stop."""

import os
import secrets
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from app.core.clock import now
from app.core.outbox import OutboxMessage, enqueue
from tests.support.worker import eventually

ROOT = Path(__file__).resolve().parents[3]


def test_it_sends_what_is_overdue_and_ends_at_sigterm(database, database_url, valkey):
    message = database.unit_of_work(lambda session: enqueue(session, "test.count", {}))
    database.unit_of_work(lambda session: age(session.get_one(OutboxMessage, message.id)))
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": valkey.url,
        "SECRET_KEY": secrets.token_urlsafe(48),
    }

    with subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "schedule"],
        cwd=ROOT,
        env=os.environ | settings,
        stderr=subprocess.DEVNULL,
    ) as scheduler:
        try:
            with valkey.connect() as connection:
                eventually(lambda: connection.lrange("rq:queue:default", 0, -1) != [])
                waiting = connection.lrange("rq:queue:default", 0, -1)
        finally:
            scheduler.send_signal(signal.SIGTERM)
        status = scheduler.wait(20)

    assert waiting == [str(message.uid).encode()]
    assert status == 0


def age(message):
    message.created_at = now() - timedelta(minutes=1)
