"""What can be done with an import, and entering material by hand."""

from app.domain.imports.commands.booking import book_import
from app.domain.imports.commands.checking import (
    ImportSource,
    begin_check,
    check_rows,
    fail_import,
    finish_check,
    lay_out,
)
from app.domain.imports.commands.entering import Entry, enter_material
from app.domain.imports.commands.staging import (
    apply_import,
    check_import,
    stage_import,
    undo_import,
)
from app.domain.imports.commands.undoing import UndoRefused, take_back
from app.domain.imports.commands.weighing import ask_about_weights

__all__ = [
    "Entry",
    "ImportSource",
    "UndoRefused",
    "apply_import",
    "ask_about_weights",
    "begin_check",
    "book_import",
    "check_import",
    "check_rows",
    "enter_material",
    "fail_import",
    "finish_check",
    "lay_out",
    "stage_import",
    "take_back",
    "undo_import",
]
