"""Pure rules of what is entered by hand or by a program: ends, reasons, and old words."""

from __future__ import annotations

from app.core.errors import Invalid
from app.domain.catalog.models import Tracking
from app.domain.ledger.errors import EmptyMovement, LotNeeded, RollNeeded
from app.domain.ledger.models import Verb
from app.domain.locations.models import LocationKind
from app.domain.lots.models import NO_LOT

# The virtual place that a verb leaves or reaches where nobody says another.
ENDS: dict[Verb, tuple[LocationKind | None, LocationKind | None]] = {
    Verb.RECEIVE: (LocationKind.SUPPLIER, None),
    Verb.PRODUCE: (LocationKind.PRODUCTION, None),
    Verb.PUTAWAY: (None, None),
    Verb.TRANSFER: (None, None),
    Verb.DISPATCH: (None, LocationKind.CUSTOMER),
    Verb.ISSUE: (None, LocationKind.PRODUCTION),
    Verb.CONSUME: (None, LocationKind.PRODUCTION),
    Verb.RETURN: (LocationKind.CUSTOMER, None),
    Verb.SCRAP: (None, LocationKind.SCRAP),
    Verb.ADJUST: (None, LocationKind.COUNT),
}
NEEDS_REASON = frozenset({Verb.ADJUST, Verb.RETURN, Verb.SCRAP})

# What people and programs that come from other systems call the verbs (docs/glossary.md).
OLD_WORDS = {
    "in": Verb.RECEIVE,
    "inward": Verb.RECEIVE,
    "stock-in": Verb.RECEIVE,
    "receipt": Verb.RECEIVE,
    "production": Verb.PRODUCE,
    "out": Verb.DISPATCH,
    "outward": Verb.DISPATCH,
    "sale": Verb.DISPATCH,
    "rem": Verb.SCRAP,
    "removal": Verb.SCRAP,
    "consumption": Verb.CONSUME,
    "adjustment": Verb.ADJUST,
    "correction": Verb.ADJUST,
    "move": Verb.PUTAWAY,
}


def verb_of(word: str) -> Verb:
    """The verb that a word stands for, ours or an older one, in any case. Raises Invalid."""
    cleaned = "-".join(word.strip().lower().replace("_", " ").split())
    if cleaned in OLD_WORDS:
        return OLD_WORDS[cleaned]
    try:
        return Verb(cleaned)
    except ValueError:
        known = ", ".join(ENDS)
        raise Invalid(f"“{word[:40]}” is no verb. Use one of {known}.", field="verb") from None


def require_reason(verb: Verb, reason: str | None) -> None:
    """What takes stock out of the books without a customer, or back into them, says why."""
    if verb in NEEDS_REASON and not (reason or "").strip():
        raise EmptyMovement(f"To {verb} something needs a reason.", field="reason")


def require_told_apart(
    verb: Verb, tracking: str | None, unit_id: int | None, lot_id: int, *, is_new: bool
) -> None:
    """What is tracked by roll or lot is booked by roll or lot; a count finds what it finds."""
    if verb is Verb.ADJUST or unit_id is not None or is_new:
        return
    if tracking == Tracking.UNIT:
        raise RollNeeded("This item is tracked by roll. Scan the roll.", field="unit")
    if tracking == Tracking.LOT and lot_id == NO_LOT:
        raise LotNeeded("This item is tracked by lot. Say which lot.", field="lot")
