"""`flask jobs …`: the scheduler."""

from __future__ import annotations

import signal
import threading

from flask import current_app
from flask.cli import AppGroup

from app.jobs import queue, schedule
from app.jobs.relay import Relay
from app.web.database import get_database

group = AppGroup("jobs", help="Work outside of requests.")


@group.command("schedule")
def run_schedule() -> None:
    """Do the periodic work until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    connection = queue.connect(current_app.extensions["settings"].redis_url)
    schedule.run(Relay(get_database(), connection), stop)
