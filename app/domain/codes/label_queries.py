"""What became of the labels of a thing: its codes, the acts on them, and where the thing belongs.

The things themselves live in areas above this one, so their tables are only named here.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.domain.codes.models import LabelAct, LabelCode, LabelEntry, LabelState
from app.domain.codes.rules import CodeKind, replaced_words, token_in, void_words

CODES_AT_MOST = 50
ACTS_AT_MOST = 100
RETIRED_AT_MOST = 10_000

_USERS = sa.table("users", sa.column("id"), sa.column("name"), sa.column("home_department_id"))
_DEPARTMENTS = sa.table("departments", sa.column("id"), sa.column("site_id"))
# Where the things of a kind belong: table, site, department. Other kinds belong to every site.
_PLACES: dict[CodeKind, tuple[Any, str, str]] = {
    kind: (
        sa.table(name, sa.column("id"), sa.column("site_id"), sa.column("department_id")),
        "site_id",
        department,
    )
    for kind, name, department in (
        (CodeKind.UNIT, "units", "department_id"),
        (CodeKind.LOCATION, "locations", "department_id"),
        (CodeKind.DEPARTMENT, "departments", "id"),
    )
}


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One label of a thing."""

    token: str
    state: LabelState
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act on a label: `other` is the new label, or the one that it was exchanged with."""

    act: LabelAct
    token: str
    other: str | None
    at: datetime
    by_name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RetiredCode:
    """A label that no longer counts: its thing's current one, and what to say when it is scanned.

    `newest` is None for a void label, which finds nothing.
    """

    token: str
    newest: str | None
    words: str


def place_of(session: Session, kind: CodeKind, subject_id: int) -> tuple[int | None, int | None]:
    """The site and the department where rights on a thing's labels are asked; None: anywhere."""
    query: sa.Select[Any] | None = None
    if kind in _PLACES:
        table, site, department = _PLACES[kind]
        query = sa.select(table.c[site], table.c[department]).where(table.c.id == subject_id)
    elif kind is CodeKind.PERSON:
        query = (
            sa.select(_DEPARTMENTS.c.site_id, _DEPARTMENTS.c.id)
            .join(_USERS, _USERS.c.home_department_id == _DEPARTMENTS.c.id)
            .where(_USERS.c.id == subject_id)
        )
    row = session.execute(query).first() if query is not None else None
    return (row[0], row[1]) if row else (None, None)


def codes_of(session: Session, kind: CodeKind, subject_id: int) -> list[CodeRow]:
    """The labels of a thing, the newest first."""
    rows = session.execute(
        sa.select(LabelCode.token, LabelCode.state, LabelCode.reason, LabelCode.created_at)
        .where(LabelCode.kind == kind.value, LabelCode.subject_id == subject_id)
        .order_by(LabelCode.state, LabelCode.id.desc())
        .limit(CODES_AT_MOST)
    )
    return [CodeRow(row[0], LabelState(row[1]), row[2], row[3]) for row in rows]


def acts_of(session: Session, kind: CodeKind, subject_id: int) -> list[ActRow]:
    """What was done with labels while they were this thing's, the latest first."""
    code, other = aliased(LabelCode), aliased(LabelCode)
    subjects = (LabelEntry.subject_id, LabelEntry.other_subject_id)
    rows = session.execute(
        sa.select(
            LabelEntry.act, code.token, other.token, LabelEntry.at, _USERS.c.name, LabelEntry.reason
        )
        .join(code, code.id == LabelEntry.code_id)
        .outerjoin(other, other.id == LabelEntry.other_id)
        .join(_USERS, _USERS.c.id == LabelEntry.by_id)
        .where(code.kind == kind.value, sa.or_(*[column == subject_id for column in subjects]))
        .order_by(LabelEntry.id.desc())
        .limit(ACTS_AT_MOST)
    )
    return [ActRow(LabelAct(row[0]), *row[1:]) for row in rows]


def retired_codes(session: Session, kind: CodeKind, subjects: sa.Select[Any]) -> list[RetiredCode]:
    """The labels of these things that no longer count, the newest first."""
    current = aliased(LabelCode)
    rows = session.execute(
        sa.select(LabelCode.token, LabelCode.state, LabelCode.reason, current.token)
        .outerjoin(
            current,
            sa.and_(
                current.kind == LabelCode.kind,
                current.subject_id == LabelCode.subject_id,
                current.state == LabelState.CURRENT,
            ),
        )
        # A literal, so that both engines see that the index of retired labels holds them all.
        .where(sa.text("label_codes.state <> 'current'"))
        .where(LabelCode.kind == kind.value, LabelCode.subject_id.in_(subjects))
        .order_by(LabelCode.id.desc())
        .limit(RETIRED_AT_MOST)
    )
    return [_retired(*row) for row in rows]


def owner_of(session: Session, text: str) -> tuple[CodeKind, int] | None:
    """What a label of ours is or was on, whatever became of it since; None for any other text."""
    token = token_in(text)
    row = session.execute(
        sa.select(LabelCode.kind, LabelCode.subject_id).where(LabelCode.token == token)
    ).first()
    return (CodeKind(row[0]), row[1]) if row else None


def act_by_key(session: Session, key: uuid.UUID) -> LabelEntry | None:
    """The act that this form has done already."""
    return session.scalar(sa.select(LabelEntry).where(LabelEntry.key == key))


def locked_codes(session: Session, tokens: Sequence[str]) -> dict[str, LabelCode]:
    """These labels, kept from others until the commit, always in the same order."""
    rows = session.scalars(
        sa.select(LabelCode)
        .where(LabelCode.token.in_(tokens))
        .order_by(LabelCode.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.token: row for row in rows}


def _retired(token: str, state: str, reason: str | None, newest: str | None) -> RetiredCode:
    if state == LabelState.VOID:
        return RetiredCode(token, None, void_words(token, reason))
    return RetiredCode(token, newest, replaced_words(token, newest))
