"""A keeper's browser, files to hand in, and the jobs done by hand."""

import io
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.database import Database
from app.core.outbox import OutboxMessage
from app.jobs.performing import perform_with
from app.jobs.registry import JOBS
from config import Settings
from tests.factories.imports import write_workbook
from tests.factories.plant import Plant
from tests.support.web import csrf_of, log_in


class Desk:
    """One person at the desk."""

    def __init__(self, client: FlaskClient, database: Database, folder: Path) -> None:
        self.client = client
        self.database = database
        self._folder = folder

    def work(self) -> None:
        """Let the worker do what is in the outbox."""
        with self.database.reader() as session:
            uids = session.scalars(
                sa.select(OutboxMessage.uid)
                .where(OutboxMessage.done_at.is_(None), OutboxMessage.failed_at.is_(None))
                .order_by(OutboxMessage.id)
            ).all()
        for uid in uids:
            perform_with(self.database, uid, JOBS)

    def send(self, path: str, *, page: str | None = None, **fields: Any) -> TestResponse:
        """POST a form with the token of the page that it stands on."""
        token = csrf_of(self.client.get(page or path))
        return self.client.post(path, data={"csrf_token": token, **fields})

    def upload(self, plant: Plant, rows: list[dict[str, Any]], name: str = "a.xlsx") -> str:
        """Hand a workbook in; the address of its run."""
        path = write_workbook(self._folder / "upload.xlsx", rows)
        return self.upload_bytes(plant, path.read_bytes(), name)

    def upload_bytes(self, plant: Plant, content: bytes, name: str) -> str:
        answer = self.send(
            "/material-entry/bulk/",
            department=str(plant.hot_rolling.id),
            file=(io.BytesIO(content), name),
        )
        assert answer.status_code == 303, answer.text
        return str(answer.location)

    def checked(self, plant: Plant, rows: list[dict[str, Any]], **answers: str) -> str:
        """Hand a workbook in and have it checked, with these answers; weights are in kg."""
        path = self.upload(plant, rows)
        self.work()
        self.answer(path, **({"weight_unit": "kg"} | answers))
        return path

    def answer(self, path: str, **answers: str) -> TestResponse:
        page = self.client.get(path)
        answer = self.client.post(
            f"{path}check", data={"csrf_token": csrf_of(page), **meanings_of(page.text), **answers}
        )
        self.work()
        return answer


def meanings_of(page: str) -> dict[str, str]:
    """The fields of the columns as the page shows them."""
    from html.parser import HTMLParser

    class Reader(HTMLParser):
        found: dict[str, str] = {}
        name = ""

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            given = dict(attrs)
            if tag == "select":
                self.name = given.get("name") or ""
            if tag == "option" and "selected" in given and self.name.startswith("meanings-"):
                self.found[self.name] = given.get("value") or ""

    reader = Reader()
    reader.found = {}
    reader.feed(page)
    return reader.found


@pytest.fixture
def desk(
    app: Flask,
    app_settings: Settings,
    plant: Plant,
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    """The keeper, logged in; the jobs find the same data folder."""
    monkeypatch.setenv("ROLLCALL_DATA", str(app_settings.data))
    monkeypatch.setenv("SECRET_KEY", app_settings.secret_key.get_secret_value())
    client = app.test_client()
    log_in(client, "keeper")
    return Desk(client, database, tmp_path)
