"""Booking what was typed or scanned: at the desk, and what programs send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.rights import Actor
from app.domain.ledger.commands.booking import Entry, book_many
from app.domain.ledger.commands.details import Details
from app.domain.ledger.commands.drafting import NO_DETAILS
from app.domain.ledger.drafts import Result
from app.domain.ledger.entry_queries import EntryText, read_entries
from app.domain.ledger.entry_rules import verb_of
from app.domain.ledger.models import Verb


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """One movement in words: the verb, ours or an older one, and what stands in its fields."""

    verb: str
    text: EntryText
    details: Details = NO_DETAILS
    linked: str | None = None


@dataclass(frozen=True, slots=True)
class TypedResult:
    """What became of a typed movement; `line` (from 0) is the one that could not be read."""

    result: Result
    line: int | None = None


def book_typed(
    session: Session, *, actor: Actor, site_id: int, entries: Sequence[TypedEntry]
) -> list[TypedResult]:
    """Read and book movements in order; one answer each, at the same index."""
    read = read_entries(session, site_id=site_id, entries=[entry.text for entry in entries])
    booked: list[Entry] = []
    for entry, found in zip(entries, read, strict=True):
        verb, refusal = Verb.ADJUST, found.error
        try:
            verb = verb_of(entry.verb)
        except Invalid as error:
            refusal = error
        booked.append(
            Entry(verb, found.lines, found.partner_id, entry.details, entry.linked, refusal)
        )
    results = book_many(session, actor=actor, site_id=site_id, entries=booked)
    return [
        TypedResult(result, found.line if result.error is found.error else None)
        for result, found in zip(results, read, strict=True)
    ]
