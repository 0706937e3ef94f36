"""Files to take away: the workbook of all errors, and templates to fill in."""

from __future__ import annotations

import csv
import io
import uuid

from flask import Response, current_app, send_file

from app.core.errors import NotFound
from app.core.rights import Permission
from app.core.storage import open_storage
from app.domain.imports.models import ImportKind
from app.domain.imports.queries import import_by_uid
from app.domain.imports.templates import TEMPLATES, template_workbook
from app.web.current import current_actor
from app.web.database import reading
from app.web.guards import allow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@allow(Permission.IMPORTS_RUN)
def errors(uid: uuid.UUID) -> Response:
    """Every error of a checked file: sheet, row, column, expected, found."""
    run = import_by_uid(reading(), actor=current_actor(), uid=uid).run
    if run.errors_key is None:
        raise NotFound("This file has no errors.", field="import")
    path = open_storage(current_app.extensions["settings"].data).path(run.errors_key)
    return send_file(
        path, mimetype=XLSX, as_attachment=True, download_name=f"import-{run.id}-errors.xlsx"
    )


@allow(Permission.IMPORTS_RUN)
def template(kind: str, form: str) -> Response:
    """A file with the right headers and a few rows as an example."""
    if kind not in set(ImportKind) or form not in ("csv", "xlsx"):
        raise NotFound("There is no such template.")
    rows = TEMPLATES[ImportKind(kind)]
    name = f"rollcall-{WORDS[ImportKind(kind)]}.{form}"
    if form == "xlsx":
        made = template_workbook(rows)
        return send_file(made, mimetype=XLSX, as_attachment=True, download_name=name)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    # Excel takes a file for UTF-8 only with this mark.
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


WORDS = {ImportKind.UNITS: "rolls", ImportKind.LOTS: "lots", ImportKind.ITEMS: "items"}
