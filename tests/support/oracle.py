"""A second, slow and obvious implementation of posting: one draft at a time, through the ORM.

The engine must agree with it in every result, balance and unit. It shares no code with the
engine but the drafts, the models and the error codes.
"""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.holds.models import Hold
from app.domain.ledger.drafts import MovementDraft
from app.domain.ledger.models import Balance, IdempotencyKey, Movement, Posting, SiteBalance, Verb
from app.domain.locations.models import Location, LocationKind
from app.domain.lots.models import Lot
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit

REAL = "site"
ROUTES = {
    Verb.PUTAWAY: [(REAL, REAL)],
    Verb.TRANSFER: [(REAL, LocationKind.STAGING)],
    Verb.DISPATCH: [(REAL, LocationKind.CUSTOMER)],
    Verb.ISSUE: [(REAL, LocationKind.PRODUCTION)],
    Verb.CONSUME: [(REAL, LocationKind.PRODUCTION)],
    Verb.RETURN: [(LocationKind.CUSTOMER, REAL), (LocationKind.PRODUCTION, REAL)],
    Verb.SCRAP: [(REAL, LocationKind.SCRAP)],
    Verb.ADJUST: [(LocationKind.COUNT, REAL), (REAL, LocationKind.COUNT)],
    Verb.TRANSFORM: [
        (REAL, LocationKind.TRANSFORMATION),
        (LocationKind.TRANSFORMATION, REAL),
        (REAL, LocationKind.MEASUREMENT),
        (LocationKind.MEASUREMENT, REAL),
    ],
}
STATES = {
    LocationKind.STAGING: "produced",
    LocationKind.CUSTOMER: "dispatched",
    LocationKind.PRODUCTION: "consumed",
    LocationKind.TRANSFORMATION: "consumed",
    LocationKind.SCRAP: "scrapped",
}
HERE = ("produced", "stored")
USES = (Verb.DISPATCH, Verb.ISSUE, Verb.CONSUME, Verb.RESERVE)
FOR_SOMEBODY = (Verb.DISPATCH, Verb.ISSUE, Verb.CONSUME)
MAY_TAKE_PART = (Verb.ISSUE, Verb.CONSUME, Verb.SCRAP, Verb.TRANSFORM)


class Refusal(Exception):
    """Why a draft is refused: the error's code."""


def post_sequentially(session: Session, drafts: list[MovementDraft], actor_id: int) -> list[str]:
    """Post every draft in a savepoint of its own; "posted", "unchanged", "replayed" or a code."""
    groups: dict[object, list[int]] = {}
    for index, draft in enumerate(drafts):
        groups.setdefault(draft.linked or index, []).append(index)
    outcomes = [""] * len(drafts)
    for members in groups.values():
        savepoint = session.begin_nested()
        try:
            done = [_post(session, drafts[index], actor_id) for index in members]
        except Refusal as refusal:
            savepoint.rollback()
            done = [str(refusal)] * len(members)
        else:
            savepoint.commit()
        for index, outcome in zip(members, done, strict=True):
            outcomes[index] = outcome
            _remember(session, drafts[index], outcome)
    return outcomes


def _post(session: Session, draft: MovementDraft, actor_id: int) -> str:
    known = draft.key and session.get(IdempotencyKey, (draft.key.scope, draft.key.key))
    if known:
        if known.hash != draft.key.hash:
            raise Refusal("key_reused")
        return "replayed" if known.result["outcome"] in ("posted", "unchanged") else _again(known)
    movement = Movement(
        verb=draft.verb,
        site_id=draft.site_id,
        actor_id=actor_id,
        occurred_at=draft.occurred_at,
        partner_id=draft.partner_id,
        reference_type=draft.reference_type,
        reference_id=draft.reference_id,
    )
    lines = [_line(session, draft, line) for line in draft.lines]
    lines = [line for line in lines if line is not None]
    if not lines:
        return "unchanged"
    session.add(movement)
    session.flush()
    for number, line in enumerate(lines, start=1):
        session.add(Posting(movement_id=movement.id, line_no=number, **line))
    session.flush()
    return "posted"


def _again(known):
    raise Refusal(known.result["outcome"])


def _remember(session: Session, draft: MovementDraft, outcome: str) -> None:
    if draft.key and not session.get(IdempotencyKey, (draft.key.scope, draft.key.key)):
        session.add(
            IdempotencyKey(
                scope=draft.key.scope,
                key=draft.key.key,
                hash=draft.key.hash,
                result={"outcome": outcome},
            )
        )
        session.flush()


