"""Folding drafts over the books, in order, in memory: later drafts see earlier ones.

Pure: the books come in as values under locks that the caller holds, and what is to be written
goes out as values. A refused draft refuses itself only, or its linked group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.core.errors import DomainError
from app.core.rights import Actor
from app.core.types import plain
from app.domain.holds.models import HoldScope
from app.domain.ledger import promises, rules
from app.domain.ledger.books import Books, Folded, FoldedLine
from app.domain.ledger.drafts import LineDraft, MovementDraft, Place, UnitBook
from app.domain.ledger.errors import (
    AlreadyReversed,
    EmptyMovement,
    LocationNotFound,
    NotEnoughStock,
)
from app.domain.ledger.models import Verb


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
    origin = books.place(_origin_id(line, unit))
    quantity = _quantity(line, unit)
    rules.require_rights(actor, draft, origin, target)
    rules.require_lot_of_item(books.lot(line.lot_id), line.item_id)
    if rules.is_promise(draft, line):
        return _fold_promise(books, draft, line, target, quantity)
    if unit is not None:
        rules.require_movable(draft, line, unit, origin, target)
    rules.require_route(draft, origin, target)
    if rules.needs_release(draft.verb, target):
        _require_released(books, draft, line, origin)
    if origin.id == target.id:
        if unit is not None:
            books.units[unit.id] = _seen(draft, unit, target)
        return None
    return _book(books, _Step(index, draft, line, origin, target, quantity))


def _origin_id(line: LineDraft, unit: UnitBook | None) -> int:
    """Where a line comes from. A unit comes from where it is, unless it only gains something."""
    if unit is not None and not rules.is_gain(line, unit):
        return unit.location_id
    if line.from_location_id is None:
        raise EmptyMovement("A line without a unit needs the location that it leaves.")
    return line.from_location_id


def _quantity(line: LineDraft, unit: UnitBook | None) -> Decimal:
    quantity = line.quantity
    if line.new_unit is not None:
        quantity = line.new_unit.quantity
    elif unit is not None and quantity is None:
        quantity = unit.quantity
    if quantity is None or quantity <= 0:
        raise EmptyMovement("A quantity must be more than zero.", field="quantity")
    return quantity


def _fold_promise(
    books: Books, draft: MovementDraft, line: LineDraft, place: Place, quantity: Decimal
) -> FoldedLine:
    """Nothing moves: the line goes from a place to itself and changes what is promised."""
    if draft.verb is Verb.RESERVE:
        _require_released(books, draft, line, place)
        if line.unit_id is not None:
            rules.require_on_site(books.unit(line.unit_id))
    reservation_id, delta = promises.change_promise(books, draft, line, place, quantity)
    return FoldedLine(
        line.item_id,
        line.lot_id,
        line.unit_id,
        place,
        place,
        quantity,
        reserved_delta=delta,
        reservation_id=reservation_id,
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One line of one draft, on its way from one place to another."""

    index: int
    draft: MovementDraft
    line: LineDraft
    origin: Place
    target: Place
    quantity: Decimal


def _book(books: Books, step: _Step) -> FoldedLine:
    draft, line, origin, target = step.draft, step.line, step.origin, step.target
    unit = books.unit(line.unit_id) if line.unit_id is not None else None
    reservation_id, delta = None, Decimal(0)
    if target.is_virtual or draft.verb is Verb.ISSUE or draft.reverses_id is not None:
        reservation_id, delta = promises.fulfil(books, draft, line, unit, step.quantity)
    _move(books, origin, target, line, step.quantity)
    promises.change_site_stock(books, line, origin, target, step.quantity)
    if draft.verb is Verb.ISSUE and not target.is_virtual:
        promises.require_unclaimed_here(books, line, origin, step.quantity)
    if line.new_unit is not None:
        unit = _new_unit(books, draft, line, target)
        books.units[unit.id] = _moved(step, unit)
    elif unit is not None:
        unit = books.units[unit.id] = _changed(step, books.unit(unit.id))
    return FoldedLine(
        line.item_id,
        line.lot_id,
        unit.id if unit else None,
        origin,
        target,
        step.quantity,
        line.unit_cost,
        delta,
        reservation_id,
    )


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
            held = plain(left + quantity)
            raise NotEnoughStock(
                f"{origin.code} holds {held} of this, not {quantity}.",
                on_hand=str(held),
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
        state=rules.state_after(draft, line, target),
        quantity=line.new_unit.quantity,
    )


def _changed(step: _Step, unit: UnitBook) -> UnitBook:
    """The unit goes as a whole, or stays and holds more or less than before."""
    if rules.is_gain(step.line, unit):
        stays, quantity = step.target, unit.quantity + step.quantity
    elif step.quantity < unit.quantity:
        stays, quantity = step.origin, unit.quantity - step.quantity
    else:
        return _moved(step, unit)
    return _seen(step.draft, replace(_touched(step, unit), quantity=quantity), stays)


def _moved(step: _Step, unit: UnitBook) -> UnitBook:
    target, line = step.target, step.line
    moved = replace(
        _touched(step, unit),
        location_id=target.id,
        site_id=target.site_id,
        department_id=target.department_id or line.restores_department_id or unit.department_id,
        state=rules.state_after(step.draft, line, target),
        state_since=step.draft.occurred_at,
        partner_id=step.draft.partner_id if rules.is_with_partner(target) else None,
    )
    return _seen(step.draft, moved, target)


def _touched(step: _Step, unit: UnitBook) -> UnitBook:
    """The unit with this draft as the last that changed it, or the one that a reversal restores."""
    if step.draft.verb is Verb.REVERSE:
        restored = step.line.restores_movement_id
        return replace(unit, last_movement_id=restored, last_draft=None)
    return replace(unit, last_movement_id=None, last_draft=step.index)


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
