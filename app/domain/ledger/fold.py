"""Folding drafts over the books, in order, in memory: later drafts see earlier ones.

Pure: the books come in as values under locks that the caller holds, and what is to be written
goes out as values. A refused draft refuses itself only, or its linked group.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from app.core.errors import DomainError
from app.core.rights import Actor
from app.domain.holds.models import HoldScope
from app.domain.holds.queries import Subject
from app.domain.ledger import rules
from app.domain.ledger.drafts import LineDraft, LotBook, MovementDraft, Place, UnitBook
from app.domain.ledger.errors import (
    AlreadyReversed,
    EmptyMovement,
    LocationNotFound,
    LotNotFound,
    NotEnoughStock,
    UnitNotFound,
)
from app.domain.ledger.models import Verb

BalanceKey = tuple[int, int, int]  # location, item, lot


@dataclass(frozen=True, slots=True)
class FoldedLine:
    """A posting that is to be written. New units have negative ids until they are inserted."""

    item_id: int
    lot_id: int
    unit_id: int | None
    origin: Place
    target: Place
    quantity: Decimal


@dataclass(slots=True)
class Books:
    """What the ledger says now, and what it will say."""

    places: dict[int, Place]
    lots: dict[int, LotBook]
    units: MutableMapping[int, UnitBook]
    on_hand: MutableMapping[BalanceKey, Decimal]
    holds: Mapping[Subject, str]
    reversed_ids: set[int] = field(default_factory=set)
    new_unit_count: int = 0
    changed_unit_ids: set[int] = field(default_factory=set)

    def trial(self) -> Books:
        """Books whose changes can be adopted or forgotten."""
        return Books(
            self.places,
            self.lots,
            ChainMap({}, self.units),
            ChainMap({}, self.on_hand),
            self.holds,
            set(self.reversed_ids),
            self.new_unit_count,
        )

    def adopt(self, trial: Books) -> None:
        """Take over what was folded into a trial."""
        assert isinstance(trial.units, ChainMap)
        assert isinstance(trial.on_hand, ChainMap)
        self.changed_unit_ids |= trial.units.maps[0].keys()
        self.units.update(trial.units.maps[0])
        self.on_hand.update(trial.on_hand.maps[0])
        self.reversed_ids = trial.reversed_ids
        self.new_unit_count = trial.new_unit_count

    def place(self, location_id: int) -> Place:
        """The location, or LocationNotFound."""
        try:
            return self.places[location_id]
        except KeyError:
            raise LocationNotFound("There is no such location.", id=location_id) from None

    def lot(self, lot_id: int) -> LotBook:
        """The lot, or LotNotFound."""
        try:
            return self.lots[lot_id]
        except KeyError:
            raise LotNotFound("There is no such lot.", id=lot_id) from None

    def unit(self, unit_id: int) -> UnitBook:
        """The unit, or UnitNotFound."""
        try:
            return self.units[unit_id]
        except KeyError:
            raise UnitNotFound("There is no such unit.", id=unit_id) from None


@dataclass(slots=True)
class Folded:
    """What became of one draft: the lines to write, or why it was refused."""

    lines: list[FoldedLine] = field(default_factory=list)
    error: DomainError | None = None


def fold(books: Books, drafts: Sequence[MovementDraft | None], actor: Actor) -> list[Folded]:
    """Fold every draft into the books, in order; None stands for one that is already answered."""
    folded = [Folded() for _ in drafts]
    for group in _groups(drafts):
        trial = books.trial()
        try:
            lines = [_fold_one(trial, index, draft, actor) for index, draft in group]
        except DomainError as error:
            for index, _ in group:
                folded[index].error = error
        else:
            books.adopt(trial)
            for (index, _), group_lines in zip(group, lines, strict=True):
                folded[index].lines = group_lines
    return folded


def _groups(
    drafts: Sequence[MovementDraft | None],
) -> list[list[tuple[int, MovementDraft]]]:
    """Each draft alone, or with all that are linked to it, at the place of the first."""
    groups: dict[object, list[tuple[int, MovementDraft]]] = {}
    for index, draft in enumerate(drafts):
        if draft is not None:
            groups.setdefault(draft.linked or index, []).append((index, draft))
    return list(groups.values())


def _fold_one(books: Books, index: int, draft: MovementDraft, actor: Actor) -> list[FoldedLine]:
    if not draft.lines:
        raise EmptyMovement("A movement needs at least one line.")
    if draft.reverses_id is not None:
        if draft.reverses_id in books.reversed_ids:
            raise AlreadyReversed("This movement has been reversed already.")
        books.reversed_ids.add(draft.reverses_id)
    if draft.guard is not None:
        units = [books.unit(line.unit_id) for line in draft.lines if line.unit_id is not None]
        draft.guard(draft, units, [books.place(line.to_location_id) for line in draft.lines])
    lines = [_fold_line(books, index, draft, line, actor) for line in draft.lines]
    return [line for line in lines if line is not None]


def _fold_line(
    books: Books, index: int, draft: MovementDraft, line: LineDraft, actor: Actor
) -> FoldedLine | None:
    """Book one line in memory; None where the stock is there already and was only seen."""
    target = books.place(line.to_location_id)
    unit = books.unit(line.unit_id) if line.unit_id is not None else None
    origin_id = unit.location_id if unit is not None else line.from_location_id
    if origin_id is None:
        raise EmptyMovement("A line without a unit needs the location that it leaves.")
    origin = books.place(origin_id)
    quantity = _quantity(line, unit)
    rules.require_rights(actor, draft, origin, target)
    if unit is not None:
        rules.require_movable(draft, line, unit, origin)
    rules.require_route(draft, origin, target)
    if draft.verb in rules.RELEASED_ONLY:
        _require_released(books, draft, line, origin)
    if origin.id == target.id:
        if unit is not None:
            books.units[unit.id] = _seen(draft, unit, target)
        return None
    _move(books, origin, target, line, quantity)
    if line.new_unit is not None:
        unit = _new_unit(books, draft, line, target)
    if unit is not None:
        books.units[unit.id] = _moved(index, draft, line, unit, target)
    return FoldedLine(
        line.item_id, line.lot_id, unit.id if unit else None, origin, target, quantity
    )


def _quantity(line: LineDraft, unit: UnitBook | None) -> Decimal:
    quantity = line.quantity
    if line.new_unit is not None:
        quantity = line.new_unit.quantity
    elif unit is not None and quantity is None:
        quantity = unit.quantity
    if quantity is None or quantity <= 0:
        raise EmptyMovement("A quantity must be more than zero.", field="quantity")
    return quantity


def _require_released(books: Books, draft: MovementDraft, line: LineDraft, origin: Place) -> None:
    """Neither quality nor a hold keeps this from being used or leaving."""
    rules.require_usable(books.lot(line.lot_id), draft.occurred_at, origin.time_zone)
    for subject in (
        (HoldScope.ITEM, line.item_id),
        (HoldScope.LOT, line.lot_id),
        (HoldScope.UNIT, line.unit_id or 0),
    ):
        reason = books.holds.get(subject)
        if reason is not None:
            raise rules.on_hold(subject[0], reason)


def _move(books: Books, origin: Place, target: Place, line: LineDraft, quantity: Decimal) -> None:
    """Take from one balance and add to the other; virtual locations have none."""
    if not origin.is_virtual:
        key = (origin.id, line.item_id, line.lot_id)
        left = books.on_hand.get(key, Decimal(0)) - quantity
        if left < 0 and not origin.may_go_negative:
            raise NotEnoughStock(
                f"{origin.code} holds {left + quantity} of this, not {quantity}.",
                on_hand=str(left + quantity),
                asked=str(quantity),
                location=origin.code,
            )
        books.on_hand[key] = left
    if not target.is_virtual:
        key = (target.id, line.item_id, line.lot_id)
        books.on_hand[key] = books.on_hand.get(key, Decimal(0)) + quantity


def _new_unit(books: Books, draft: MovementDraft, line: LineDraft, target: Place) -> UnitBook:
    assert line.new_unit is not None
    if target.department_id is None:
        raise LocationNotFound(f"{target.code} belongs to no department; new units need one.")
    books.new_unit_count += 1
    return UnitBook(
        id=-books.new_unit_count,
        uid=line.new_unit.uid,
        site_id=draft.site_id,
        item_id=line.item_id,
        lot_id=line.lot_id,
        department_id=target.department_id,
        location_id=target.id,
        state=rules.state_in(target),
        quantity=line.new_unit.quantity,
    )


def _moved(
    index: int, draft: MovementDraft, line: LineDraft, unit: UnitBook, target: Place
) -> UnitBook:
    is_reversal = draft.verb is Verb.REVERSE
    moved = replace(
        unit,
        location_id=target.id,
        department_id=target.department_id or unit.department_id,
        state=rules.state_in(target),
        state_since=draft.occurred_at,
        partner_id=draft.partner_id if draft.verb is Verb.DISPATCH else None,
        last_movement_id=line.restores_movement_id if is_reversal else None,
        last_draft=None if is_reversal else index,
    )
    return _seen(draft, moved, target)


def _seen(draft: MovementDraft, unit: UnitBook, target: Place) -> UnitBook:
    """The unit was seen in this place, unless it has been seen later than that.

    Only a device sees; what is entered at a desk says where the books have it, no more.
    """
    if draft.device_id is None:
        return unit
    if unit.last_seen_at is not None and unit.last_seen_at > draft.occurred_at:
        return unit
    return replace(
        unit,
        last_seen_at=draft.occurred_at,
        last_seen_uncertainty_seconds=draft.uncertainty_seconds,
        last_seen_location_id=target.id,
        last_seen_device_id=draft.device_id,
    )
