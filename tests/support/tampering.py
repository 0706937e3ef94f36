"""Changing what nobody may change: behind the triggers, as somebody with the file or the server."""

import sqlalchemy as sa

from app.core.database import Database


def behind_the_triggers(database: Database, *statements: str) -> None:
    """Run statements with triggers and foreign keys asleep, then leave them as they were."""
    with database.engine.connect() as connection:
        if database.dialect == "postgresql":
            connection.execute(sa.text("SET session_replication_role = replica"))
            for statement in statements:
                connection.execute(sa.text(statement))
            connection.execute(sa.text("SET session_replication_role = origin"))
            connection.commit()
            return
        raw = connection.connection.dbapi_connection
        connection.rollback()
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = triggers.fetchall()
        raw.execute("PRAGMA foreign_keys=OFF")
        for name, _ in kept:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            raw.execute(statement)
        for _, text in kept:
            raw.execute(text)
        raw.execute("PRAGMA foreign_keys=ON")
