"""Asking about weights that are far off what rolls of the item usually weigh."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.rows import rows_from, update_rows
from app.domain.imports.commands.checking import current_run
from app.domain.imports.known_queries import usual_weights
from app.domain.imports.models import ImportRow, RowOutcome
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Problem
from app.domain.imports.rules.tally import Tally, Unusual
from app.domain.imports.rules.weights import FEWEST_ROLLS

ANSWER = "accept_weights"
ROWS_AT_ONCE = 2_000
_ROWS: Any = ImportRow.__table__
_NAMES = ("outcome", "message", "problems")


def ask_about_weights(
    session: Session, *, run_id: int, message_uid: uuid.UUID, tally: Tally
) -> Unusual:
    """Hold back the new rolls whose weight nobody would expect, unless somebody said that these
    weights are right. Returns what the tally must know of it.
    """
    current_run(session, run_id, message_uid)
    weights = tally.weights
    # Without a measure, the rolls of the file can still be compared with each other.
    unit = "kg" if tally.layout.weight_unit else ""
    few = [item for item, rows in weights.rows.items() if len(rows) < FEWEST_ROLLS]
    usual = usual_weights(session, items=list(weights.rows), few=few) if unit else {}
    unusual = weights.unusual(usual, unit)
    found = Unusual()
    column = tally.layout.name_of(Meaning.WEIGHT)
    row_nos = sorted(unusual)
    for start in range(0, len(row_nos), ROWS_AT_ONCE):
        rows = _rows(session, run_id, row_nos[start : start + ROWS_AT_ONCE])
        changes = []
        for row in rows:
            expected = unusual[row.row_no]
            problem = Problem(column, expected, row.cells.get(column, ""), answer=ANSWER)
            changes.append(_held(row, problem))
            is_good = row.outcome == RowOutcome.CREATED
            found.add(row.row_no, problem.found, Decimal(row.said["weight"]) if is_good else None)
        if not tally.options.accept_weights:
            update_rows(session, _ROWS, changes, keys=("id",), names=_NAMES)
    return found


def _rows(session: Session, run_id: int, row_nos: list[int]) -> list[Any]:
    """Those of the rows that would be new rolls: nobody asks about what is in stock already."""
    wanted = rows_from(session, [{"row_no": number} for number in row_nos], [_ROWS.c.row_no])
    columns = [_ROWS.c[name] for name in ("id", "row_no", "cells", "said", *_NAMES)]
    statement = (
        sa.select(*columns)
        .join(wanted, wanted.c.row_no == _ROWS.c.row_no)
        .where(
            _ROWS.c.run_id == run_id,
            _ROWS.c.outcome.in_((RowOutcome.CREATED, RowOutcome.FAILED)),
            _ROWS.c.subject_id.is_(None),
        )
        .order_by(_ROWS.c.row_no)
    )
    return list(session.execute(statement))


def _held(row: Any, problem: Problem) -> dict[str, Any]:
    said = f"{problem.column}: expected {problem.expected}, found {problem.found}."
    is_first = row.outcome == RowOutcome.CREATED
    return {
        "id": row.id,
        "outcome": RowOutcome.FAILED,
        "message": said if is_first else f"{row.message} {said}",
        "problems": [*row.problems, asdict(problem)],
    }
