"""Public ids: UUID version 7 (RFC 9562 §5.7), which sort by the time of their birth."""

from __future__ import annotations

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_uid() -> uuid.UUID:
    """A new UUIDv7, greater than every one that this process made before.

    48 bits of milliseconds, then random bits; within a millisecond the last value is counted up
    (RFC 9562 §6.2, method 2), so that rows written in the order of their ids keep their order.
    """
    global _last
    random = int.from_bytes(os.urandom(10), "big")
    value = (time.time_ns() // 1_000_000) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    with _lock:
        _last = max(value, _last + 1)
        return uuid.UUID(int=_last)
