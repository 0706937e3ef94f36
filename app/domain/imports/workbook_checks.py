"""How much a workbook holds, counted before a parser may allocate for it.

A parser asks for the whole rectangle up to the last cell, so one cell in the last corner of a
sheet of 3 kB costs 17 billion cells; and a zip of 1 MB may unpack to gigabytes.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from pathlib import Path

from app.core.errors import Invalid

ROWS_MAX = 100_000
# The header, and what may stand over it.
ROWS_ABOVE_MAX = 20
COLUMNS_MAX = 200
UNPACKED_BYTES_MAX = 300 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# The first record of an old workbook, and the one that says it is encrypted: it stands near.
_OLD_START = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILEPASS = 0x002F
_RECORDS_BYTES = 256
_START = re.compile(rb"<(?:\w+:)?(c|row)\b")
# A quoted value may hold a ">", and a parser takes references in small letters too.
_ATTRIBUTES = re.compile(rb"""((?:"[^"]*"|'[^']*'|[^>"'])*)>""")
_HAS_REFERENCE = re.compile(rb"(?:^|\s)r\s*=")
_REFERENCE = re.compile(rb"""(?:^|\s)r\s*=\s*["']([A-Za-z]{0,4})(\d{1,9})["']""")
# A tag of a cell is short; what is longer and still open is not one that Excel has written.
_TAG_BYTES_MAX = 4096


class Unreadable(Invalid):
    """The file is not a table that can be read, or is too much of one."""

    code = "unreadable"


def check_size(rows: int, columns: int) -> None:
    """Raise Unreadable for more rows or columns than an import takes."""
    if rows > ROWS_MAX + ROWS_ABOVE_MAX:
        raise Unreadable(
            f"This file has more than {ROWS_MAX:,} rows. Split it and upload the parts.",
            field="file",
        )
    if columns > COLUMNS_MAX:
        raise Unreadable(f"This file has more than {COLUMNS_MAX} columns.", field="file")


def check_workbook(path: Path) -> bool:
    """Raise Unreadable for a zip that is no workbook, is damaged, or holds too much.

    Returns whether it has merged cells.

    Everything is unpacked once, piece by piece: the sizes in a zip's own list may lie, and then
    the checksum that is compared at the end of each part does not fit.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" not in names or names & {"content.xml", "xl/workbook.bin"}:
                raise not_a_table()
            return _unpack(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        raise not_a_table() from None


def not_a_table() -> Unreadable:
    """The refusal of whatever is not a table."""
    return Unreadable(
        "This file cannot be read. It must be an Excel workbook (.xlsx, .xls) or a text table "
        "(.csv) and undamaged.",
        field="file",
    )


def is_encrypted(path: Path) -> bool:
    """Whether an OLE container holds a workbook, of today or an old one, with a password."""
    with path.open("rb") as file:
        last = b""
        while chunk := file.read(CHUNK_BYTES):
            piece = last + chunk
            if _ENCRYPTED in piece or _has_password(piece):
                return True
            last = piece[-_RECORDS_BYTES:]
    return False


def _has_password(piece: bytes) -> bool:
    """Whether a record among the first of an old workbook says that the rest is encrypted."""
    at = piece.find(_OLD_START)
    end = at + _RECORDS_BYTES
    while 0 <= at < min(end, len(piece) - 4):
        kind, length = struct.unpack_from("<HH", piece, at)
        if kind == _FILEPASS:
            return True
        at += 4 + length
    return False


def protected() -> Unreadable:
    """The refusal of a workbook with a password."""
    return Unreadable(
        "This workbook is protected by a password. Save it without one.", field="file"
    )


def _unpack(archive: zipfile.ZipFile) -> bool:
    unpacked = 0
    has_merged = False
    for member in archive.infolist():
        reach = _Reach()
        with archive.open(member) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                unpacked += len(chunk)
                if unpacked > UNPACKED_BYTES_MAX:
                    size_mb = UNPACKED_BYTES_MAX // CHUNK_BYTES
                    message = f"This workbook unpacks to more than {size_mb} MB."
                    raise Unreadable(message, field="file")
                if member.filename.startswith("xl/"):
                    reach.feed(chunk)
        has_merged = has_merged or reach.has_merged
    return has_merged


class _Reach:
    """Follows how far the cells of a sheet reach; empty cells (self-closed tags) do not count."""

    def __init__(self) -> None:
        self._rest = b""
        self._column = 0
        self.has_merged = False

    def feed(self, chunk: bytes) -> None:
        """Read on; raises Unreadable at the first cell that lies too far out."""
        piece = self._rest + chunk
        self.has_merged = self.has_merged or b"mergeCell " in piece
        cut = piece.rfind(b"<")
        keep = cut if cut >= 0 and len(piece) - cut < _TAG_BYTES_MAX else len(piece)
        self._rest = piece[keep:]
        for start in _START.finditer(piece, 0, keep):
            tag = _ATTRIBUTES.match(piece, start.end(), min(keep, start.end() + _TAG_BYTES_MAX))
            if tag is None:
                raise not_a_table()
            self._see(start[1], tag[1])

    def _see(self, kind: bytes, attributes: bytes) -> None:
        reference = _REFERENCE.search(attributes)
        if reference is None and _HAS_REFERENCE.search(attributes):
            raise not_a_table()
        if kind == b"row":
            self._column = 0
            if reference and not attributes.endswith(b"/"):
                check_size(int(reference[2]), 0)
            return
        # A cell without a reference stands right of the one before.
        self._column = _column_number(reference[1]) if reference else self._column + 1
        if not attributes.endswith(b"/"):
            check_size(int(reference[2]) if reference else 0, self._column)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
