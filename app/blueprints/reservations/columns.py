"""The list of reservations as columns of a file."""

from __future__ import annotations

from app.web.list_files import Column

COLUMNS: tuple[Column, ...] = (
    ("For", lambda row: f"{row.reference_type} {row.reference_id}"),
    ("Item", lambda row: row.item_name),
    ("Lot", lambda row: row.lot_number),
    ("Roll", lambda row: row.token),
    ("Still promised", lambda row: row.open),
    ("Unit of measure", lambda row: row.unit_of_measure),
    ("Until", lambda row: row.expires_at),
    ("Promised at", lambda row: row.created_at),
)
