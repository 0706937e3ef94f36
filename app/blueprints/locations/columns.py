"""The rack map as columns of a file; a row is a rack and one of its places."""

from __future__ import annotations

from app.web.list_files import Column

COLUMNS: tuple[Column, ...] = (
    ("Rack or zone", lambda row: row[0].code),
    ("Place", lambda row: row[1].code),
    ("Rolls", lambda row: row[1].units),
    ("Room for", lambda row: row[1].capacity_units),
    ("Blocked", lambda row: "yes" if row[1].is_blocked else "no"),
)
