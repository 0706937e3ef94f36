"""The schema goes up and down on both engines and says what the models say."""

import sqlalchemy as sa

from app.core import migrations
from app.core.database import Database


def test_the_schema_goes_up_down_and_up_again(empty_database_url: str):
    database = Database(empty_database_url)

    migrations.upgrade(database.engine)
    tables = set(sa.inspect(database.engine).get_table_names())
    migrations.downgrade(database.engine, "base")
    left = set(sa.inspect(database.engine).get_table_names())
    migrations.upgrade(database.engine)

    assert {"movements", "postings", "balances", "scan_events"} <= tables
    assert left <= {"alembic_version"}
    assert set(sa.inspect(database.engine).get_table_names()) == tables
    database.dispose()


def test_models_and_migrations_agree(database: Database):
    migrations.check(database.engine)
