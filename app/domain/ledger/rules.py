"""Pure rules of the ledger: what each verb means for places, states and rights."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from app.core.rights import ASKED_AT_ORIGIN, Actor, Permission, require
from app.domain.holds.models import HoldScope
from app.domain.ledger.drafts import LineDraft, LotBook, MovementDraft, Place, UnitBook
from app.domain.ledger.errors import (
    BuiltUpon,
    LocationBlocked,
    LotExpired,
    LotNotApproved,
    LotOfOtherItem,
    OnHold,
    OtherSite,
    PartOfUnit,
    UnitElsewhere,
    UnitNotOnSite,
    WrongDestination,
)
from app.domain.ledger.models import Verb
from app.domain.locations.models import LocationKind
from app.domain.locations.rules import local_day
from app.domain.lots.models import LotStatus
from app.domain.lots.rules import is_expired
from app.domain.units.models import ON_SITE_STATES, UnitState

PERMISSION_OF = {
    Verb.PRODUCE: Permission.LEDGER_PRODUCE,
    Verb.RECEIVE: Permission.LEDGER_RECEIVE,
    Verb.PUTAWAY: Permission.LEDGER_PUTAWAY,
    Verb.TRANSFER: Permission.LEDGER_TRANSFER,
    Verb.DISPATCH: Permission.LEDGER_DISPATCH,
    Verb.ISSUE: Permission.LEDGER_ISSUE,
    Verb.CONSUME: Permission.LEDGER_CONSUME,
    Verb.RETURN: Permission.LEDGER_RETURN,
    Verb.SCRAP: Permission.LEDGER_SCRAP,
    Verb.ADJUST: Permission.LEDGER_ADJUST,
    Verb.RESERVE: Permission.LEDGER_RESERVE,
    Verb.UNRESERVE: Permission.LEDGER_RESERVE,
    Verb.TRANSFORM: Permission.LEDGER_TRANSFORM,
    Verb.REVERSE: Permission.LEDGER_REVERSE,
}

# Where each verb leads from and to; "site" is any real place. A reversal mirrors its original,
# and a promise leads nowhere.
ROUTES: dict[Verb, tuple[tuple[str, str], ...]] = {
    Verb.PRODUCE: ((LocationKind.PRODUCTION, "site"),),
    Verb.RECEIVE: ((LocationKind.SUPPLIER, "site"),),
    Verb.PUTAWAY: (("site", "site"),),
    Verb.TRANSFER: (
        ("site", LocationKind.STAGING),
        ("site", LocationKind.TECHNICIAN),
        ("site", LocationKind.VEHICLE),
        ("site", LocationKind.TRANSIT),
        (LocationKind.TRANSIT, "site"),
    ),
    Verb.DISPATCH: (("site", LocationKind.CUSTOMER),),
    Verb.ISSUE: (
        ("site", LocationKind.PRODUCTION),
        ("site", LocationKind.TECHNICIAN),
        ("site", LocationKind.VEHICLE),
    ),
    Verb.CONSUME: (("site", LocationKind.PRODUCTION),),
    Verb.RETURN: (
        (LocationKind.CUSTOMER, "site"),
        (LocationKind.PRODUCTION, "site"),
        (LocationKind.TECHNICIAN, "site"),
        (LocationKind.VEHICLE, "site"),
        ("site", LocationKind.SUPPLIER),
    ),
    Verb.SCRAP: (("site", LocationKind.SCRAP),),
    Verb.ADJUST: ((LocationKind.COUNT, "site"), ("site", LocationKind.COUNT)),
    Verb.TRANSFORM: (
        ("site", LocationKind.TRANSFORMATION),
        (LocationKind.TRANSFORMATION, "site"),
        ("site", LocationKind.MEASUREMENT),
        (LocationKind.MEASUREMENT, "site"),
    ),
}

# What quality has not released, or somebody has stopped, may be moved, but not this.
_USES = frozenset({Verb.DISPATCH, Verb.ISSUE, Verb.CONSUME, Verb.RESERVE})
# A place on hold is frozen, but its books may still be put right.
CORRECTIONS = frozenset({Verb.ADJUST, Verb.REVERSE})
# By these, part of a unit leaves it, and the unit stays.
_TAKES_PART = frozenset({Verb.ISSUE, Verb.CONSUME, Verb.SCRAP, Verb.TRANSFORM, Verb.REVERSE})
# These may take from, or give back to, the transit of another site.
_CROSSES = frozenset({Verb.TRANSFER, Verb.REVERSE})
# A unit that left can only come back, or be put right.
_BRINGS_BACK = {
    Verb.RETURN: frozenset({UnitState.DISPATCHED, UnitState.CONSUMED}),
    Verb.TRANSFER: frozenset({UnitState.IN_TRANSIT}),
}

STATE_IN = {
    LocationKind.STAGING: UnitState.PRODUCED,
    LocationKind.CUSTOMER: UnitState.DISPATCHED,
    LocationKind.SUPPLIER: UnitState.DISPATCHED,
    LocationKind.SCRAP: UnitState.SCRAPPED,
    LocationKind.LOST: UnitState.MISSING,
    LocationKind.COUNT: UnitState.MISSING,
    LocationKind.TRANSIT: UnitState.IN_TRANSIT,
    LocationKind.PRODUCTION: UnitState.CONSUMED,
    LocationKind.TRANSFORMATION: UnitState.CONSUMED,
}


def state_after(draft: MovementDraft, line: LineDraft, place: Place) -> UnitState:
    """The state of a unit that a line has brought to such a place.

    A unit whose entry into the books was reversed never was.
    """
    is_reversal = draft.verb is Verb.REVERSE
    if is_reversal and place.is_virtual and line.restores_movement_id is None:
        return UnitState.VOIDED
    return STATE_IN.get(LocationKind(place.kind), UnitState.STORED)


def is_with_partner(place: Place) -> bool:
    """Whether what lies there lies with a customer or supplier."""
    return place.kind in (LocationKind.CUSTOMER, LocationKind.SUPPLIER)


def is_promise(draft: MovementDraft, line: LineDraft) -> bool:
    """Whether a line only changes what is promised."""
    if draft.verb is Verb.REVERSE:
        return line.reserved_delta != 0 and line.from_location_id == line.to_location_id
    return draft.verb in (Verb.RESERVE, Verb.UNRESERVE)


def is_gain(line: LineDraft, unit: UnitBook) -> bool:
    """Whether a line adds to a unit that stays where it is: weighed, merged, or given back."""
    return (
        line.from_location_id is not None
        and line.from_location_id != line.to_location_id == unit.location_id
        and unit.state in ON_SITE_STATES
    )


def needs_release(verb: Verb, target: Place) -> bool:
    """Whether a verb uses up what it moves, or takes it off the site."""
    return verb in _USES or (verb is Verb.TRANSFER and target.kind == LocationKind.TRANSIT)


def require_route(draft: MovementDraft, origin: Place, target: Place) -> None:
    """The verb leads from such a place to such a place, in the draft's own site."""
    for place in (origin, target):
        # What arrives is taken out of the transit of the site that sent it.
        is_arrival = place.kind == LocationKind.TRANSIT and draft.verb in _CROSSES
        if place.site_id != draft.site_id and not is_arrival:
            raise OtherSite(
                f"{place.code} belongs to another site. One movement touches one site.",
                location=place.code,
            )
    if target.blocked_reason is not None and draft.verb is not Verb.REVERSE:
        raise LocationBlocked(
            f"{target.code} is blocked: {target.blocked_reason}. Choose another place.",
            location=target.code,
            reason=target.blocked_reason,
        )
    for place in (origin, target):
        if place.hold_reason is not None and draft.verb not in CORRECTIONS:
            raise on_hold(HoldScope.LOCATION, place.hold_reason, name=place.code)
    routes = ROUTES.get(draft.verb)
    if routes and not any(_fits(a, origin) and _fits(b, target) for a, b in routes):
        raise WrongDestination(
            f"{draft.verb.capitalize()} does not lead from {origin.code} to {target.code}.",
            verb=draft.verb,
            origin=origin.code,
            target=target.code,
        )


