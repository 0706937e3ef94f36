"""Writing very many rows: COPY on PostgreSQL, one prepared statement on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

ROWS_AT_ONCE = 5_000
Row = Sequence[int | str | float | None]


def write_rows(session: Session, model: Any, names: Sequence[str], rows: Iterable[Row]) -> int:
    """Write rows as they come, with ids that the caller gave; how many there were.

    Values are as the database keeps them: quantities in micro-units, times and ids as text.
    """
    table: sa.Table = model.__table__
    connection = session.connection()
    driver = connection.connection.dbapi_connection
    assert driver is not None
    is_copy = connection.dialect.name == "postgresql"
    count, batches = 0, iter(rows)
    if is_copy:
        statement = f"COPY {table.name} ({', '.join(names)}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for batch in _batches(batches):
                copy.write("".join(_line(row) for row in batch))
                count += len(batch)
    else:
        marks = ", ".join("?" * len(names))
        statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        for batch in _batches(batches):
            driver.cursor().executemany(statement, batch)
            count += len(batch)
    return count


def finish_bulk(session: Session, models: Sequence[Any]) -> None:
    """Let numbering go on behind the ids that were given, and tell the planner what is there."""
    if session.get_bind().dialect.name == "postgresql":
        for model in models:
            name = model.__table__.name
            highest = sa.select(sa.func.max(model.__table__.c.id)).scalar_subquery()
            session.execute(
                sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(name, "id"), highest))
            )
    session.execute(sa.text("ANALYZE"))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch


def _line(row: Row) -> str:
    return "\t".join("\\N" if value is None else str(value) for value in row) + "\n"
