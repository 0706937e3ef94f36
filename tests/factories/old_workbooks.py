"""Workbooks of Excel 97 to 2003, written byte by byte: nothing that we install can write them.

A compound file (MS-CFB) holds streams; the stream "Workbook" is a list of records (MS-XLS).
"""

import struct
from collections.abc import Mapping, Sequence

SECTOR = 512
FREE, END, FAT, NO_STREAM = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
# Smaller streams would have to lie in a stream of their own.
SMALLEST_STREAM = 4096
BOF, EOF, BOUNDSHEET, DIMENSIONS, LABEL, NUMBER = 0x0809, 0x000A, 0x0085, 0x0200, 0x0204, 0x0203
MERGED, FILEPASS = 0x00E5, 0x002F


def compound_file(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with these streams, each padded to where it is kept in whole sectors."""
    fat: list[int] = [FAT]
    sectors: list[bytes] = []
    entries = [_entry("Root Entry", 5, END, 0, child=1)]
    for number, (name, content) in enumerate(streams.items(), start=1):
        padded = content.ljust(SMALLEST_STREAM, b"\0")
        padded += b"\0" * (-len(padded) % SECTOR)
        start, count = len(fat), len(padded) // SECTOR
        fat += [*range(start + 1, start + count), END]
        sectors.append(padded)
        following = number + 1 if number < len(streams) else NO_STREAM
        entries.append(_entry(name, 2, start, len(padded), right=following))
    while len(entries) % 4:
        entries.append(_entry("", 0, 0, 0))
    directory, count = len(fat), len(entries) // 4
    fat += [*range(directory + 1, directory + count), END]
    assert len(fat) <= SECTOR // 4
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, directory, 0, SMALLEST_STREAM, END, 0, END, 0),
    )
    difat = struct.pack("<109I", 0, *[FREE] * 108)
    return header + difat + table + b"".join(sectors) + b"".join(entries)


def _entry(
    name: str, kind: int, start: int, size: int, *, child: int = NO_STREAM, right: int = NO_STREAM
) -> bytes:
    text = name.encode("utf-16-le")
    length = len(text) + 2 if name else 0
    head = struct.pack("<64sHBBIII", text, length, kind, 1, NO_STREAM, right, child)
    return head + struct.pack("<16xI8x8xIQ", 0, start, size)


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def old_workbook(
    rows: Sequence[Sequence[str | float]],
    *,
    merged: Sequence[tuple[int, int, int, int]] = (),
    has_password: bool = False,
) -> bytes:
    """An .xls with one sheet. `merged` are first row, last row, first column, last column."""
    opening = _record(BOF, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 6))
    if has_password:
        opening += _record(FILEPASS, struct.pack("<HHH", 1, 1, 1))
    sheet = _record(BOF, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6))
    width = max(len(row) for row in rows)
    sheet += _record(DIMENSIONS, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            place = struct.pack("<HHH", y, x, 0)
            if isinstance(value, str):
                text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                sheet += _record(LABEL, place + text)
            else:
                sheet += _record(NUMBER, place + struct.pack("<d", value))
    if merged:
        ranges = b"".join(struct.pack("<HHHH", *one) for one in merged)
        sheet += _record(MERGED, struct.pack("<H", len(merged)) + ranges)
    sheet += _record(EOF, b"")
    name = b"coils"
    # The position of the sheet is known once its own record is.
    bound = struct.pack("<IBBBB", 0, 0, 0, len(name), 0) + name
    start = len(opening) + len(_record(BOUNDSHEET, bound)) + len(_record(EOF, b""))
    bound = struct.pack("<I", start) + bound[4:]
    globals_ = opening + _record(BOUNDSHEET, bound) + _record(EOF, b"")
    return compound_file({"Workbook": globals_ + sheet})
