"""Files that people hand in or the product makes, kept under keys that the product chose.

A file's key is its content's SHA-256, so the same bytes are one file however often they come, a
name that somebody typed never touches the disk, and a damaged file can be told from a whole one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.core.errors import DomainError

CHUNK_BYTES = 1024 * 1024
WORKSPACE = "making-"
_KEY = re.compile(r"[a-z]{1,20}/[0-9a-f]{2}/[0-9a-f]{64}")


class TooLarge(DomainError):
    """A file has more bytes than this installation takes."""

    code = "too_large"
    status = 413


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file lies and what it is."""

    key: str
    sha256: str
    size_bytes: int


class Storage:
    """A folder of files under keys like "imports/3f/3f9a…"."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def save(self, stream: BinaryIO, *, shelf: str, bytes_max: int) -> StoredFile:
        """Copy a stream to disk without holding it in memory. Raises TooLarge.

        The file appears under its key only when all of it is safely written.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        digest, size_bytes = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self.root, prefix="incoming-")
        incoming = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                while chunk := stream.read(CHUNK_BYTES):
                    size_bytes += len(chunk)
                    if size_bytes > bytes_max:
                        raise _too_large(bytes_max)
                    digest.update(chunk)
                    target.write(chunk)
                target.flush()
                os.fsync(target.fileno())
            sha256 = digest.hexdigest()
            key = f"{shelf}/{sha256[:2]}/{sha256}"
            path = self.path(key)
            path.parent.mkdir(parents=True, exist_ok=True)
            incoming.replace(path)
        finally:
            incoming.unlink(missing_ok=True)
        return StoredFile(key, sha256, size_bytes)

    def keep(self, path: Path, *, shelf: str) -> StoredFile:
        """Take over a file that was made in a `workspace`."""
        with path.open("rb") as made:
            sha256 = hashlib.file_digest(made, "sha256").hexdigest()
            os.fsync(made.fileno())
        size_bytes = path.stat().st_size
        key = f"{shelf}/{sha256[:2]}/{sha256}"
        self.path(key).parent.mkdir(parents=True, exist_ok=True)
        path.replace(self.path(key))
        return StoredFile(key, sha256, size_bytes)

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for making a file, beside the place where it will be kept."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.root, prefix=WORKSPACE) as folder:
            yield Path(folder)

    def sweep(self, *, shelf: str, keep: Collection[str], before: datetime) -> int:
        """Remove files of a shelf that nobody keeps, and workspaces whose maker died.

        Only what was last changed `before` is touched: what is younger may be in the making.
        Returns how many were removed.
        """
        files = [path for path in (self.root / shelf).glob("*/*") if _key_of(path) not in keep]
        old = [path for path in files if _is_older(path, before)]
        for path in old:
            path.unlink(missing_ok=True)
        workspaces = [p for p in self.root.glob(f"{WORKSPACE}*") if _is_older(p, before)]
        for folder in workspaces:
            shutil.rmtree(folder, ignore_errors=True)
        return len(old) + len(workspaces)

    def path(self, key: str) -> Path:
        """The file under a key. Raises ValueError for what is not a key of ours."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not a storage key")
        return self.root / key


def open_storage(data: Path) -> Storage:
    """The storage of an installation, in its data folder."""
    return Storage(data / "files")


def _key_of(path: Path) -> str:
    return "/".join(path.parts[-3:])


def _is_older(path: Path, moment: datetime) -> bool:
    return path.stat().st_mtime < moment.timestamp()


def _too_large(bytes_max: int) -> TooLarge:
    size_mb = bytes_max // CHUNK_BYTES
    return TooLarge(
        f"This file is larger than {size_mb} MB. Split it and upload the parts.",
        field="file",
        size_mb_max=size_mb,
    )
