"""Any verb with several lines of stock or units: what the desk and programs book.

Whoever calls leaves out the end that the verb fixes: what is scrapped goes to scrap.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import DomainError
from app.core.ids import new_uid
from app.core.rights import Actor
from app.core.rows import rows_from
from app.domain.catalog.models import Item, Tracking
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands.details import Details, Posted, posted
from app.domain.ledger.commands.drafting import NO_DETAILS, draft_of, read_units
from app.domain.ledger.drafts import EntryLine, LineDraft, MovementDraft, NewUnit, Result
from app.domain.ledger.entry_rules import ENDS, require_reason, require_told_apart
from app.domain.ledger.errors import EmptyMovement, LocationNotFound
from app.domain.ledger.models import Verb
from app.domain.ledger.posting import post_batch
from app.domain.locations.models import LocationKind
from app.domain.locations.queries import virtual_ids

_ITEMS: Any = Item.__table__


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement as it was entered. Entries with the same `linked` pass together or not.

    `refusal` is why it could not even be read.
    """

    verb: Verb
    lines: Sequence[EntryLine]
    partner_id: int | None = None
    details: Details = NO_DETAILS
    linked: str | None = None
    refusal: DomainError | None = None


def book(session: Session, *, actor: Actor, site_id: int, entry: Entry) -> Posted:
    """Book one movement of several lines, or raise what refused it."""
    return posted(book_many(session, actor=actor, site_id=site_id, entries=[entry]))[0]


def book_many(
    session: Session, *, actor: Actor, site_id: int, entries: Sequence[Entry]
) -> list[Result]:
    """Book movements in order; one Result each, at the same index. A refusal refuses itself only.

    New units get their label codes.
    """
    ends = virtual_ids(session, site_id=site_id)
    units = _read_units(session, entries)
    tracking = _read_tracking(session, entries)
    drafts: list[MovementDraft] = []
    refused: dict[int, Result] = {}
    for index, entry in enumerate(entries):
        try:
            drafts.append(_draft(entry, site_id, ends, units, tracking))
        except DomainError as error:
            refused[index] = Result("refused", error=error)
    drafts, refused = _with_group(entries, drafts, refused)
    results = iter(post_batch(session, drafts, actor=actor) if drafts else [])
    answers = [refused[n] if n in refused else next(results) for n in range(len(entries))]
    new = [id_ for one in answers if one.status == "posted" for id_ in one.unit_ids]
    assign_codes(session, kind=CodeKind.UNIT, subject_ids=new)
    return answers


def _with_group(
    entries: Sequence[Entry], drafts: list[MovementDraft], refused: dict[int, Result]
) -> tuple[list[MovementDraft], dict[int, Result]]:
    """Whoever is linked to a refused entry is refused with it."""
    failed = {entries[n].linked: result for n, result in refused.items() if entries[n].linked}
    whole = dict(refused)
    for index, entry in enumerate(entries):
        if entry.linked in failed and index not in whole:
            whole[index] = failed[entry.linked]
    return [draft for draft in drafts if draft.linked not in failed or not draft.linked], whole


def _draft(
    entry: Entry,
    site_id: int,
    ends: Mapping[LocationKind, int],
    units: Mapping[int, Mapping[str, int]],
    tracking: Mapping[int, str],
) -> MovementDraft:
    if entry.refusal is not None:
        raise entry.refusal
    if entry.verb not in ENDS:
        raise EmptyMovement(f"{entry.verb.capitalize()} is not booked line by line.", field="verb")
    if not entry.lines:
        raise EmptyMovement("A movement needs at least one line.", field="lines")
    require_reason(entry.verb, entry.details.reason)
    lines = [_line(entry.verb, line, ends, units, tracking) for line in entry.lines]
    return draft_of(
        entry.verb,
        site_id,
        lines,
        entry.details,
        partner_id=entry.partner_id,
        linked=entry.linked,
    )


def _line(
    verb: Verb,
    line: EntryLine,
    ends: Mapping[LocationKind, int],
    units: Mapping[int, Mapping[str, int]],
    tracking: Mapping[int, str],
) -> LineDraft:
    unit = units.get(line.unit_id) if line.unit_id is not None else None
    item_id = unit["item_id"] if unit else line.item_id
    if item_id is None:
        raise EmptyMovement("Say which item, or scan the roll.", field="item")
    origin_id, target_id = _ends(verb, line, ends)
    is_new = verb in (Verb.RECEIVE, Verb.PRODUCE) and tracking.get(item_id) == Tracking.UNIT
    require_told_apart(verb, tracking.get(item_id), line.unit_id, line.lot_id, is_new=is_new)
    if is_new and line.quantity is None:
        raise EmptyMovement("Say how much the new roll holds.", field="quantity")
    return LineDraft(
        item_id,
        unit["lot_id"] if unit else line.lot_id,
        target_id,
        origin_id,
        quantity=line.quantity,
        unit_id=line.unit_id,
        new_unit=NewUnit(line.quantity, uid=new_uid()) if is_new and line.quantity else None,
        unit_cost=line.unit_cost,
    )


def _ends(verb: Verb, line: EntryLine, ends: Mapping[LocationKind, int]) -> tuple[int | None, int]:
    """From and to, with what the verb says where the line says nothing."""
    default_origin, default_target = ENDS[verb]
    origin_id, target_id = line.from_location_id, line.to_location_id
    if verb is Verb.ADJUST and origin_id is None and target_id is not None:
        origin_id = ends[LocationKind.COUNT]
    if origin_id is None and default_origin is not None and line.unit_id is None:
        origin_id = ends[default_origin]
    if target_id is None and default_target is not None:
        target_id = ends[default_target]
    if target_id is None:
        raise LocationNotFound("Say where it goes.", field="to")
    if origin_id is None and line.unit_id is None:
        raise LocationNotFound("Say where it comes from.", field="from")
    return origin_id, target_id


def _read_units(session: Session, entries: Sequence[Entry]) -> dict[int, Mapping[str, int]]:
    ids = sorted(
        {line.unit_id for entry in entries for line in entry.lines if line.unit_id is not None}
    )
    if not ids:
        return {}
    return {id_: dict(row._mapping) for id_, row in read_units(session, ids).items()}


def _read_tracking(session: Session, entries: Sequence[Entry]) -> dict[int, str]:
    ids = {line.item_id for entry in entries for line in entry.lines if line.item_id is not None}
    if not ids:
        return {}
    wanted = rows_from(session, [{"id": id_} for id_ in sorted(ids)], [_ITEMS.c.id])
    rows = session.execute(sa.select(Item.id, Item.tracking).join(wanted, wanted.c.id == Item.id))
    return {row.id: row.tracking for row in rows}


def send_to_site(
    session: Session, *, actor: Actor, site_id: int, to_site_code: str, entry: Entry
) -> Posted:
    """Send stock to another site: it is in transit until it arrives there."""
    transit = virtual_ids(session, site_id=site_id)[LocationKind.TRANSIT]
    lines = [replace(line, to_location_id=transit) for line in entry.lines]
    details = entry.details
    if details.reference_id is None:
        details = replace(details, reference_type="site", reference_id=to_site_code)
    sent = replace(entry, verb=Verb.TRANSFER, lines=lines, details=details)
    return book(session, actor=actor, site_id=site_id, entry=sent)


def new_group() -> str:
    """A name for entries that pass together."""
    return str(uuid.uuid4())
