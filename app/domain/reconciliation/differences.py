"""One number that is not what the ledger says: values only."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.reconciliation.models import DifferenceKind


@dataclass(frozen=True, slots=True)
class Difference:
    """What a check expected and what it found, and where to look first."""

    kind: DifferenceKind
    what: str
    expected: str
    found: str
    site_id: int | None = None
    department_id: int | None = None
    location_id: int | None = None
    item_id: int | None = None
    lot_id: int | None = None
    unit_id: int | None = None
    suspect_movement_id: int | None = None

    @property
    def subject_key(self) -> str:
        """The same for the same number, whenever it is found."""
        ids = {
            "s": self.site_id,
            "d": self.department_id,
            "p": self.location_id,
            "i": self.item_id,
            "l": self.lot_id,
            "u": self.unit_id,
        }
        if self.kind is DifferenceKind.UNIT:
            ids = {"u": self.unit_id}
        if self.kind is DifferenceKind.SEAL:
            ids = {"m": self.suspect_movement_id}
        named = [f"{name}{id_}" for name, id_ in ids.items() if id_ is not None]
        # More than one number of these belongs to the same thing.
        several = {DifferenceKind.TILE, DifferenceKind.SEAL, DifferenceKind.SITE_BALANCE}
        word = [self.what] if self.kind in several else []
        return ":".join([self.kind, *named, *word])[:120]