def _line(session: Session, draft: MovementDraft, line):
    target = session.get(Location, line.to_location_id)
    unit = session.get(Unit, line.unit_id) if line.unit_id is not None else None
    if line.unit_id is not None and unit is None:
        raise Refusal("unit_not_found")
    here = unit is not None and unit.state in HERE
    gains = (
        here and line.from_location_id not in (None, target.id) and unit.location_id == target.id
    )
    origin_id = line.from_location_id if unit is None or gains else unit.location_id
    origin = session.get(Location, origin_id)
    quantity = line.quantity or (unit.quantity if unit else line.new_unit.quantity)
    if draft.verb in (Verb.RESERVE, Verb.UNRESERVE):
        return _promise(session, draft, line, unit, quantity)
    if unit:
        _check_unit(draft, line, unit, target, gains=gains)
    if not any(_fits(a, origin) and _fits(b, target) for a, b in ROUTES[draft.verb]):
        raise Refusal("wrong_destination")
    if draft.verb in USES:
        _check_release(session, line)
    if origin.id == target.id:
        return None
    taken = _fulfil(session, draft, line, unit, quantity) if target.is_virtual else None
    _book(session, draft, line, (origin, target), quantity)
    if unit is None and line.new_unit:
        unit = _born(session, draft, line, target)
    elif unit:
        _change_unit(draft, unit, target, quantity, gains=gains)
    session.flush()
    return {
        "item_id": line.item_id,
        "lot_id": line.lot_id,
        "unit_id": unit.id if unit else None,
        "from_location_id": origin.id,
        "to_location_id": target.id,
        "quantity": quantity,
        "reserved_delta": taken[1] if taken else Decimal(0),
        "reservation_id": taken[0] if taken else None,
    }


def _change_unit(draft, unit: Unit, target: Location, quantity: Decimal, *, gains: bool) -> None:
    if gains:
        unit.quantity += quantity
    elif quantity < unit.quantity:
        unit.quantity -= quantity
    else:
        unit.location_id = target.id
        unit.department_id = target.department_id or unit.department_id
        unit.state = STATES.get(target.kind, "stored")
        unit.partner_id = draft.partner_id if draft.verb == Verb.DISPATCH else None


def _check_unit(draft: MovementDraft, line, unit: Unit, target: Location, *, gains: bool) -> None:
    is_elsewhere = line.from_location_id not in (None, unit.location_id)
    if (gains and draft.verb != Verb.TRANSFORM) or (is_elsewhere and not gains):
        raise Refusal("unit_elsewhere")
    may_come_back = draft.verb == Verb.RETURN and unit.state in ("dispatched", "consumed")
    if draft.verb != Verb.ADJUST and unit.state not in HERE and not may_come_back:
        raise Refusal("unit_not_on_site")
    if line.quantity is not None and not gains and line.quantity != unit.quantity:
        takes_part = draft.verb in MAY_TAKE_PART and target.is_virtual
        if not takes_part or line.quantity > unit.quantity:
            raise Refusal("part_of_unit")


def _check_release(session: Session, line) -> None:
    if session.get(Lot, line.lot_id).status != "approved":
        raise Refusal("lot_not_approved")
    subjects = [("item", line.item_id), ("lot", line.lot_id), ("unit", line.unit_id or 0)]
    for scope, subject_id in subjects:
        held = sa.select(Hold).where(
            Hold.scope == scope, Hold.subject_id == subject_id, Hold.lifted_at.is_(None)
        )
        if session.scalars(held).first():
            raise Refusal("on_hold")


def _promise(session: Session, draft: MovementDraft, line, unit, quantity: Decimal):
    if draft.verb == Verb.RESERVE:
        _check_release(session, line)
        if unit and unit.state not in HERE:
            raise Refusal("unit_not_on_site")
    found = _reservation_of(session, draft, line, makes=draft.verb == Verb.RESERVE)
    if found is None:
        raise Refusal("not_so_much_reserved")
    stock = _site_balance(session, draft.site_id, line)
    if draft.verb == Verb.RESERVE:
        if unit and unit.reservation_id is not None:
            raise Refusal("already_promised")
        if stock.on_hand - stock.reserved < quantity:
            raise Refusal("over_reserved")
    elif found.open < quantity:
        raise Refusal("not_so_much_reserved")
    delta = quantity if draft.verb == Verb.RESERVE else -quantity
    _change_promise(session, found, stock, delta)
    return {
        "item_id": line.item_id,
        "lot_id": line.lot_id,
        "unit_id": line.unit_id,
        "from_location_id": line.to_location_id,
        "to_location_id": line.to_location_id,
        "quantity": quantity,
        "reserved_delta": delta,
        "reservation_id": found.id,
    }


