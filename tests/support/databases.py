"""Fresh migrated databases, cheap enough for one per test: each is a copy of a template."""

import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import Protocol

from app.core import migrations
from app.core.database import Database
from tests.support.postgres import Postgres, memory_folder


class Databases(Protocol):
    """Where tests get their databases from."""

    def create(self, *, empty: bool = False, like: str | None = None) -> str:
        """The URL of a new database: migrated, with nothing in it, or a copy of one at rest."""

    def drop(self, url: str) -> None: ...

    def close(self) -> None: ...


def _migrate(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database.engine)
    database.dispose()


def _path(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


class SqliteDatabases:
    """Each database is a file, in memory where the system has a place for that."""

    def __init__(self) -> None:
        in_memory = memory_folder(500_000_000, "rollcall-sqlite-")
        self._folder = in_memory or Path(tempfile.mkdtemp(prefix="rollcall-sqlite-"))
        self._numbers = count(1)
        self._template: Path | None = None

    def create(self, *, empty: bool = False, like: str | None = None) -> str:
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        if not empty:
            shutil.copyfile(_path(like) if like else self._migrated_template(), path)
        return f"sqlite:///{path}"

    def _migrated_template(self) -> Path:
        if self._template is None:
            path = self._folder / "template.sqlite3"
            _migrate(f"sqlite:///{path}")
            self._template = path
        return self._template

    def drop(self, url: str) -> None:
        path = _path(url)
        for part in path.parent.glob(f"{path.name}*"):
            part.unlink()

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


class PostgresDatabases:
    """Each database is made from a template on one server."""

    def __init__(self) -> None:
        self._server = Postgres()
        self._server.start()
        self._numbers = count(1)
        self._has_template = False

    def create(self, *, empty: bool = False, like: str | None = None) -> str:
        template = "template0" if empty else _name(like) if like else self._migrated_template()
        name = f"test_{next(self._numbers)}"
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self._server.url(name)

    def _migrated_template(self) -> str:
        if not self._has_template:
            self._server.execute("CREATE DATABASE migrated")
            _migrate(self._server.url("migrated"))
            self._has_template = True
        return "migrated"

    def drop(self, url: str) -> None:
        self._server.execute(f"DROP DATABASE {_name(url)} WITH (FORCE)")

    def close(self) -> None:
        self._server.stop()


def databases_for(engine: str) -> Databases:
    return PostgresDatabases() if engine == "postgresql" else SqliteDatabases()
