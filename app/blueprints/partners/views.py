"""The list of partners and the page of one."""

from __future__ import annotations

import uuid

from flask import Response

from app.blueprints.partners.columns import COLUMNS
from app.core.rights import Permission
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger.movement_queries import MovementFilter, list_movements
from app.domain.ledger.stock_queries import list_partners
from app.domain.partners.queries import partner_by_uid
from app.web import list_files, stock
from app.web.database import reading
from app.web.guards import allow
from app.web.labels import draw_qr, label_url
from app.web.paging import PAGE_SIZE, paged
from app.web.responses import page


@allow(Permission.STOCK_VIEW)
def index() -> Response:
    """Partners by code."""
    rows = list_partners(
        reading(), text=stock.typed(), after=stock.after_text(), limit=PAGE_SIZE + 1
    )
    return page(
        "partners/index.html",
        page=paged(rows, key=lambda row: (row.code,)),
        text=stock.typed(),
    )


@allow(Permission.STOCK_VIEW)
def download() -> Response:
    """The partners of the list, all of its pages, as a CSV file."""
    text = stock.typed()
    rows = list_files.each(
        lambda after, limit: list_partners(reading(), text=text, after=after, limit=limit),
        key=lambda row: row.code,
    )
    return list_files.list_file("partners", COLUMNS, rows)


@allow(Permission.STOCK_VIEW)
def show(uid: uuid.UUID) -> Response:
    """One partner and what went to or came from it."""
    partner = partner_by_uid(reading(), uid=uid)
    wanted = MovementFilter(
        site_id=stock.site_id(), departments=stock.departments(), partner_id=partner.id
    )
    rows = list_movements(reading(), wanted, limit=PAGE_SIZE + 1, before=stock.after_id())
    token = tokens_of(reading(), CodeKind.PARTNER, [partner.id]).get(partner.id)
    return page(
        "partners/show.html",
        partner=partner,
        page=paged(rows, key=lambda row: (row.id,)),
        token=token,
        qr=draw_qr(label_url(token)) if token else None,
    )
