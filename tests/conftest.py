"""Fixtures that every layer shares: databases of either engine, the application, a Valkey."""

import secrets
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from app.core.database import Database
from config import Settings
from tests.factories.plant import Plant, build_plant
from tests.support.databases import Databases, databases_for
from tests.support.valkey import Valkey

# A database per test is function-scoped, and two busy cores make any deadline a lottery.
settings.register_profile(
    "run",
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("soak", settings.get_profile("run"), max_examples=1_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rollcall")
    group.addoption("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    group.addoption("--isolation", default=None, help="isolation level, e.g. SERIALIZABLE")


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("run")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """The maker of fresh databases on the engine of this run."""
    made = databases_for(request.config.getoption("--engine"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def built_plant(databases: Databases) -> tuple[str, Plant]:
    """The little plant, built once: the database at rest, and its rows, detached."""
    url = databases.create()
    opened = Database(url)
    plant = opened.unit_of_work(build_plant)
    opened.dispose()
    return url, plant


@pytest.fixture
def database_url(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A migrated database of its own for this test, with the plant if the test asks for it."""
    has_plant = "plant" in request.fixturenames
    url = databases.create(like=request.getfixturevalue("built_plant")[0] if has_plant else None)
    yield url
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database with no table in it, for tests of migrations."""
    url = databases.create(empty=True)
    yield url
    databases.drop(url)


@pytest.fixture
def database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Database]:
    opened = Database(database_url, isolation_level=request.config.getoption("--isolation"))
    yield opened
    opened.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that may write. What it wrote is gone after the test.

    On SQLite it holds the writer's lock from its first statement to its commit.
    """
    writer = database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with Session(writer, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def plant(database: Database, built_plant: tuple[str, Plant]) -> Plant:
    """The little plant in this test's database; its rows are detached but complete."""
    return built_plant[1]


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    server = Valkey()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey(valkey_server: Valkey) -> Valkey:
    """A running, empty Valkey, whatever the test before did to it."""
    valkey_server.revive()
    valkey_server.flush()
    return valkey_server


@pytest.fixture
def app_settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of an application over plain http whose queue cannot be reached."""
    data = tmp_path_factory.mktemp("data")
    return Settings(
        data=data,
        database_url=database_url,
        redis_url=f"unix://{data}/nobody-listens.sock",
        secret_key=secrets.token_urlsafe(48),
        session_cookie_secure=False,
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once, not anew for every application."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(app_settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    # Only here: tests of the domain must pass without the web.
    from app import create_app

    created = create_app(app_settings)
    created.jinja_env.bytecode_cache = compiled_templates
    created.testing = True
    yield created
    created.extensions["database"].dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
