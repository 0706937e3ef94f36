"""The list of lots as columns of a file."""

from __future__ import annotations

from app.web.list_files import Column

COLUMNS: tuple[Column, ...] = (
    ("Lot", lambda row: row.number),
    ("Item", lambda row: row.item_name),
    ("Status", lambda row: row.status),
    ("Rolls here", lambda row: row.stock.units),
    ("On hand", lambda row: row.stock.on_hand),
    ("Unit of measure", lambda row: row.unit_of_measure),
    ("Registered at", lambda row: row.created_at),
)
