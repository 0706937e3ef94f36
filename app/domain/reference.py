"""The rows that the system cannot work without, in every database."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.domain.accounts.commands import seed_roles
from app.domain.catalog.commands import seed_units_of_measure
from app.domain.lots.commands import seed_no_lot


def ensure_reference_rows(session: Session) -> None:
    """Make sure of "no lot", the units of measure and the roles. Safe to repeat."""
    seed_no_lot(session)
    seed_units_of_measure(session)
    seed_roles(session)
