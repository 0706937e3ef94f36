"""The list of lots, the page of one, and the word of quality on it."""

from __future__ import annotations

import uuid

from flask import Response, flash
from sqlalchemy.orm import Session

from app.blueprints.lots.columns import COLUMNS
from app.blueprints.lots.forms import QualityForm
from app.core.errors import Invalid
from app.core.rights import Permission
from app.domain.catalog.models import Item
from app.domain.catalog.queries import item_by_uid, list_item_names
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger.stock_queries import Stock, list_lots, places_of, stock_by
from app.domain.ledger.unit_queries import UnitFilter, count_units, list_units
from app.domain.lots.commands import judge_lot, set_expiry
from app.domain.lots.models import Lot, LotStatus
from app.domain.lots.queries import list_decisions, lot_by_uid
from app.web import holds, list_files, stock
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.labels import draw_qr, label_url
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page, see_other

PLACES_AT_MOST = 50
DECISIONS_AT_MOST = 50


@allow(Permission.STOCK_VIEW)
def index() -> Response:
    """Lots, the newest first."""
    item_uid = stock.chosen_uid("item")
    item = item_by_uid(reading(), uid=item_uid) if item_uid else None
    rows = list_lots(
        reading(),
        scope=stock.scope(),
        text=stock.typed(),
        item_id=item.id if item else None,
        before=stock.after_id(),
        limit=PAGE_SIZE + 1,
    )
    return page(
        "lots/index.html",
        page=paged(rows, key=lambda row: (row.id,)),
        items=list_item_names(reading()),
        chosen=item,
        text=stock.typed(),
        tabs=stock.STOCK_TABS,
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The lots of the list, all of its pages, as a CSV file."""
    item_uid = stock.chosen_uid("item")
    item_id = item_by_uid(reading(), uid=item_uid).id if item_uid else None
    scope, text = stock.scope(), stock.typed()
    rows = list_files.each(
        lambda before, limit: list_lots(
            reading(), scope=scope, text=text, item_id=item_id, before=before, limit=limit
        ),
        key=lambda row: row.id,
    )
    return list_files.list_file("lots", COLUMNS, rows)


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One lot: its rolls and where they lie."""
    lot = lot_by_uid(reading(), uid=uid)
    return _show(lot, QualityForm(obj=lot, reason=""))


@allow(Permission.LOTS_JUDGE)
def judge(uid: uuid.UUID) -> Response:
    """Keep what quality says of the lot: its status, its last good day, and why."""
    lot, form = lot_by_uid(reading(), uid=uid), QualityForm()
    if not form.validate():
        return _show(lot, form, status=422)
    try:
        unit_of_work(lambda session: _decide(session, lot.id, form))
    except Invalid as error:
        form.refuse(error)
        return _show(lot, form, status=error.status)
    flash(f"Lot {lot.number}: {form.status.data}.", "ok")
    return see_other(f"/lots/{uid}/")


def _decide(session: Session, lot_id: int, form: QualityForm) -> None:
    actor, status = current_actor(), LotStatus(form.status.data)
    judge_lot(session, actor=actor, lot_id=lot_id, status=status, reason=form.reason.data)
    set_expiry(session, actor=actor, lot_id=lot_id, expires_on=form.expires_on.data)


def _show(lot: Lot, form: QualityForm, *, status: int = 200) -> Response:
    item = reading().get_one(Item, lot.item_id)
    scope = stock.scope()
    wanted = UnitFilter(scope.site_id, scope.departments, lot_id=lot.id)
    units = list_units(reading(), wanted, limit=PAGE_SIZE + 1, after=stock.after_time())
    token = tokens_of(reading(), CodeKind.LOT, [lot.id]).get(lot.id)
    return page(
        "lots/show.html",
        status=status,
        form=form,
        decisions=list_decisions(reading(), lot_id=lot.id, limit=DECISIONS_AT_MOST),
        holds=holds.of_lot(lot, item),
        lot=lot,
        item=item,
        stock=stock_by(reading(), "lot_id", [lot.id], scope=scope).get(lot.id, Stock()),
        counts=count_units(reading(), wanted),
        places=places_of(
            reading(), scope=scope, item_id=item.id, lot_id=lot.id, limit=PLACES_AT_MOST
        ),
        page=paged(units, key=lambda row: (row.moved_at.isoformat(), row.id)),
        token=token,
        qr=draw_qr(label_url(token)) if token else None,
    )
