"""Keyset paging: the cursor is the key of the last row shown, so deep pages cost no more.

rows = list_units(session, after=cursor(), limit=PAGE_SIZE + 1)
page = paged(rows, key=lambda row: (row.last_seen_at.isoformat(), row.id))
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from app.core.errors import Invalid
from app.web.addresses import here_with

PAGE_SIZE = 50
# The largest number that a column of either engine can be compared with.
LARGEST_ID = 2**63 - 1

Row = TypeVar("Row")
Key = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows and the addresses of the next and the first page."""

    rows: Sequence[Row]
    next_url: str | None
    first_url: str
    is_later: bool


def cursor() -> Key | None:
    """The key after which this page starts; None on the first page."""
    text = request.args.get("after")
    return decode(text) if text else None


def paged(rows: Sequence[Row], *, key: Callable[[Row], Key], size: int = PAGE_SIZE) -> Page[Row]:
    """Make a page of rows that were fetched with a limit of `size + 1`."""
    shown = rows[:size]
    more = len(rows) > size
    return Page(
        rows=shown,
        next_url=here_with(after=encode(key(shown[-1]))) if more else None,
        first_url=here_with(),
        is_later="after" in request.args,
    )


def encode(key: Key) -> str:
    """A key as one word for an address."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(text: str) -> Key:
    """The key in an address. Raises Invalid when somebody shortened or changed it."""
    try:
        padded = text + "=" * (-len(text) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or not all(_is_part(part) for part in key):
        raise Invalid("This page link is damaged. Open the first page again.", field="after")
    return tuple(key)


def _is_part(part: object) -> bool:
    """Whether both engines can compare a column with this: no NUL, no half of a character."""
    if isinstance(part, str):
        return "\x00" not in part and not any("\ud800" <= char <= "\udfff" for char in part)
    if isinstance(part, bool) or not isinstance(part, int):
        return part is None
    return 0 <= part <= LARGEST_ID
