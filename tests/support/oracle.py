"""A second, slow and obvious implementation of posting: one draft at a time, through the ORM.

The engine must agree with it in every result, balance and unit. It shares no code with the
engine but the drafts, the models and the error codes.
"""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.ledger.drafts import MovementDraft
from app.domain.ledger.models import Balance, IdempotencyKey, Movement, Posting, SiteBalance, Verb
from app.domain.locations.models import Location, LocationKind
from app.domain.units.models import Unit

REAL = "site"
ROUTES = {
    Verb.PUTAWAY: [(REAL, REAL)],
    Verb.TRANSFER: [(REAL, LocationKind.STAGING)],
    Verb.DISPATCH: [(REAL, LocationKind.CUSTOMER)],
    Verb.ADJUST: [(LocationKind.COUNT, REAL), (REAL, LocationKind.COUNT)],
}
STATES = {LocationKind.STAGING: "produced", LocationKind.CUSTOMER: "dispatched"}


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
    unit = None
    if line.unit_id is not None:
        unit = session.get(Unit, line.unit_id)
        if unit is None:
            raise Refusal("unit_not_found")
    origin = session.get(Location, unit.location_id if unit else line.from_location_id)
    quantity = unit.quantity if unit else line.quantity
    if unit and draft.verb != Verb.ADJUST and unit.state not in ("produced", "stored"):
        raise Refusal("unit_not_on_site")
    if not any(_fits(a, origin) and _fits(b, target) for a, b in ROUTES[draft.verb]):
        raise Refusal("wrong_destination")
    if origin.id == target.id:
        return None
    stock = (line.item_id, line.lot_id)
    if not origin.is_virtual:
        _change(session, Balance, (origin.id, *stock), -quantity)
    if not target.is_virtual:
        _change(session, Balance, (target.id, *stock), quantity)
    entering = origin.is_virtual - target.is_virtual
    if entering:
        _change(session, SiteBalance, (draft.site_id, *stock), entering * quantity)
    if unit:
        unit.location_id = target.id
        unit.department_id = target.department_id or unit.department_id
        unit.state = STATES.get(target.kind, "stored")
        unit.partner_id = draft.partner_id if draft.verb == Verb.DISPATCH else None
        session.flush()
    return {
        "item_id": line.item_id,
        "lot_id": line.lot_id,
        "unit_id": line.unit_id,
        "from_location_id": origin.id,
        "to_location_id": target.id,
        "quantity": quantity,
    }


def _fits(kind, location: Location) -> bool:
    return not location.is_virtual if kind == REAL else location.kind == kind


def _change(session: Session, model, key: tuple[int, int, int], by: Decimal) -> None:
    row = session.get(model, key)
    if row is None:
        names = [column.name for column in sa.inspect(model).primary_key]
        row = model(**dict(zip(names, key, strict=True)), on_hand=Decimal(0))
        session.add(row)
    if row.on_hand + by < 0:
        raise Refusal("not_enough_stock")
    row.on_hand += by
    session.flush()
