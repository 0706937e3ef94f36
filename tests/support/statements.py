"""Counting the statements that something sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session


@dataclass
class Statements:
    """What was sent, in order, without what only frames a transaction."""

    texts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.texts)


@contextmanager
def counting_statements(source: Session | sa.Engine) -> Iterator[Statements]:
    """Everything that the engine of `source` executes within the block."""
    bind = source.get_bind() if isinstance(source, Session) else source
    engine = bind.engine
    statements = Statements()

    def note(_connection, _cursor, statement, _parameters, _context, _executemany):
        if not statement.startswith(("BEGIN", "SET LOCAL")):
            statements.texts.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
