"""A browser at the desk, and the jobs done by hand."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.outbox import OutboxMessage
from app.jobs.performing import perform_with
from app.jobs.registry import JOBS
from tests.support.web import log_in


def fetch(client: FlaskClient, path: str, **options: Any) -> TestResponse:
    """Read an answer to its end, as a browser does."""
    return client.get(path, buffered=True, **options)


@pytest.fixture
def work(app, app_settings, plant, database, monkeypatch) -> Callable[[], None]:
    """Let the worker do what is in the outbox, in the data folder of the application."""
    monkeypatch.setenv("ROLLCALL_DATA", str(app_settings.data))
    monkeypatch.setenv("SECRET_KEY", app_settings.secret_key.get_secret_value())

    def act() -> None:
        with database.reader() as session:
            uids = session.scalars(
                sa.select(OutboxMessage.uid)
                .where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
                .order_by(OutboxMessage.id)
            ).all()
        for uid in uids:
            perform_with(database, uid, JOBS)

    return act


@pytest.fixture
def keeper(app, plant) -> FlaskClient:
    """The keeper of hot rolling, logged in."""
    client = app.test_client()
    log_in(client, "keeper")
    return client
