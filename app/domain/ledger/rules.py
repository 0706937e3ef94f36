"""Pure rules of the ledger: what each verb means for places, states and rights."""

from __future__ import annotations

from datetime import datetime

from app.core.rights import ASKED_AT_ORIGIN, Actor, Permission, require
from app.domain.holds.models import HoldScope
from app.domain.ledger.drafts import LineDraft, LotBook, MovementDraft, Place, UnitBook
from app.domain.ledger.errors import (
    BuiltUpon,
    LocationBlocked,
    LotExpired,
    LotNotApproved,
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
    Verb.ADJUST: Permission.LEDGER_ADJUST,
    Verb.REVERSE: Permission.LEDGER_REVERSE,
}

# Where each verb leads from and to; "site" is any real place. A reversal mirrors its original.
ROUTES: dict[Verb, tuple[tuple[str, str], ...]] = {
    Verb.PRODUCE: ((LocationKind.PRODUCTION, "site"),),
    Verb.RECEIVE: ((LocationKind.SUPPLIER, "site"),),
    Verb.PUTAWAY: (("site", "site"),),
    Verb.TRANSFER: (("site", LocationKind.STAGING),),
    Verb.DISPATCH: (("site", LocationKind.CUSTOMER),),
    Verb.ADJUST: ((LocationKind.COUNT, "site"), ("site", LocationKind.COUNT)),
}

# What quality has not released, or somebody has stopped, may be moved, but not this.
RELEASED_ONLY = frozenset({Verb.DISPATCH})
# A place on hold is frozen, but its books may still be put right.
CORRECTIONS = frozenset({Verb.ADJUST, Verb.REVERSE})

STATE_IN = {
    LocationKind.STAGING: UnitState.PRODUCED,
    LocationKind.CUSTOMER: UnitState.DISPATCHED,
    LocationKind.SCRAP: UnitState.SCRAPPED,
    LocationKind.LOST: UnitState.MISSING,
    LocationKind.COUNT: UnitState.MISSING,
    LocationKind.TRANSIT: UnitState.IN_TRANSIT,
    LocationKind.PRODUCTION: UnitState.VOIDED,
    LocationKind.SUPPLIER: UnitState.VOIDED,
}


def state_in(place: Place) -> UnitState:
    """The state of a unit that lies in such a place."""
    return STATE_IN.get(LocationKind(place.kind), UnitState.STORED)


def require_route(draft: MovementDraft, origin: Place, target: Place) -> None:
    """The verb leads from such a place to such a place, in the draft's own site."""
    for place in (origin, target):
        if place.site_id != draft.site_id:
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


def require_movable(draft: MovementDraft, line: LineDraft, unit: UnitBook, place: Place) -> None:
    """The unit is where the draft believes, on the site, whole, and not built upon."""
    if draft.verb is Verb.REVERSE:
        _require_last(draft, unit)
    elif unit.state not in ON_SITE_STATES and draft.verb is not Verb.ADJUST:
        raise UnitNotOnSite(
            f"This unit is {unit.state.replace('_', ' ')} and cannot be moved. "
            "Reverse what took it away first.",
            state=unit.state,
        )
    if line.from_location_id is not None and line.from_location_id != unit.location_id:
        raise UnitElsewhere(f"This unit is in {place.code} now.", location=place.code)
    if line.quantity is not None and line.quantity != unit.quantity:
        raise PartOfUnit(
            f"A unit moves whole: it holds {unit.quantity}, not {line.quantity}.",
            quantity=str(unit.quantity),
        )


def _require_last(draft: MovementDraft, unit: UnitBook) -> None:
    if unit.last_draft is not None or unit.last_movement_id != draft.reverses_id:
        raise BuiltUpon(
            "A later movement of this unit builds on it. Reverse that one first.",
            later_movement_id=unit.last_movement_id,
        )


def require_rights(actor: Actor, draft: MovementDraft, origin: Place, target: Place) -> None:
    """The actor may do this verb in every department that the line touches.

    A transfer needs the right only where the stock comes from; a place without a department is
    shared by all. Whoever booked an act may undo it with the smaller right `ledger.undo`.
    """
    permission = PERMISSION_OF[draft.verb]
    if draft.reverses_own_act:
        permission = Permission.LEDGER_UNDO
    places = [origin] if permission in ASKED_AT_ORIGIN else [origin, target]
    for place in places:
        if not place.is_virtual:
            require(
                actor,
                permission,
                site_id=place.site_id,
                department_id=place.department_id,
            )
