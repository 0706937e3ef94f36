"""`flask database upgrade` and `check`."""

import pytest
import sqlalchemy as sa
from flask import Flask

from app.core.database import Database
from app.domain.accounts.models import Role
from app.domain.lots.models import NO_LOT, Lot


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    return empty_database_url


def test_an_empty_database_gets_the_schema_and_the_reference_rows(app: Flask, database: Database):
    for _ in range(2):
        result = app.test_cli_runner().invoke(args=["database", "upgrade"])
        assert result.exit_code == 0, result.output

    with database.reader() as session:
        assert session.get(Lot, NO_LOT) is not None
        assert session.scalar(sa.select(sa.func.count()).select_from(Role)) == 10
    assert app.test_cli_runner().invoke(args=["database", "check"]).exit_code == 0


def test_check_fails_where_the_schema_is_not_the_one_of_the_models(app: Flask, database: Database):
    app.test_cli_runner().invoke(args=["database", "upgrade"])
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE items ADD COLUMN colour VARCHAR(20)"))

    result = app.test_cli_runner().invoke(args=["database", "check"])

    assert result.exit_code == 1
