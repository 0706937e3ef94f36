"""The list of partners as columns of a file."""

from __future__ import annotations

from app.web.list_files import Column

COLUMNS: tuple[Column, ...] = (
    ("Code", lambda row: row.code),
    ("Name", lambda row: row.name),
    ("Customer", lambda row: "yes" if row.is_customer else "no"),
    ("Supplier", lambda row: "yes" if row.is_supplier else "no"),
)
