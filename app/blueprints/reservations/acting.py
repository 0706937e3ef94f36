"""From what was typed to the commands that promise and release."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.blueprints.reservations.forms import ReleaseForm, ReservationForm
from app.core.errors import Invalid
from app.core.types import NotExact, parse_quantity
from app.domain.ledger import commands
from app.domain.ledger.commands import Details, Posted, Wish
from app.domain.ledger.drafts import Key
from app.domain.ledger.entry_queries import EntryText, LineText, read_entries
from app.domain.ledger.proposal_queries import Order
from app.domain.ledger.reservation_queries import ReservationRow
from app.domain.lots.models import NO_LOT
from app.web.current import current_actor, time_zone


def promise(session: Session, form: ReservationForm) -> Posted:
    """Read the codes and promise what they stand for."""
    actor = current_actor()
    site_id = actor.site_id or 0
    line = LineText(
        form.unit.data or "", form.item.data or "", form.lot.data or "", form.quantity.data or ""
    )
    (read,) = read_entries(session, site_id=site_id, entries=[EntryText([line])])
    if read.error is not None:
        raise read.error
    said = read.lines[0]
    lot_id = said.lot_id if said.lot_id != NO_LOT else None
    wish = Wish(said.item_id, said.quantity, lot_id=lot_id, unit_id=said.unit_id)
    return commands.reserve(
        session,
        actor=actor,
        site_id=site_id,
        wishes=[wish],
        reference_type=form.reference_type.data,
        reference_id=form.reference_id.data,
        until=form.ends(time_zone()),
        order=Order(form.order.data),
        details=Details(key=_key("reserve", form)),
    )


def let_go(session: Session, shown: ReservationRow, form: ReleaseForm) -> Posted:
    """Release all of a promise, or so much of it."""
    quantity = None
    if form.quantity.data:
        try:
            quantity = parse_quantity(form.quantity.data)
        except NotExact as error:
            raise Invalid(f"{error}.", field="quantity") from None
    return commands.release(
        session,
        actor=current_actor(),
        reservation_id=shown.id,
        reason=form.reason.data,
        quantity=quantity,
        details=Details(key=_key("release", form)),
    )


def _key(act: str, form: ReservationForm | ReleaseForm) -> Key:
    """Pressing twice promises once."""
    said = {name: str(value) for name, value in form.data.items() if name != "csrf_token"}
    return Key.of(f"user:{current_actor().user_id}", f"{act}:{form.uid.data}", said)
