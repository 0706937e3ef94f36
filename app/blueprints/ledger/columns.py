"""The list of movements as columns of a file; what and where are those of the first line."""

from __future__ import annotations

from app.domain.ledger.history_queries import PlaceName
from app.web.list_files import Column


def _place(place: PlaceName) -> str:
    return place.kind.replace("_", " ") if place.is_virtual else place.code


COLUMNS: tuple[Column, ...] = (
    ("Movement", lambda row: str(row.uid)),
    ("Verb", lambda row: str(row.verb)),
    ("Item", lambda row: row.line.item_name),
    ("Lot", lambda row: row.line.lot_number),
    ("Roll", lambda row: row.line.token),
    ("Lines", lambda row: row.lines),
    ("Quantity", lambda row: row.quantity),
    ("Unit of measure", lambda row: row.line.unit_of_measure),
    ("From", lambda row: _place(row.line.origin)),
    ("To", lambda row: _place(row.line.target)),
    ("Partner", lambda row: row.partner_name),
    ("Who", lambda row: row.by_name),
    ("Happened at", lambda row: row.occurred_at),
    ("Booked at", lambda row: row.posted_at),
    ("Reason", lambda row: row.reason),
    ("Taken back", lambda row: "yes" if row.is_reversed else "no"),
)
