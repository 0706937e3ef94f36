"""Material entry by hand: one form, sent once however often its button is pressed."""

from __future__ import annotations

from flask import Response, request
from sqlalchemy.orm import Session

from app.blueprints.imports.forms import EntryForm
from app.blueprints.imports.places import offered_departments
from app.core.errors import Invalid
from app.core.rights import Permission
from app.domain.imports import commands
from app.domain.imports.commands.entering import UnusualWeight
from app.domain.imports.queries import suggest_items, unit_uids
from app.domain.ledger.drafts import Key
from app.domain.ledger.errors import KeyReused
from app.domain.lots.commands import LotExists
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.responses import page, see_other

ITEMS_SUGGESTED = 200


@allow(Permission.LEDGER_PRODUCE)
def show() -> Response:
    """The empty form."""
    return _page(_form())


@allow(Permission.LEDGER_PRODUCE)
def enter() -> Response:
    """Make item, lot and rolls, and go on to their labels."""
    form = _form()
    if request.form.get("act") == "more":
        form.add_fields()
        return _page(form)
    if not form.validate():
        return _page(form, status=422)
    try:
        entry = unit_of_work(lambda session: _enter(session, form))
    except KeyReused:
        form.begin_anew()
        return _page(form, status=422)
    except (LotExists, Invalid) as error:
        form.refuse(error)
        return _page(form, status=422, refusal=error)
    return see_other(_labels_of(entry))


def _form() -> EntryForm:
    form = EntryForm()
    actor = current_actor()
    form.offer(offered_departments(Permission.LEDGER_PRODUCE), actor.home_department_id)
    form.begin()
    return form


def _page(
    form: EntryForm, *, status: int = 200, refusal: LotExists | Invalid | None = None
) -> Response:
    return page(
        "imports/entry.html",
        status=status,
        form=form,
        lot_exists=isinstance(refusal, LotExists) or form.may_add_to_lot.data,
        asks_weights=isinstance(refusal, UnusualWeight) or form.are_weights_right.data,
        items=suggest_items(reading(), limit=ITEMS_SUGGESTED),
        may_make_items=current_actor().may(Permission.CATALOG_MANAGE),
    )


def _enter(session: Session, form: EntryForm) -> commands.Entry:
    actor = current_actor()
    what = {
        "department_id": form.department.data,
        "item_number": form.item_number.data,
        "item_name": form.item_name.data or "",
        "lot_number": form.lot.data,
        "may_add_to_lot": bool(form.may_add_to_lot.data),
        "are_weights_right": bool(form.are_weights_right.data),
    }
    weights = form.rolls()
    key = Key.of(f"entry:{actor.user_id}", form.key.data, {**what, "weights": weights})
    return commands.enter_material(session, actor=actor, weights=weights, key=key, **what)


def _labels_of(entry: commands.Entry) -> str:
    """Where the labels of the new rolls are printed: one roll's, or all that were made together."""
    if len(entry.unit_ids) > 1:
        return f"/print/movement/{entry.movement_uid}/"
    (uid,) = unit_uids(reading(), unit_ids=entry.unit_ids)
    return f"/print/{uid}/"
