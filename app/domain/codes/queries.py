"""What a code stands for, and which codes a thing has.

A token wins only if it exists; else the UUID of a unit; else every location, department, partner
and alias of that name, because a person must choose when there are several. The things that codes
stand for live in areas above this one, so their tables are only named here.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.domain.codes.gs1_queries import find_named
from app.domain.codes.gs1_words import say
from app.domain.codes.models import Alias, LabelCode, LabelState
from app.domain.codes.rules import (
    CodeKind,
    ParsedCode,
    Problem,
    Scheme,
    parse,
    replaced_words,
    void_words,
)

AT_ONCE = 500

_UNITS = sa.table("units", sa.column("id"), sa.column("uid", sa.Uuid), sa.column("site_id"))
_PARTNERS = sa.table("partners", sa.column("id"), sa.column("code"))
_OF_A_SITE = {
    CodeKind.UNIT: _UNITS,
    CodeKind.LOCATION: sa.table(
        "locations", sa.column("id"), sa.column("code"), sa.column("site_id")
    ),
    CodeKind.DEPARTMENT: sa.table(
        "departments", sa.column("id"), sa.column("code"), sa.column("site_id")
    ),
}
_WITH_PAGE = {
    kind: sa.table(name, sa.column("id"), sa.column("uid", sa.Uuid))
    for kind, name in (
        (CodeKind.UNIT, "units"),
        (CodeKind.LOT, "lots"),
        (CodeKind.LOCATION, "locations"),
        (CodeKind.ITEM, "items"),
        (CodeKind.PARTNER, "partners"),
        (CodeKind.DEPARTMENT, "departments"),
        (CodeKind.PERSON, "users"),
    )
}


class UnknownCode(NotFound):
    """Nothing in this system has that code."""

    code = "unknown_code"


class MistypedCode(Invalid):
    """It has the shape of a label code, but a character is wrong."""

    code = "mistyped_code"


class DamagedGs1Code(Invalid):
    """It is meant to be a GS1 code or Digital Link, but cannot be read as one."""

    code = "damaged_gs1_code"


class UnreadableCode(Invalid):
    """Nothing was given, or far more than a code."""

    code = "unreadable_code"


class CodeOfAnotherSite(DomainError):
    """The code exists, but what it stands for belongs to another site."""

    code = "other_site"


class VoidLabel(DomainError):
    """The label was declared void: nobody may use it any more."""

    code = "void_label"


@dataclass(frozen=True, slots=True)
class Match:
    """One thing that a code stands for, and what found it ("token", "alias", "GTIN and lot").

    `warning` is what to say where the label was replaced by another.
    """

    kind: CodeKind
    subject_id: int
    via: str
    warning: str | None = None


@dataclass(slots=True)
class Lookup:
    """What one text turned out to be: matches, or the reason why there are none."""

    text: str
    matches: list[Match] = field(default_factory=list)
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    match: Match
    site_id: int | None
    refusal: DomainError | None = None


def find_code(session: Session, text: str, site_id: int | None) -> list[Match]:
    """Everything that a text may mean at a site (None: at any). Raises the reason for nothing."""
    lookup = find_codes(session, [text], site_id)[text]
    if lookup.refusal is not None:
        raise lookup.refusal
    return lookup.matches


def find_codes(session: Session, texts: Iterable[str], site_id: int | None) -> dict[str, Lookup]:
    """`find_code` for many texts in a fixed number of statements per 500 of them."""
    wanted = list(dict.fromkeys(texts))
    lookups: dict[str, Lookup] = {}
    for start in range(0, len(wanted), AT_ONCE):
        parsed = {text: parse(text) for text in wanted[start : start + AT_ONCE]}
        index = _index(session, parsed.values())
        for text, code in parsed.items():
            lookups[text] = _decide(text, code, index, site_id)
    return lookups


def tokens_of(session: Session, kind: CodeKind, subject_ids: Sequence[int]) -> dict[int, str]:
    """The token on the label of each subject that has one."""
    tokens: dict[int, str] = {}
    for start in range(0, len(subject_ids), AT_ONCE):
        rows = session.execute(
            sa.select(LabelCode.subject_id, LabelCode.token).where(
                LabelCode.kind == kind.value,
                LabelCode.subject_id.in_(subject_ids[start : start + AT_ONCE]),
                LabelCode.state == LabelState.CURRENT,
            )
        )
        tokens.update({row.subject_id: row.token for row in rows})
    return tokens


def aliases_of(
    session: Session, kind: CodeKind, subject_ids: Sequence[int]
) -> dict[int, list[str]]:
    """The foreign codes of each subject that has some, oldest first."""
    aliases: dict[int, list[str]] = defaultdict(list)
    for start in range(0, len(subject_ids), AT_ONCE):
        rows = session.execute(
            sa.select(Alias.subject_id, Alias.value)
            .where(Alias.kind == kind.value)
            .where(Alias.subject_id.in_(subject_ids[start : start + AT_ONCE]))
            .order_by(Alias.id)
        )
        for subject_id, value in rows:
            aliases[subject_id].append(value)
    return dict(aliases)


def is_code_on(kind: CodeKind, subject_id: Any, of: Any = LabelCode) -> sa.ColumnElement[bool]:
    """The condition that joins LabelCode to the current code of a subject, the one on its label."""
    return sa.and_(
        of.kind == kind.value, of.subject_id == subject_id, of.state == LabelState.CURRENT
    )


def token_on(kind: CodeKind, subject_id: Any) -> sa.ScalarSelect[str]:
    """The current token of a subject, as a column."""
    given = aliased(LabelCode)
    return sa.select(given.token).where(is_code_on(kind, subject_id, given)).scalar_subquery()


def alias_of(kind: CodeKind, subject_id: Any) -> sa.ScalarSelect[str]:
    """The oldest foreign code of a subject, as a column: what was on it before our label was."""
    given = aliased(Alias)
    return (
        sa.select(given.value)
        .where(given.kind == kind.value, given.subject_id == subject_id)
        .order_by(given.id)
        .limit(1)
        .scalar_subquery()
    )


def uid_of(session: Session, kind: CodeKind, subject_id: int) -> uuid.UUID:
    """The public id of a thing, for the address of its page. Raises NotFound."""
    table = _WITH_PAGE.get(kind)
    uid: uuid.UUID | None = None
    if table is not None:
        uid = session.scalar(sa.select(table.c.uid).where(table.c.id == subject_id))
    if uid is None:
        raise UnknownCode("What this code stands for has no page.", field="code")
    return uid


def id_of(session: Session, kind: CodeKind, uid: uuid.UUID) -> int:
    """The thing behind a public id. Raises NotFound."""
    table = _WITH_PAGE[kind]
    subject_id = session.scalar(sa.select(table.c.id).where(table.c.uid == uid))
    if subject_id is None:
        raise NotFound("There is no such thing.", field="uid")
    return int(subject_id)


_VIA = {
    Scheme.SSCC: "SSCC",
    Scheme.SGTIN: "GTIN and serial",
    Scheme.GTIN_LOT: "GTIN and lot",
    Scheme.GTIN: "GTIN",
}
_DAMAGED: dict[Problem | None, str] = {
    Problem.GS1_CHECK: "has a wrong GS1 check digit. Scan it again.",
    Problem.GS1_FORM: "is a damaged GS1 code. If the label is sound, try the scanner's self-test.",
    Problem.GS1_COMPRESSED: "is a compressed GS1 Digital Link, which is not read here. "
    "Scan another code of this label.",
}
_Index = dict[tuple[Scheme, str], list[_Found]]


def _index(session: Session, parsed: Iterable[ParsedCode]) -> _Index:
    """Everything that any of the candidates stands for."""
    values: dict[Scheme, set[str]] = defaultdict(set)
    for code in parsed:
        for candidate in code.candidates:
            values[candidate.scheme].add(candidate.value)
    index: _Index = defaultdict(list)
    if values[Scheme.TOKEN]:
        _add_tokens(session, values[Scheme.TOKEN], index)
    if values[Scheme.UUID]:
        _add_units(session, values[Scheme.UUID], index)
    if values[Scheme.ALIAS]:
        _add_names(session, values[Scheme.ALIAS], index)
    for name, found in find_named(session, values).items():
        via = _VIA[name[0]]
        index[name] += [_Found(Match(kind, subject, via), site) for kind, subject, site in found]
    return index


def _add_tokens(session: Session, tokens: set[str], index: _Index) -> None:
    rows = session.execute(
        sa.select(
            LabelCode.token, LabelCode.kind, LabelCode.subject_id, LabelCode.state, LabelCode.reason
        ).where(LabelCode.token.in_(tokens))
    ).all()
    sites = _sites(session, rows)
    newest = _newest(session, [row for row in rows if row.state == LabelState.REPLACED])
    for row in rows:
        kind, refusal, warning = CodeKind(row.kind), None, None
        if row.state == LabelState.VOID:
            refusal = VoidLabel(void_words(row.token, row.reason), field="code")
        elif row.state == LabelState.REPLACED:
            warning = replaced_words(row.token, newest.get((kind, row.subject_id)))
        match = Match(kind, row.subject_id, "token", warning)
        found = _Found(match, sites.get((kind, row.subject_id)), refusal)
        index[Scheme.TOKEN, row.token].append(found)


def _newest(session: Session, replaced: Sequence[Any]) -> dict[tuple[CodeKind, int], str]:
    """The current token of each thing with one of these labels."""
    newest: dict[tuple[CodeKind, int], str] = {}
    for kind in {CodeKind(row.kind) for row in replaced}:
        subject_ids = [row.subject_id for row in replaced if row.kind == kind.value]
        tokens = tokens_of(session, kind, subject_ids)
        newest.update({(kind, subject_id): token for subject_id, token in tokens.items()})
    return newest


def _sites(session: Session, rows: Sequence[Any]) -> dict[tuple[CodeKind, int], int]:
    """The site of each subject that belongs to one."""
    sites: dict[tuple[CodeKind, int], int] = {}
    for kind, table in _OF_A_SITE.items():
        ids = [row.subject_id for row in rows if row.kind == kind.value]
        if ids:
            found = session.execute(
                sa.select(table.c.id, table.c.site_id).where(table.c.id.in_(ids))
            )
            sites.update({(kind, subject_id): site_id for subject_id, site_id in found})
    return sites


def _add_units(session: Session, uids: set[str], index: _Index) -> None:
    rows = session.execute(
        sa.select(_UNITS.c.uid, _UNITS.c.id, _UNITS.c.site_id).where(
            _UNITS.c.uid.in_([uuid.UUID(uid) for uid in uids])
        )
    )
    for uid, subject_id, site_id in rows:
        index[Scheme.UUID, str(uid)].append(
            _Found(Match(CodeKind.UNIT, subject_id, "uuid"), site_id)
        )


def _add_names(session: Session, names: set[str], index: _Index) -> None:
    """Locations, departments and partners by their code, and everything by an alias."""
    for kind in (CodeKind.LOCATION, CodeKind.DEPARTMENT):
        table = _OF_A_SITE[kind]
        rows = session.execute(
            sa.select(table.c.code, table.c.id, table.c.site_id)
            .where(table.c.code.in_(names))
            .order_by(table.c.id)
        )
        for name, subject_id, site_id in rows:
            index[Scheme.ALIAS, name].append(_Found(Match(kind, subject_id, "code"), site_id))
    partners = session.execute(
        sa.select(_PARTNERS.c.code, _PARTNERS.c.id).where(_PARTNERS.c.code.in_(names))
    )
    for name, subject_id in partners:
        index[Scheme.ALIAS, name].append(_Found(Match(CodeKind.PARTNER, subject_id, "code"), None))
    aliases = session.execute(
        sa.select(Alias.value, Alias.kind, Alias.subject_id, Alias.site_id)
        .where(Alias.value.in_(names))
        .order_by(Alias.id)
    )
    for name, letter, subject_id, site_id in aliases:
        match = Match(CodeKind(letter), subject_id, "alias")
        index[Scheme.ALIAS, name].append(_Found(match, site_id))


def _decide(text: str, code: ParsedCode, index: _Index, site_id: int | None) -> Lookup:
    elsewhere = False
    for candidate in code.candidates:
        found = index.get((candidate.scheme, candidate.value), [])
        here = [one for one in found if site_id is None or one.site_id in (None, site_id)]
        if here:
            refusal = next((one.refusal for one in here if one.refusal), None)
            matches = [] if refusal else _distinct([one.match for one in here])
            return Lookup(text, matches, refusal)
        elsewhere = elsewhere or bool(found)
    return Lookup(text, refusal=_refusal(text, code, elsewhere=elsewhere))


def _distinct(matches: Sequence[Match]) -> list[Match]:
    """Each thing once, however many of its codes fit."""
    return list({(match.kind, match.subject_id): match for match in reversed(matches)}.values())[
        ::-1
    ]


def _refusal(text: str, code: ParsedCode, *, elsewhere: bool) -> DomainError:
    shown = text if len(text) <= 40 else f"{text[:40]}…"
    if elsewhere:
        return CodeOfAnotherSite(f"“{shown}” belongs to another site.", field="code")
    if code.problem is Problem.EMPTY:
        return UnreadableCode("There is no code to look up.", field="code")
    if code.problem is Problem.TOO_LONG:
        return UnreadableCode("This is far too long for a code.", field="code")
    if code.problem is Problem.CHECK:
        return MistypedCode(f"A character of “{shown}” is wrong. Scan it again.", field="code")
    if code.problem in _DAMAGED:
        return DamagedGs1Code(f"“{shown}” {_DAMAGED[code.problem]}", field="code")
    said = ", ".join(f"{word} {value}" for word, value in say(code.elements, year=now().year))
    says = f" It says: {said}." if said else ""
    return UnknownCode(f"“{shown}” is not in this system.{says}", field="code")
