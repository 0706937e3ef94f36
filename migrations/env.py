"""Alembic's entry: runs on the connection it is given, or on DATABASE_URL."""

from __future__ import annotations

import os
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from app.core.types import Quantity, UtcDateTime
from app.domain.models import Base

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write plain types into migrations, so that an old one never imports today's code."""
    if kind != "type":
        return False
    if isinstance(item, Quantity):
        return "sa.BigInteger()"
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, sa.JSON):
        return "sa.JSON().with_variant(JSONB(), 'postgresql')"
    return False


def run(connection: sa.Connection) -> None:
    """Apply the migrations on this connection."""
    if connection.dialect.name == "postgresql":
        # A migration that waits for a lock makes everybody behind it wait as well.
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        connection.exec_driver_sql(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = sa.create_engine(os.environ["DATABASE_URL"], poolclass=sa.NullPool)
    with engine.connect() as own:
        run(own)
