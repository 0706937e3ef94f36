"""Public ids: UUID version 7 (RFC 9562 §5.7), which sort by the time of their birth."""

from __future__ import annotations

import os
import threading
import time
import uuid


class _Births:
    """The last id of this process, so that the next one is greater."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next_after(self, value: int) -> int:
        with self._lock:
            self._last = max(value, self._last + 1)
            return self._last


_births = _Births()


def new_uid() -> uuid.UUID:
    """A new UUIDv7, greater than every one that this process made before.

    48 bits of milliseconds, then random bits; within a millisecond the last value is counted up
    (RFC 9562 §6.2, method 2), so that rows written in the order of their ids keep their order.
    """
    random = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=_births.next_after(value))