def require_usable(lot: LotBook, at: datetime, time_zone: str) -> None:
    """Quality has approved the lot, and its last day has not passed."""
    if lot.status != LotStatus.APPROVED:
        where = "in quarantine" if lot.status == LotStatus.QUARANTINE else lot.status
        raise LotNotApproved(
            f"Lot {lot.number} is {where}. Quality must approve it before it is used or leaves.",
            lot=lot.number,
            status=lot.status,
        )
    if lot.expires_on is not None and is_expired(lot.expires_on, today=local_day(at, time_zone)):
        raise LotExpired(
            f"Lot {lot.number} expired on {lot.expires_on}. Quality must give it a later day "
            "before it is used or leaves.",
            lot=lot.number,
            expires_on=lot.expires_on.isoformat(),
        )


def on_hold(scope: HoldScope, reason: str, *, name: str | None = None) -> OnHold:
    """What a person is told who meets a hold."""
    subject = name or ("This roll" if scope is HoldScope.UNIT else f"The {scope}")
    return OnHold(
        f"{subject} is on hold: {reason}. It must be lifted first.",
        scope=str(scope),
        reason=reason,
    )


def _fits(kind: str, place: Place) -> bool:
    return not place.is_virtual if kind == "site" else place.kind == kind


def require_movable(
    draft: MovementDraft, line: LineDraft, unit: UnitBook, origin: Place, target: Place
) -> None:
    """The unit is where the draft believes, may leave there, and is not built upon."""
    if draft.verb is Verb.REVERSE:
        _require_last(draft, unit)
    if is_gain(line, unit):
        if draft.verb not in (Verb.TRANSFORM, Verb.REVERSE):
            raise UnitElsewhere(f"This unit is in {target.code} already.", location=target.code)
    elif line.from_location_id not in (None, unit.location_id):
        raise UnitElsewhere(f"This unit is in {origin.code} now.", location=origin.code)
    if draft.verb not in CORRECTIONS and unit.state not in _BRINGS_BACK.get(draft.verb, ()):
        require_on_site(unit)
    if line.quantity is not None and not is_gain(line, unit):
        _require_part(draft, line.quantity, unit, target)


