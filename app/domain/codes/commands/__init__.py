"""Giving codes to things, and what becomes of labels afterwards."""

from app.domain.codes.commands.giving import (
    AliasTaken,
    add_aliases,
    assign_codes,
    withdraw_aliases,
    withdraw_codes,
)
from app.domain.codes.commands.labels import (
    LabelChanged,
    Labelled,
    WrongLabel,
    give_code,
    record_reprint,
    replace_code,
    swap_codes,
    void_code,
)

__all__ = [
    "AliasTaken",
    "LabelChanged",
    "Labelled",
    "WrongLabel",
    "add_aliases",
    "assign_codes",
    "give_code",
    "record_reprint",
    "replace_code",
    "swap_codes",
    "void_code",
    "withdraw_aliases",
    "withdraw_codes",
]
