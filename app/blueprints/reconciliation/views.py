"""The page of proof, one discrepancy, and both as files."""

from __future__ import annotations

import uuid

from flask import Response, request

from app.blueprints.reconciliation import loading
from app.blueprints.reconciliation.columns import DISCREPANCIES, SEALS
from app.blueprints.reconciliation.loading import VIEW
from app.domain.reconciliation.sealing_queries import list_seals
from app.web import list_files
from app.web.database import reading
from app.web.guards import allow


@allow(VIEW)
def index() -> Response:
    """When the ledger was proven last, and what differs."""
    return loading.overview(is_open=_is_open())


@allow(VIEW)
def show(uid: uuid.UUID) -> Response:
    """One number that differs: expected, found, where to look first."""
    return loading.one(loading.entry(uid))


@allow(VIEW)
def download() -> Response:
    """The discrepancies of the list as a CSV file."""
    is_open = _is_open()
    rows = list_files.each(
        lambda before, limit: loading.entries(is_open=is_open, limit=limit, before_id=before),
        key=lambda entry: entry.row.id,
    )
    return list_files.list_file("discrepancies", DISCREPANCIES, rows)


@allow(VIEW)
def seals() -> Response:
    """Every seal with its root: kept elsewhere, it proves that nothing was cut off."""
    rows = list_files.each(
        lambda before, limit: list_seals(reading(), before_number=before, limit=limit),
        key=lambda seal: seal.number,
    )
    return list_files.list_file("seals", SEALS, rows)


def _is_open() -> bool:
    return request.args.get("show") != "settled"
