"""The request's database: one reader for its reads, units of work for its writes.

A reader lives as long as the request and never writes; whatever writes goes through
`unit_of_work`, which may run its function more than once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from app.core.database import Database

T = TypeVar("T")


def init_app(app: Flask, database: Database) -> None:
    """Give the application its database; no connection is opened here."""
    app.extensions["database"] = database
    app.teardown_appcontext(_close_reader)


def get_database() -> Database:
    """The application's database."""
    return cast(Database, current_app.extensions["database"])


def reading() -> Session:
    """The session for reads of this request."""
    if "reader" not in g:
        g.reader = get_database().reader()
    return cast(Session, g.reader)


def unit_of_work(work: Callable[[Session], T], *, deadline_seconds: float = 5) -> T:
    """Run `work` in one transaction and commit it.

    The reader starts afresh afterwards: its old snapshot would not show what was just written.
    """
    _refresh_reader()
    result = get_database().unit_of_work(work, deadline_seconds=deadline_seconds)
    _refresh_reader()
    return result


def _refresh_reader() -> None:
    reader: Session | None = g.get("reader")
    if reader is not None:
        reader.rollback()


def _close_reader(_error: BaseException | None) -> None:
    reader: Session | None = g.pop("reader", None)
    if reader is not None:
        reader.close()
