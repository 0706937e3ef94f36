"""Discrepancies and seals as columns of a file."""

from __future__ import annotations

from app.web.list_files import Column

DISCREPANCIES: tuple[Column, ...] = (
    ("Kind", lambda entry: entry.row.kind.replace("_", " ")),
    ("What", lambda entry: entry.row.what),
    ("Department", lambda entry: entry.department_name),
    ("Place", lambda entry: entry.place_code),
    ("Item", lambda entry: entry.item_name),
    ("Lot", lambda entry: entry.lot_number),
    ("Roll", lambda entry: entry.token),
    ("Expected", lambda entry: entry.row.expected),
    ("Found", lambda entry: entry.row.found),
    ("First suspect", lambda entry: entry.suspect_uid and str(entry.suspect_uid)),
    ("Found at", lambda entry: entry.row.found_at),
    ("Last seen at", lambda entry: entry.row.last_seen_at),
    ("Explanation", lambda entry: entry.row.explanation),
    ("Settled", lambda entry: entry.row.resolution),
    ("Reason", lambda entry: entry.row.reason),
    ("Settled by", lambda entry: entry.resolved_by),
    ("Settled at", lambda entry: entry.row.resolved_at),
)
SEALS: tuple[Column, ...] = (
    ("Seal", lambda seal: seal.number),
    ("Sealed at", lambda seal: seal.sealed_at),
    ("Epoch", lambda seal: seal.epoch_id),
    ("Movements", lambda seal: seal.movement_count),
    ("Postings", lambda seal: seal.posting_count),
    ("Root", lambda seal: seal.root),
)
