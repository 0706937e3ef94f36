"""Links that only this installation can make: a uid and its seal, in letters for an address.

The database keeps the uid alone, so whoever reads it, or a backup, cannot make the link.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid

SEAL_BYTES = 24


def sign(uid: uuid.UUID, *, secret: str, purpose: str) -> str:
    """The uid with a seal that holds for one purpose."""
    sealed = uid.bytes + _seal(uid, secret, purpose)
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def unsign(text: str, *, secret: str, purpose: str) -> uuid.UUID | None:
    """The uid, if the seal is ours; None for everything else."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (ValueError, UnicodeError):
        return None
    if len(sealed) != 16 + SEAL_BYTES:
        return None
    uid = uuid.UUID(bytes=sealed[:16])
    return uid if hmac.compare_digest(sealed[16:], _seal(uid, secret, purpose)) else None


def _seal(uid: uuid.UUID, secret: str, purpose: str) -> bytes:
    content = f"{purpose}:{uid}".encode()
    return hmac.digest(secret.encode(), content, hashlib.sha256)[:SEAL_BYTES]
