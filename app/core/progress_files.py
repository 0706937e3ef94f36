"""How far a long transaction is, told outside of it: of what it writes, nobody sees anything
before it commits, and on SQLite nobody else can write meanwhile either.

A hint for people, nothing more: where a file is missing or damaged, nobody knows how far it is.
"""

from __future__ import annotations

import contextlib
import uuid
from pathlib import Path

FOLDER = "progress"


def tell(data: Path, uid: uuid.UUID, done: int) -> None:
    """Say how much is done of the work with that id."""
    path = _path(data, uid)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(done))


def told(data: Path, uid: uuid.UUID) -> int | None:
    """What was said last, if anything."""
    try:
        return int(_path(data, uid).read_text())
    except (OSError, ValueError):
        return None


def forget(data: Path, uid: uuid.UUID) -> None:
    """The work is over."""
    with contextlib.suppress(OSError):
        _path(data, uid).unlink()


def _path(data: Path, uid: uuid.UUID) -> Path:
    return data / FOLDER / str(uid)
