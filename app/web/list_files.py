"""What a list shows, as a CSV file: the same filters, the same rights, all of its pages.

The file is finished before its first byte is sent, on disk where it is large: a list that is too
long, or a database that fails half-way, is answered with a page and not with half a file.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import IO, Any, TypeVar

from flask import Response, send_file

from app.core.clock import now
from app.core.errors import DomainError
from app.web.current import time_zone

ROWS_AT_ONCE = 500
ROWS_MAX = 100_000
MEMORY_BYTES = 1024 * 1024
# A spreadsheet would run a cell that begins so as a formula; the wide forms too, in Asia.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_UNSENDABLE = re.compile("[\x00\ud800-\udfff]")

Row = TypeVar("Row")
Key = TypeVar("Key")
Cell = str | Decimal | int | datetime | None
Column = tuple[str, Callable[[Any], Cell]]


class TooManyRows(DomainError):
    """A list is longer than a CSV file of it may be."""

    code = "too_many_rows"
    status = 422


def each(
    fetch: Callable[[Key | None, int], Sequence[Row]], key: Callable[[Row], Key]
) -> Iterator[Row]:
    """Every row of a keyset-paged query: `fetch` is given the key of the last row and a limit."""
    after: Key | None = None
    while True:
        rows = fetch(after, ROWS_AT_ONCE)
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        after = key(rows[-1])


def list_file(name: str, columns: Sequence[Column], rows: Iterator[Any]) -> Response:
    """The rows as a download. A heading that ends in "at" names the zone. Raises TooManyRows."""
    made = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115 - sent, then closed
    try:
        _write(made, columns, rows)
    except BaseException:
        made.close()
        raise
    size_bytes = made.tell()
    made.seek(0)
    day = now().astimezone(time_zone())
    response = send_file(
        made,
        mimetype="text/csv",
        as_attachment=True,
        download_name=f"{name}-{day:%Y-%m-%d}.csv",
    )
    response.content_length = size_bytes
    response.headers["Cache-Control"] = "no-store"
    return response


def safe_text(text: str) -> str:
    """A text that a spreadsheet shows instead of running it."""
    shown = _UNSENDABLE.sub("", text)
    return f"'{shown}" if shown.startswith(FORMULA_STARTS) else shown


def _write(made: IO[bytes], columns: Sequence[Column], rows: Iterator[Any]) -> None:
    text = io.TextIOWrapper(made, encoding="utf-8", newline="", write_through=True)
    # Excel takes a file for UTF-8 only with this mark.
    text.write("\ufeff")
    out = csv.writer(text)
    zone = time_zone()
    out.writerow([f"{word} ({zone.key})" if word.endswith(" at") else word for word, _ in columns])
    for count, row in enumerate(rows):
        if count == ROWS_MAX:
            raise TooManyRows(
                f"This list has more than {ROWS_MAX:,} rows. Choose fewer with its filters, or "
                "use the audit export, which has no limit.",
                rows_max=ROWS_MAX,
            )
        out.writerow([_cell(value(row)) for _, value in columns])
    text.detach()


def _cell(value: Cell) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(time_zone()):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return safe_text(value) if isinstance(value, str) else "" if value is None else str(value)
