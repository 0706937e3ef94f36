"""Why the ledger refuses a movement: one class a cause, with the numbers in the message."""

from __future__ import annotations

from app.core.errors import DomainError, Invalid, NotFound


class EmptyMovement(Invalid):
    """A movement without lines, or with a quantity of nothing."""

    code = "empty_movement"


class UnitNotFound(NotFound):
    """A unit id that stands for nothing."""

    code = "unit_not_found"


class LocationNotFound(NotFound):
    """A location id that stands for nothing."""

    code = "location_not_found"


class LotNotFound(NotFound):
    """A lot id that stands for nothing."""

    code = "lot_not_found"


class LotOfOtherItem(Invalid):
    """The lot belongs to another item."""

    code = "lot_of_other_item"


class ReservationNotFound(NotFound):
    """A reservation id that stands for nothing."""

    code = "reservation_not_found"


class RollNeeded(Invalid):
    """The item is tracked by roll, and none was named."""

    code = "roll_needed"


class LotNeeded(Invalid):
    """The item is tracked by lot, and none was named."""

    code = "lot_needed"


class NothingInTransit(DomainError):
    """The shipment has arrived, or was taken back."""

    code = "nothing_in_transit"


class OtherSite(DomainError):
    """One movement touches one site."""

    code = "other_site"


class WrongDestination(DomainError):
    """The verb does not lead to such a place."""

    code = "wrong_destination"


class LocationBlocked(DomainError):
    """Nothing may be put there now."""

    code = "location_blocked"


class UnitElsewhere(DomainError):
    """The unit is not where the caller believes it to be."""

    code = "unit_elsewhere"


class UnitNotOnSite(DomainError):
    """The unit has left, or never was there."""

    code = "unit_not_on_site"


class PartOfUnit(DomainError):
    """A unit moves whole."""

    code = "part_of_unit"


class OutsideTolerance(DomainError):
    """A unit weighs so differently that somebody must say why."""

    code = "outside_tolerance"


class AsksToClose(DomainError):
    """So little would be left of a unit that somebody must say what becomes of it."""

    code = "asks_to_close"


class UnlikeUnits(DomainError):
    """Only units of one item and lot become one."""

    code = "unlike_units"


class LotNotApproved(DomainError):
    """Quality has not released the lot."""

    code = "lot_not_approved"


class LotExpired(DomainError):
    """The lot's last day has passed."""

    code = "lot_expired"


class OnHold(DomainError):
    """Somebody has stopped the item, the lot, the unit or the place."""

    code = "on_hold"


class NotEnoughStock(DomainError):
    """The location would go below zero."""

    code = "not_enough_stock"


class NotEnoughToReserve(DomainError):
    """More would be promised than is free."""

    code = "over_reserved"


class PromisedToOthers(DomainError):
    """More would leave than is free: the rest is promised to others."""

    code = "promised_to_others"


class AlreadyPromised(DomainError):
    """A unit is promised once."""

    code = "already_promised"


class NotSoMuchReserved(DomainError):
    """More would be released than is promised."""

    code = "not_so_much_reserved"


class AlreadyReversed(DomainError):
    """A movement is reversed at most once."""

    code = "already_reversed"


class NotReversible(DomainError):
    """A reversal is not reversed: the act is repeated."""

    code = "not_reversible"


class BuiltUpon(DomainError):
    """A later movement builds on the one that is to be reversed."""

    code = "built_upon"


class KeyReused(DomainError):
    """The same idempotency key came with another payload."""

    code = "key_reused"
    status = 422