def require_on_site(unit: UnitBook) -> None:
    """The unit is there to be used or moved."""
    if unit.state not in ON_SITE_STATES:
        raise UnitNotOnSite(
            f"This unit is {unit.state.replace('_', ' ')} and cannot be moved. "
            "Reverse what took it away first.",
            state=unit.state,
        )


def _require_part(draft: MovementDraft, quantity: Decimal, unit: UnitBook, target: Place) -> None:
    """A unit moves whole; only what is used up, scrapped or split off may be a part of it."""
    may_be_part = draft.verb in _TAKES_PART and target.is_virtual
    if quantity != unit.quantity and not (may_be_part and quantity < unit.quantity):
        raise PartOfUnit(
            f"This unit holds {unit.quantity}, not {quantity}."
            if may_be_part
            else f"A unit moves whole: it holds {unit.quantity}, not {quantity}.",
            quantity=str(unit.quantity),
        )


def _require_last(draft: MovementDraft, unit: UnitBook) -> None:
    if unit.last_draft is not None or unit.last_movement_id != draft.reverses_id:
        raise BuiltUpon(
            "A later movement of this unit builds on it. Reverse that one first.",
            later_movement_id=unit.last_movement_id,
        )


def require_lot_of_item(lot: LotBook, item_id: int) -> None:
    """A lot is booked with its own item."""
    if lot.item_id not in (None, item_id):
        raise LotOfOtherItem(f"Lot {lot.number} belongs to another item.", lot=lot.number)


def require_rights(actor: Actor, draft: MovementDraft, origin: Place, target: Place) -> None:
    """The actor may do this verb in every department that the line touches.

    A transfer needs the right only where the stock comes from, an arrival where it comes to; a
    place without a department is shared by all, and stock that is promised without a place is
    the site's. Whoever booked an act may undo it with the smaller right `ledger.undo`.
    """
    permission = PERMISSION_OF[draft.verb]
    if draft.reverses_own_act:
        permission = Permission.LEDGER_UNDO
    places = [place for place in (origin, target) if not place.is_virtual]
    if permission in ASKED_AT_ORIGIN:
        places = places[:1]
    if not places:
        require(actor, permission, site_id=draft.site_id)
    for place in places:
        require(
            actor,
            permission,
            site_id=place.site_id,
            department_id=place.department_id,
        )
