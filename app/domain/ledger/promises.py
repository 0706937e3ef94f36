"""What is promised: reserving, releasing, and what leaves against a promise. Pure.

A reservation promises stock of a site to a reference. What leaves must be free, or promised to
the reference for which it leaves.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.core.types import plain
from app.domain.ledger.books import NO_STOCK, Books
from app.domain.ledger.drafts import (
    LineDraft,
    MovementDraft,
    Place,
    ReservationBook,
    SiteStock,
    UnitBook,
)
from app.domain.ledger.errors import (
    AlreadyPromised,
    BuiltUpon,
    EmptyMovement,
    NotEnoughToReserve,
    NotSoMuchReserved,
    PromisedToOthers,
)
from app.domain.ledger.models import Verb

# What leaves by these verbs, leaves for somebody: it may be promised to them.
FULFILLING = frozenset({Verb.DISPATCH, Verb.ISSUE, Verb.CONSUME, Verb.TRANSFER})
PROMISING = frozenset({Verb.RESERVE, Verb.UNRESERVE})


def change_promise(
    books: Books, draft: MovementDraft, line: LineDraft, place: Place, quantity: Decimal
) -> tuple[int, Decimal]:
    """Promise more or less; returns the reservation and by how much it changes."""
    found = _named(books, draft, line)
    delta = line.reserved_delta
    if draft.verb is Verb.RESERVE:
        delta = quantity
    elif draft.verb is Verb.UNRESERVE:
        delta = -quantity
    if delta > 0:
        _require_unpromised(books, found, quantity)
    _require_free(books, found, delta, place)
    _change(books, found, delta)
    return found.id, delta


def fulfil(
    books: Books,
    draft: MovementDraft,
    line: LineDraft,
    unit: UnitBook | None,
    quantity: Decimal,
) -> tuple[int | None, Decimal]:
    """What of a line that leaves the site goes against a reservation: its id and how much.

    A promised unit leaves only for the reference to which it is promised.
    """
    if draft.reverses_id is not None:
        return _give_back(books, line)
    found = None
    if unit is not None and unit.reservation_id is not None:
        found = books.reservation(unit.reservation_id)
        if draft.verb not in FULFILLING or not _is_for(found, draft):
            raise PromisedToOthers(
                f"This roll is promised to {found.words}. Release it there first, or say that it "
                "leaves for that.",
                reference=found.words,
            )
    elif draft.verb in FULFILLING and draft.reference_id is not None:
        found = _matching(books, draft, line)
    if found is None or not found.open:
        return None, Decimal(0)
    delta = -min(found.open, quantity)
    _change(books, found, delta)
    return found.id, delta


def change_site_stock(
    books: Books, line: LineDraft, origin: Place, target: Place, quantity: Decimal
) -> None:
    """Book what enters or leaves the site, and refuse what is promised to others."""
    if origin.is_virtual != target.is_virtual:
        place = origin if target.is_virtual else target
        key = (place.site_id, line.item_id, line.lot_id)
        stock = books.site_stock.get(key, NO_STOCK)
        entering = quantity if origin.is_virtual else -quantity
        books.site_stock[key] = replace(stock, on_hand=stock.on_hand + entering)
        if target.is_virtual:
            _require_unclaimed(books.site_stock[key], place, quantity)


def require_unclaimed_here(books: Books, line: LineDraft, origin: Place, quantity: Decimal) -> None:
    """What is issued to somebody on the site stays on the site, but is not free any more."""
    stock = books.site_stock.get((origin.site_id, line.item_id, line.lot_id), NO_STOCK)
    _require_unclaimed(replace(stock, on_hand=stock.on_hand - quantity), origin, quantity)


def _named(books: Books, draft: MovementDraft, line: LineDraft) -> ReservationBook:
    if line.reservation_id is not None:
        return books.reservation(line.reservation_id)
    found = _matching(books, draft, line)
    if found is not None:
        return found
    if draft.reference_id is None:
        raise EmptyMovement("A reservation needs to say for what it is.", field="reference")
    raise NotSoMuchReserved(f"Nothing of this is promised to {draft.reference_id}.", open="0")


def _matching(books: Books, draft: MovementDraft, line: LineDraft) -> ReservationBook | None:
    stock = (draft.site_id, line.item_id, line.lot_id)
    wanted_unit = line.unit_id if draft.verb in PROMISING else None
    for found in books.reservations.values():
        is_of_this = (found.site_id, found.item_id, found.lot_id) == stock
        if is_of_this and found.unit_id == wanted_unit and _is_for(found, draft):
            return found
    return None


def _is_for(found: ReservationBook, draft: MovementDraft) -> bool:
    return (found.reference_type, found.reference_id) == (draft.reference_type, draft.reference_id)


def _require_unpromised(books: Books, found: ReservationBook, quantity: Decimal) -> None:
    """A whole unit is promised once."""
    if found.unit_id is None:
        return
    unit = books.unit(found.unit_id)
    if unit.reservation_id is not None:
        other = books.reservation(unit.reservation_id)
        raise AlreadyPromised(
            f"This roll is promised to {other.words} already.", reference=other.words
        )
    if quantity != unit.quantity:
        raise EmptyMovement("A roll is promised whole.", field="quantity")


def _require_free(books: Books, found: ReservationBook, delta: Decimal, place: Place) -> None:
    if delta < 0:
        if found.open + delta < 0:
            raise NotSoMuchReserved(
                f"Only {found.open} is still promised to {found.words}, not {-delta}.",
                open=str(found.open),
                asked=str(-delta),
            )
        return
    stock = books.site_stock.get((found.site_id, found.item_id, found.lot_id), NO_STOCK)
    if stock.free < delta and not place.may_go_negative:
        raise NotEnoughToReserve(
            f"Only {stock.free} can be promised, not {delta}: {stock.on_hand} is on hand and "
            f"{stock.reserved} is promised already.",
            on_hand=str(stock.on_hand),
            reserved=str(stock.reserved),
            available=str(stock.free),
            asked=str(delta),
        )


def _require_unclaimed(left: SiteStock, place: Place, quantity: Decimal) -> None:
    if left.reserved and left.free < 0 and not place.may_go_negative:
        on_hand = plain(left.on_hand + quantity)
        available = plain(on_hand - left.reserved)
        raise PromisedToOthers(
            f"Only {available} of this can be taken, not {quantity}: {on_hand} is on hand and "
            f"{left.reserved} is promised to others.",
            on_hand=str(on_hand),
            reserved=str(left.reserved),
            available=str(available),
            asked=str(quantity),
        )


def _give_back(books: Books, line: LineDraft) -> tuple[int | None, Decimal]:
    """A reversal gives a reservation back what its original took from it."""
    if line.reservation_id is None:
        return None, Decimal(0)
    found = books.reservation(line.reservation_id)
    if found.open + line.reserved_delta < 0:
        raise BuiltUpon("What this promised has been used or released since.")
    _change(books, found, line.reserved_delta)
    return found.id, line.reserved_delta


def _change(books: Books, found: ReservationBook, delta: Decimal) -> None:
    changed = replace(found, open=found.open + delta)
    books.reservations[found.id] = changed
    key = (found.site_id, found.item_id, found.lot_id)
    stock = books.site_stock.get(key, NO_STOCK)
    books.site_stock[key] = replace(stock, reserved=stock.reserved + delta)
    if found.unit_id is not None:
        unit = books.unit(found.unit_id)
        books.units[unit.id] = replace(unit, reservation_id=found.id if changed.open else None)
