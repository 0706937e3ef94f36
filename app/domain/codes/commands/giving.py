"""Giving label codes and foreign codes to things. A token is never given twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import SystemRandom
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid
from app.core.rows import insert_rows, rows_from
from app.domain.codes.models import Alias, LabelCode
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import (
    LONGEST_ALIAS,
    CodeKind,
    is_token,
    make_token,
    normalise_alias,
)

_RANDOM = SystemRandom()


class AliasTaken(DomainError):
    """A foreign code already stands for another thing."""

    code = "alias_taken"


def assign_codes(session: Session, kind: CodeKind, subject_ids: Sequence[int]) -> dict[int, str]:
    """Give each subject a token; returns the token by subject. One that has a label keeps it.

    A token that exists already (of 9.5 × 10¹⁴, so hardly ever) is drawn again.
    """
    assigned: dict[int, str] = {}
    missing = list(dict.fromkeys(subject_ids))
    table: Any = LabelCode.__table__
    while missing:
        rows = [
            {
                "token": make_token(kind, _RANDOM),
                "kind": kind.value,
                "subject_id": subject_id,
                "created_at": now(),
            }
            for subject_id in missing
        ]
        inserted = insert_rows(
            session,
            table,
            rows,
            names=["token", "kind", "subject_id", "created_at"],
            order_by=["token"],
            ignore_conflicts=True,
            returning=["subject_id", "token"],
        )
        assigned.update({row.subject_id: row.token for row in inserted})
        missing = [subject_id for subject_id in missing if subject_id not in assigned]
        assigned.update(tokens_of(session, kind, missing))
        missing = [subject_id for subject_id in missing if subject_id not in assigned]
    return assigned


def add_aliases(
    session: Session, site_id: int, scheme: str, kind: CodeKind, values: Mapping[str, int]
) -> None:
    """Let foreign codes stand for subjects of one kind at one site.

    A code that already stands for the same subject is left as it is. Raises AliasTaken where it
    stands for another one, Invalid where a code could never be read back.
    """
    wanted = _readable(values)
    table: Any = Alias.__table__
    shared = {"site_id": site_id, "scheme": scheme, "kind": kind.value, "created_at": now()}
    rows = [{**shared, "value": value, "subject_id": wanted[value]} for value in wanted]
    insert_rows(
        session,
        table,
        rows,
        names=["site_id", "scheme", "kind", "value", "subject_id", "created_at"],
        order_by=["value"],
        ignore_conflicts=True,
    )
    _refuse_taken(session, rows)


def withdraw_codes(session: Session, kind: CodeKind, subject_ids: Sequence[int]) -> None:
    """Take back the label codes and foreign codes of things that are taken out again.

    Nothing may be found by them any more, least of all something new that gets the same id.
    """
    withdraw_aliases(session, kind, subject_ids)
    _withdraw(session, LabelCode.__table__, kind, subject_ids)


def withdraw_aliases(session: Session, kind: CodeKind, subject_ids: Sequence[int]) -> None:
    """Free the foreign codes of things that never were; their label codes stay theirs for ever."""
    _withdraw(session, Alias.__table__, kind, subject_ids)


def _withdraw(session: Session, table: Any, kind: CodeKind, subject_ids: Sequence[int]) -> None:
    rows = [{"subject_id": subject_id} for subject_id in subject_ids]
    wanted = rows_from(session, rows, [table.c.subject_id])
    session.execute(
        sa.delete(table).where(
            table.c.kind == kind.value, table.c.subject_id.in_(sa.select(wanted.c.subject_id))
        )
    )


def _readable(values: Mapping[str, int]) -> dict[str, int]:
    readable: dict[str, int] = {}
    for text, subject_id in values.items():
        value = normalise_alias(text)
        if not value or len(value) > LONGEST_ALIAS or is_token(value):
            raise Invalid(
                f"“{text[:40]}” cannot be used as a code: it must have 1 to {LONGEST_ALIAS} "
                "characters and must not look like one of our own label codes.",
                field="alias",
            )
        if readable.setdefault(value, subject_id) != subject_id:
            raise AliasTaken(f"“{value}” is given to two things.", field="alias", value=value)
    return readable


def _refuse_taken(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    table: Any = Alias.__table__
    key = ("site_id", "scheme", "kind", "value")
    wanted = rows_from(session, rows, [table.c[name] for name in (*key, "subject_id")])
    taken = session.scalars(
        sa.select(table.c.value)
        .join(wanted, sa.and_(*[table.c[name] == wanted.c[name] for name in key]))
        .where(table.c.subject_id != wanted.c.subject_id)
        .order_by(table.c.value)
        .limit(20)
    ).all()
    if taken:
        raise AliasTaken(
            f"{', '.join(f'“{value}”' for value in taken)} already stands for something else.",
            field="alias",
            values=list(taken),
        )
