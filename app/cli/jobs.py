"""`flask jobs …`: the scheduler, and a look at the queue."""

from __future__ import annotations

import signal
import threading

import click
from flask import current_app
from flask.cli import AppGroup

from app.jobs import queue, schedule
from app.jobs.relay import Relay
from app.web.database import get_database

group = AppGroup("jobs", help="Queue and schedule.")


@group.command("schedule")
def run_schedule() -> None:
    """Do the periodic work until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    schedule.run(_relay(), stop)


@group.command("status")
def show_status() -> None:
    """Say whether the queue answers, who works on it and how much waits."""
    state = queue.look_at(_relay().connection)
    click.echo(f"reachable: {state.is_reachable}")
    click.echo(f"workers:   {state.workers}")
    click.echo(f"waiting:   {state.waiting}")


def _relay() -> Relay:
    return Relay(get_database(), queue.connect(current_app.extensions["settings"].redis_url))
