"""The list of items as columns of a file."""

from __future__ import annotations

from app.web.list_files import Column

COLUMNS: tuple[Column, ...] = (
    ("Number", lambda row: row.number),
    ("Name", lambda row: row.name),
    ("Rolls here", lambda row: row.stock.units),
    ("On hand", lambda row: row.stock.on_hand),
    ("Unit of measure", lambda row: row.unit_of_measure),
    ("Tracked by", lambda row: "roll" if row.tracking == "unit" else row.tracking),
)
