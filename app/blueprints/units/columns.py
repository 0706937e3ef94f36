"""The list of rolls as columns of a file."""

from __future__ import annotations

from app.web.list_files import Column

COLUMNS: tuple[Column, ...] = (
    ("Roll", lambda row: row.token),
    ("Also called", lambda row: row.alias),
    ("Item", lambda row: row.item_name),
    ("Lot", lambda row: row.lot_number if row.has_lot else None),
    ("Quantity", lambda row: row.quantity),
    ("Unit of measure", lambda row: row.unit_of_measure),
    ("Place", lambda row: None if row.is_place_virtual else row.place_code),
    ("State", lambda row: row.state.replace("_", " ")),
    ("Moved at", lambda row: row.moved_at),
    ("By", lambda row: row.by_name),
    ("Partner", lambda row: row.partner_name),
)