def _fulfil(session: Session, draft: MovementDraft, line, unit, quantity: Decimal):
    """Against which reservation stock leaves, and how much of it."""
    reference = (draft.reference_type, draft.reference_id)
    found = None
    if unit and unit.reservation_id is not None:
        found = session.get(Reservation, unit.reservation_id)
        is_for_it = (found.reference_type, found.reference_id) == reference
        if draft.verb not in FOR_SOMEBODY or not is_for_it:
            raise Refusal("promised_to_others")
    elif draft.verb in FOR_SOMEBODY and draft.reference_id is not None:
        found = _reservation_of(session, draft, line, of_unit=False)
    if found is None or not found.open:
        return None
    delta = -min(found.open, quantity)
    _change_promise(session, found, _site_balance(session, draft.site_id, line), delta)
    return found.id, delta


def _reservation_of(session: Session, draft: MovementDraft, line, *, makes=False, of_unit=True):
    key = {
        "site_id": draft.site_id,
        "item_id": line.item_id,
        "lot_id": line.lot_id,
        "unit_id": line.unit_id if of_unit else None,
        "reference_type": draft.reference_type,
        "reference_id": draft.reference_id,
    }
    found = session.scalars(sa.select(Reservation).filter_by(**key)).first()
    if found is None and makes:
        found = Reservation(**key, open=Decimal(0))
        session.add(found)
        session.flush()
    return found


def _change_promise(session: Session, found: Reservation, stock: SiteBalance, delta: Decimal):
    found.open += delta
    stock.reserved += delta
    if found.unit_id is not None:
        session.get(Unit, found.unit_id).reservation_id = found.id if found.open else None
    session.flush()


def _book(session: Session, draft: MovementDraft, line, ends, quantity: Decimal) -> None:
    origin, target = ends
    stock = (line.item_id, line.lot_id)
    if not origin.is_virtual:
        _change(session, Balance, (origin.id, *stock), -quantity)
    if not target.is_virtual:
        _change(session, Balance, (target.id, *stock), quantity)
    entering = origin.is_virtual - target.is_virtual
    if entering:
        _change(session, SiteBalance, (draft.site_id, *stock), entering * quantity)
    left = _site_balance(session, draft.site_id, line)
    if entering < 0 and left.reserved and left.on_hand < left.reserved:
        raise Refusal("promised_to_others")


def _born(session: Session, draft: MovementDraft, line, target: Location) -> Unit:
    unit = Unit(
        uid=line.new_unit.uid,
        site_id=draft.site_id,
        item_id=line.item_id,
        lot_id=line.lot_id,
        department_id=target.department_id,
        location_id=target.id,
        state=STATES.get(target.kind, "stored"),
        quantity=line.new_unit.quantity,
        properties={},
    )
    session.add(unit)
    session.flush()
    return unit


def _site_balance(session: Session, site_id: int, line) -> SiteBalance:
    key = {"site_id": site_id, "item_id": line.item_id, "lot_id": line.lot_id}
    row = session.get(SiteBalance, tuple(key.values()))
    if row is None:
        row = SiteBalance(**key, on_hand=Decimal(0), reserved=Decimal(0))
        session.add(row)
        session.flush()
    return row


def _fits(kind, location: Location) -> bool:
    return not location.is_virtual if kind == REAL else location.kind == kind


def _change(session: Session, model, key: tuple[int, int, int], by: Decimal) -> None:
    row = session.get(model, key)
    if row is None:
        names = [column.name for column in sa.inspect(model).primary_key]
        row = model(**dict(zip(names, key, strict=True)), on_hand=Decimal(0))
        if model is SiteBalance:
            row.reserved = Decimal(0)
        session.add(row)
    if row.on_hand + by < 0:
        raise Refusal("not_enough_stock")
    row.on_hand += by
    session.flush()
