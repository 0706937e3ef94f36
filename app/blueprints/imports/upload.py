"""Handing a file in. Nothing of it is read here; a job does that."""

from __future__ import annotations

from flask import Response, current_app, url_for

from app.blueprints.imports.forms import UploadForm
from app.blueprints.imports.places import offered_departments
from app.core.rights import Permission
from app.core.storage import open_storage
from app.domain.imports import commands
from app.domain.imports.models import ImportKind
from app.domain.imports.queries import list_imports
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.responses import page, see_other

RUNS_SHOWN = 5


@allow(Permission.IMPORTS_RUN)
def show() -> Response:
    """The form, and the latest files beside it."""
    return _page(_form())


@allow(Permission.IMPORTS_RUN)
def hand_in() -> Response:
    """Keep the file, stage it, and go on to its page; the same file again leads there too."""
    form = _form()
    if not form.validate():
        return _page(form, status=422)
    settings = current_app.extensions["settings"]
    file = open_storage(settings.data).save(
        form.file.data.stream, shelf="imports", bytes_max=settings.max_upload_mb * 1024 * 1024
    )
    run = unit_of_work(
        lambda session: commands.stage_import(
            session,
            actor=current_actor(),
            department_id=form.department.data,
            filename=form.file.data.filename or "",
            file=file,
            kind=ImportKind(form.kind.data),
        )
    )
    return see_other(url_for("imports.show", uid=run.uid))


def _form() -> UploadForm:
    form = UploadForm()
    actor = current_actor()
    form.offer(offered_departments(Permission.IMPORTS_RUN), actor.home_department_id)
    return form


def _page(form: UploadForm, *, status: int = 200) -> Response:
    views = list_imports(reading(), actor=current_actor(), limit=RUNS_SHOWN)
    return page("imports/upload.html", status=status, form=form, views=views)
