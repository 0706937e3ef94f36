"""Text tables: which encoding, which separator, how wide; found by themselves, or as told."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.imports.workbook_checks import CHUNK_BYTES, Unreadable, check_size, not_a_table

ENCODINGS = ("utf-8", "utf-16", "cp1252")
SEPARATORS = (",", ";", "\t")
LINES_AT_ONCE = 2_000
LINES_LOOKED_AT = 50
LOOKED_AT_BYTES = 65_536
_OTHER_FILES = (b"%pdf", b"{\\rtf", b"<!doct", b"<html", b"<?xml", b"\x89png", b"gif8")
_TEXT_BYTES = bytes([0, *b"\t\n\f\r", *range(32, 127), *range(128, 256)])
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a text table is written, how many lines it has and how wide the widest is.

    `used_width` leaves out what is empty at the end of every line.
    """

    encoding: str
    separator: str
    lines: int
    width: int
    used_width: int


def refuse_other_files(path: Path, encoding: str) -> None:
    """Raise Unreadable for what is no text: pictures, PDFs, archives, programs, web pages."""
    with path.open("rb") as file:
        start = file.read(LOOKED_AT_BYTES)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:6].lower().startswith(_OTHER_FILES):
        raise not_a_table()
    odd = len(start.translate(None, _TEXT_BYTES))
    # One character in a name may be odd; in UTF-16 half of every letter can be.
    if not encoding.startswith("utf-16") and odd > max(4, len(start) // 50):
        raise not_a_table()


def find_form(path: Path, *, encoding: str = "", separator: str = "") -> Form:
    """Find out what is not said, and count. Raises Unreadable before much is held in memory."""
    used = _codec(path, encoding)
    refuse_other_files(path, used)
    try:
        separator = separator or _find_separator(path, used)
        measured = _measure(path, used, separator)
    except csv.Error as error:
        raise _unreadable(error) from None
    except ValueError:  # what the decoders raise
        raise not_a_table() from None
    return Form(used, separator, *measured)


def read_lines(path: Path, form: Form) -> Iterator[tuple[Any, ...]]:
    """Every line as its cells, all of the same number. Raises Unreadable on the way."""
    import pandas as pd

    try:
        frames = pd.read_csv(
            path,
            sep=form.separator,
            encoding=form.encoding,
            header=None,
            names=list(range(form.width)),
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            index_col=False,
            chunksize=LINES_AT_ONCE,
        )
        with frames:
            for frame in frames:
                yield from frame.itertuples(index=False, name=None)
    except csv.Error as error:
        raise _unreadable(error) from None
    except ValueError:  # what pandas and the decoders raise
        raise not_a_table() from None


def _unreadable(error: Exception) -> Unreadable:
    return Unreadable(f"This file cannot be read as a table: {error}.", field="file")


def _codec(path: Path, told: str) -> str:
    """The codec of an encoding that somebody chose, or of what the bytes look like."""
    found = _find_encoding(path)
    if not told:
        return found
    same = found.startswith(told) or (told == "utf-8" and found == "utf-8-sig")
    # "utf-16" alone needs a mark that says which half comes first.
    return found if same else "utf-16-le" if told == "utf-16" else told


def _find_encoding(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    if start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if start[::2].count(0) > len(start) // 4:
        return "utf-16-be"
    return "utf-8" if _is_utf8(path) else "cp1252"


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while file.read(CHUNK_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _find_separator(path: Path, encoding: str) -> str:
    """The separator that cuts the first lines into the most pieces, and all of them alike."""
    with path.open(encoding=encoding, newline="") as file:
        first = [file.readline(4096) for _ in range(LINES_LOOKED_AT)]
    lines = [line for line in first if line.strip()]

    def score(separator: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator)]
        usual = max(set(widths), key=widths.count, default=1)
        return (widths.count(usual) if usual > 1 else 0, usual)

    return max(SEPARATORS, key=score)


def _measure(path: Path, encoding: str, separator: str) -> tuple[int, int, int]:
    """Lines, width and used width of the widest line; too much is refused at once."""
    count = width = used = 0
    with path.open(encoding=encoding, newline="") as file:
        for count, line in enumerate(csv.reader(file, delimiter=separator), start=1):
            width = max(width, len(line))
            check_size(count, width)
            filled = len(line)
            while filled > used and not line[filled - 1].strip():
                filled -= 1
            used = max(used, filled)
    return count, width, used
