"""`flask database …`: the schema, and the rows without which nothing works.

Alembic is imported where it is used: it takes a while, and every process loads this module.
"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.reference import ensure_reference_rows
from app.web.database import get_database

group = AppGroup("database", help="The schema.")


@group.command("upgrade")
def upgrade() -> None:
    """Bring the database to the schema of this version, with its reference rows."""
    from app.core import migrations

    database = get_database()
    migrations.upgrade(database.engine)
    database.unit_of_work(ensure_reference_rows, deadline_seconds=60)


@group.command("check")
def check() -> None:
    """Fail when the database's schema is not the one of this version's models."""
    from alembic.util import CommandError

    from app.core import migrations

    try:
        migrations.check(get_database().engine)
    except CommandError as error:
        raise click.ClickException(str(error)) from error
