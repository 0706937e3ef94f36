"""What a partner to be made looks like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartnerDraft:
    """A customer, a supplier, or both."""

    code: str
    name: str | None = None
    is_customer: bool = True
    is_supplier: bool = False
