"""Label codes as people scan them: the payload, its drawing, and what is wrong with the address.

The payload is built from the settings alone, never from the request's host: a label outlives the
name of the machine on which it was printed.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

import segno
from flask import current_app

from config import Settings

QUIET_ZONE = 4


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """A QR symbol with its quiet zone: the side in modules, and the dark runs as (x, y, length)."""

    side: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def path(self) -> str:
        """The dark modules as one SVG path."""
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.runs)


def label_url(token: str) -> str:
    """What the QR code of a label says."""
    return f"{_settings().label_base_url}/q/{token}"


def draw_qr(payload: str, *, level: str = "m") -> QrDrawing:
    """A QR symbol with this error correction and a quiet zone of four modules."""
    rows = [bytes(row) for row in segno.make_qr(payload, error=level, boost_error=False).matrix]
    runs = tuple(
        (QUIET_ZONE + start, QUIET_ZONE + y, length)
        for y, row in enumerate(rows)
        for start, length in _dark_runs(row)
    )
    return QrDrawing(len(rows) + 2 * QUIET_ZONE, runs)


def base_url_warning() -> str | None:
    """Why labels with the present address should not be printed, or None."""
    base = _settings().label_base_url
    host = urlsplit(base).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return f"Labels would say {base}, which every phone takes for itself."
    if host.endswith(".local"):
        return f"Labels would say {base}: many phones cannot find names that end in .local."
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None
    return f"Labels would say {base}: they are worthless once the machine gets another address."


def _dark_runs(row: bytes) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        elif dark:
            runs.append((x, 1))
    return runs


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
