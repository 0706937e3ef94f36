"""Taking an import back as one: reversals of its movements, its changes changed back.

All of it or nothing, in one transaction. The ledger refuses under its locks what was built upon
since; before that, people are told what it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.errors import DomainError
from app.core.rights import Actor, Permission, require
from app.domain.catalog.commands import change_items, remove_items
from app.domain.catalog.rules import ItemChange
from app.domain.codes.commands import withdraw_aliases
from app.domain.codes.rules import CodeKind
from app.domain.imports.commands.checking import current_run
from app.domain.imports.models import ImportKind, ImportRow, ImportRun, RowOutcome, RunState
from app.domain.imports.queries import count_rows
from app.domain.imports.undo_queries import (
    REFERENCE,
    Blocker,
    BookedRow,
    each_booked,
    find_blockers,
)
from app.domain.ledger.commands import Described, Details, describe_units, reverse_many
from app.domain.ledger.models import Movement, Posting, Verb
from app.domain.lots.commands import remove_lots

LINES_AT_ONCE = 4_000
BLOCKERS_NAMED = 20
Step = Callable[[int], None]


class UndoRefused(DomainError):
    """Later acts build on what the file has booked."""

    code = "built_upon"

    def __init__(self, blockers: Sequence[Blocker]) -> None:
        named = ", ".join(blocker.what for blocker in blockers[:3])
        is_one = len(blockers) == 1
        super().__init__(
            f"This import cannot be undone: {named}{'' if len(blockers) <= 3 else ' and more'} "
            f"{'was' if is_one else 'were'} used since. "
            f"Reverse what was done with {'it' if is_one else 'them'} first."
        )
        self.blockers = tuple(blockers[:BLOCKERS_NAMED])


def refuse_if_built_upon(session: Session, *, run: ImportRun) -> None:
    """Raise UndoRefused with what stands against an undo."""
    blockers = find_blockers(session, run=run, limit=BLOCKERS_NAMED + 1)
    if blockers:
        raise UndoRefused(blockers)


def take_back(
    session: Session,
    *,
    actor: Actor,
    run_id: int,
    message_uid: uuid.UUID,
    reason: str,
    on_progress: Step = lambda _rows: None,
) -> ImportRun:
    """Undo what the run has booked. Raises UndoRefused, Superseded, Forbidden."""
    run = current_run(session, run_id, message_uid)
    if run.state == RunState.UNDONE:
        return run
    require(actor, Permission.IMPORTS_RUN, site_id=run.site_id, department_id=run.department_id)
    refuse_if_built_upon(session, run=run)
    if run.kind == ImportKind.UNITS:
        _reverse_movements(session, actor, run, reason, on_progress)
    for rows in each_booked(session, run=run, outcome=RowOutcome.UPDATED):
        _change_back(session, actor, run, rows)
    for rows in each_booked(session, run=run, outcome=RowOutcome.CREATED):
        _take_out(session, actor, run, [row.subject_id for row in rows])
    session.execute(
        sa.update(ImportRow)
        .where(ImportRow.run_id == run_id)
        .values(is_booked=False)
        .execution_options(synchronize_session=False)
    )
    run = current_run(session, run_id, message_uid)
    run.counts = run.counts | count_rows(session, run_id=run_id) | {"undone": run.counts["booked"]}
    run.state = RunState.UNDONE
    run.finished_at = now()
    return run


def _reverse_movements(
    session: Session, actor: Actor, run: ImportRun, reason: str, on_progress: Step
) -> None:
    said = f"Import undone: {reason}" if reason else "Import undone"
    details = Details(reference_type=REFERENCE, reference_id=str(run.uid))
    done = 0
    for part, lines in _batches(session, run):
        reverse_many(session, actor=actor, movement_ids=part, reason=said, details=details)
        done += lines
        # A roll that was put away is moved twice.
        on_progress(min(done, run.counts["booked"]))


def _batches(session: Session, run: ImportRun) -> Iterator[tuple[list[int], int]]:
    """The standing movements of the run, newest first, with how many lines they have.

    No batch holds two verbs, so none moves a roll twice.
    """
    undoing = aliased(Movement)
    movements = session.execute(
        sa.select(Movement.id, Movement.verb, sa.func.count(Posting.id))
        .join(Posting, Posting.movement_id == Movement.id)
        .where(
            Movement.reference_type == REFERENCE,
            Movement.reference_id == str(run.uid),
            Movement.site_id == run.site_id,
            Movement.verb != Verb.REVERSE,
            ~sa.exists().where(undoing.reverses_id == Movement.id),
        )
        .group_by(Movement.id, Movement.verb)
        .order_by(Movement.id.desc())
    ).all()
    part: list[int] = []
    lines, verb = 0, None
    for movement_id, its_verb, its_lines in movements:
        if part and (its_verb != verb or lines + its_lines > LINES_AT_ONCE):
            yield part, lines
            part, lines = [], 0
        part.append(movement_id)
        lines, verb = lines + its_lines, its_verb
    if part:
        yield part, lines


def _change_back(session: Session, actor: Actor, run: ImportRun, rows: Sequence[BookedRow]) -> None:
    if run.kind == ImportKind.UNITS:
        wanted = [
            Described(row.subject_id, {one["field"]: one["before"] for one in row.changes})
            for row in rows
        ]
        describe_units(session, actor=actor, wanted=wanted)
    else:
        changes = [ItemChange(row.subject_id, _before(row)) for row in rows]
        change_items(session, actor=actor, changes=changes)


def _before(row: BookedRow) -> dict[str, Any]:
    """What an item said before."""
    values: dict[str, Any] = {}
    properties = dict(row.properties)
    for change in row.changes:
        field, before = change["field"], change["before"]
        if change["is_property"]:
            properties |= {field: before}
            values["properties"] = {name: value for name, value in properties.items() if value}
        elif field == "name":
            values["name"] = before
        elif field == "usual weight":
            values["typical_quantity"] = Decimal(before) if before else None
        else:
            values["tolerance_percent"] = int(before) if before else None
    return values


def _take_out(session: Session, actor: Actor, run: ImportRun, ids: Sequence[int]) -> None:
    """What is left of things that were new: a voided roll keeps its label, not its number."""
    if run.kind == ImportKind.UNITS:
        withdraw_aliases(session, CodeKind.UNIT, ids)
    elif run.kind == ImportKind.ITEMS:
        remove_items(session, actor=actor, item_ids=ids)
    else:
        remove_lots(session, actor=actor, lot_ids=ids)
