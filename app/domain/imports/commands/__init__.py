"""What can be done with an import, and entering material by hand."""

from app.domain.imports.commands.booking import book_import
from app.domain.imports.commands.checking import (
    ImportSource,
    begin_job,
    fail_import,
    note_progress,
    record_check,
)
from app.domain.imports.commands.entering import Entry, enter_material
from app.domain.imports.commands.staging import apply_import, check_import, stage_import

__all__ = [
    "Entry",
    "ImportSource",
    "apply_import",
    "begin_job",
    "book_import",
    "check_import",
    "enter_material",
    "fail_import",
    "note_progress",
    "record_check",
    "stage_import",
]
