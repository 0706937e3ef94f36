"""What is typed or scanned into a movement, read: codes and numbers become things.

A fixed number of statements for any number of lines. What cannot be read is told per movement,
with the name of its field, and stops no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from app.core.errors import DomainError, Invalid
from app.core.types import NotExact, parse_quantity
from app.domain.catalog.models import Item, UnitOfMeasure
from app.domain.catalog.queries import items_by_id, items_by_number, list_units_of_measure
from app.domain.catalog.rules import convert
from app.domain.codes.queries import Lookup, UnknownCode, find_codes
from app.domain.codes.rules import CodeKind
from app.domain.ledger.drafts import EntryLine
from app.domain.locations.queries import staging_ids
from app.domain.lots.models import NO_LOT
from app.domain.lots.queries import lots_by_number

PLACES = (CodeKind.LOCATION, CodeKind.DEPARTMENT)
_WORDS = {
    "unit": "a roll",
    "item": "an item",
    "lot": "a lot",
    "origin": "a place",
    "target": "a place or department",
    "partner": "a customer or supplier",
}


@dataclass(frozen=True, slots=True)
class LineText:
    """One line as typed; empty where nothing was said."""

    unit: str = ""
    item: str = ""
    lot: str = ""
    quantity: str = ""
    unit_of_measure: str = ""
    origin: str = ""
    target: str = ""
    unit_cost: str = ""

    def codes(self) -> list[str]:
        """Everything in it that may be a code."""
        texts = (self.unit, self.item, self.lot, self.origin, self.target)
        return [text for text in texts if text]


@dataclass(frozen=True, slots=True)
class EntryText:
    """One movement as typed."""

    lines: Sequence[LineText]
    partner: str = ""


@dataclass(frozen=True, slots=True)
class ReadEntry:
    """What a typed movement stands for, or why it cannot be read and in which line (from 0)."""

    lines: list[EntryLine]
    partner_id: int | None = None
    error: DomainError | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class _Index:
    """Everything that the typed texts may stand for."""

    lookups: Mapping[str, Lookup]
    items: Mapping[str, Item]
    items_by_id: Mapping[int, Item]
    lots: Mapping[tuple[int, str], int]
    staging: Mapping[int, int]
    measures: Mapping[str, UnitOfMeasure]


def read_entries(
    session: Session, *, site_id: int, entries: Sequence[EntryText]
) -> list[ReadEntry]:
    """Read typed movements; one answer each, at the same index."""
    index = _load(session, site_id, entries)
    return [_read(entry, index) for entry in entries]


def _load(session: Session, site_id: int, entries: Sequence[EntryText]) -> _Index:
    lines = [line for entry in entries for line in entry.lines]
    texts = [text for line in lines for text in line.codes()]
    texts += [entry.partner for entry in entries if entry.partner]
    lookups = find_codes(session, texts, site_id)
    items = items_by_number(session, numbers=[line.item for line in lines if line.item])
    ids = {item.id for item in items.values()} | _ids_of(lookups, CodeKind.ITEM)
    found = items_by_id(session, ids=ids)
    pairs = [
        (item_id, line.lot)
        for line in lines
        if line.lot and (item_id := _item_id(line.item, lookups, items))
    ]
    lots = lots_by_number(session, wanted=pairs)
    return _Index(
        lookups,
        items,
        found,
        {pair: lot.id for pair, lot in lots.items()},
        staging_ids(session, site_id=site_id),
        {one.code: one for one in list_units_of_measure(session)},
    )


def _ids_of(lookups: Mapping[str, Lookup], kind: CodeKind) -> set[int]:
    return {
        match.subject_id
        for lookup in lookups.values()
        for match in lookup.matches
        if match.kind is kind
    }


def _item_id(text: str, lookups: Mapping[str, Lookup], items: Mapping[str, Item]) -> int | None:
    if text in items:
        return items[text].id
    found = [m for m in lookups[text].matches if m.kind is CodeKind.ITEM] if text else []
    return found[0].subject_id if len(found) == 1 else None


def _read(entry: EntryText, index: _Index) -> ReadEntry:
    read: list[EntryLine] = []
    number: int | None = None
    try:
        partner_id = _thing(entry.partner, index, "partner", (CodeKind.PARTNER,))
        for number, line in enumerate(entry.lines):  # noqa: B007 - the error names its line
            read.append(_read_line(line, index))
    except DomainError as error:
        return ReadEntry([], error=error, line=number)
    return ReadEntry(read, partner_id)


def _read_line(line: LineText, index: _Index) -> EntryLine:
    item_id = _item_id(line.item, index.lookups, index.items)
    if line.item and item_id is None:
        raise _unknown(line.item, index, "item")
    return EntryLine(
        item_id=item_id,
        lot_id=_lot_id(line.lot, item_id, index),
        unit_id=_thing(line.unit, index, "unit", (CodeKind.UNIT,)),
        quantity=_quantity(line, item_id, index),
        from_location_id=_place(line.origin, index, "origin"),
        to_location_id=_place(line.target, index, "target"),
        unit_cost=_number(line.unit_cost, "unit_cost"),
    )


def _thing(text: str, index: _Index, field: str, kinds: Iterable[CodeKind]) -> int | None:
    """The one thing of these kinds that a text stands for; None for nothing typed."""
    if not text:
        return None
    found = {m.subject_id for m in index.lookups[text].matches if m.kind in kinds}
    if len(found) != 1:
        raise _unknown(text, index, field)
    return found.pop()


def _place(text: str, index: _Index, field: str) -> int | None:
    """A place, or the staging of a department."""
    if not text:
        return None
    matches = [m for m in index.lookups[text].matches if m.kind in PLACES]
    if len(matches) != 1:
        raise _unknown(text, index, field)
    if matches[0].kind is CodeKind.DEPARTMENT:
        return index.staging.get(matches[0].subject_id)
    return matches[0].subject_id


def _lot_id(text: str, item_id: int | None, index: _Index) -> int:
    if not text:
        return NO_LOT
    if item_id is not None and (item_id, text) in index.lots:
        return index.lots[item_id, text]
    found = _thing(text, index, "lot", (CodeKind.LOT,))
    return NO_LOT if found is None else found


def _unknown(text: str, index: _Index, field: str) -> DomainError:
    refusal = index.lookups[text].refusal
    if refusal is not None and not isinstance(refusal, UnknownCode):
        return Invalid(refusal.message, field=field, text=text[:80])
    return Invalid(
        f"“{text[:80]}” does not stand for {_WORDS[field]} here, or for several.",
        field=field,
        text=text[:80],
    )


def _number(text: str, field: str) -> Decimal | None:
    if not text:
        return None
    try:
        return parse_quantity(text)
    except NotExact as error:
        raise Invalid(f"{error}.", field=field) from None


def _quantity(line: LineText, item_id: int | None, index: _Index) -> Decimal | None:
    """The quantity in the item's own unit of measure."""
    quantity = _number(line.quantity, "quantity")
    if quantity is None or not line.unit_of_measure or item_id is None:
        return quantity
    own = index.measures[index.items_by_id[item_id].unit_of_measure_code]
    given = index.measures.get(line.unit_of_measure)
    if given is None:
        raise Invalid(
            f"There is no unit of measure “{line.unit_of_measure[:12]}”.", field="unit_of_measure"
        )
    return convert(quantity, given, own)
