"""`flask database …`: the schema."""

from __future__ import annotations

from flask.cli import AppGroup

from app.core import migrations
from app.web.database import get_database

group = AppGroup("database", help="The schema.")


@group.command("upgrade")
def upgrade() -> None:
    """Bring the database to the schema of this version."""
    migrations.upgrade(get_database().engine)
