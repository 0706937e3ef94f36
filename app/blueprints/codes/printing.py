"""Labels to print: a page that shows them, and the same labels as a PDF. Nothing here writes."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Response, make_response, request

from app.blueprints.codes.batches import (
    Batch,
    batch_of_commands,
    batch_of_department,
    batch_of_movement,
    batch_of_rack,
    batch_of_rolls,
    batch_of_thing,
)
from app.blueprints.codes.papers import LEAST_DOTS, LEVELS, PAPERS
from app.blueprints.codes.pdf import Print, labels_pdf
from app.blueprints.codes.writing import undrawable
from app.core.errors import Invalid
from app.core.rights import Permission
from app.web.database import reading
from app.web.guards import allow
from app.web.labels import base_url_warning, draw_qr, label_url
from app.web.responses import page

# What the form of the page asks; everything else in its address is a filter to be kept.
ASKED = ("paper", "dpi", "level", "skip", "download")


@allow(Permission.LABELS_PRINT)
def print_unit(uid: uuid.UUID) -> Response:
    """The label of a roll; everything on it can be read without the server."""
    return _page(batch_of_thing(reading(), "unit", uid))


@allow(Permission.LABELS_PRINT)
def print_unit_pdf(uid: uuid.UUID) -> Response:
    """The same as a PDF."""
    return _pdf(batch_of_thing(reading(), "unit", uid))


@allow(Permission.LABELS_PRINT)
def print_thing(kind: str, uid: uuid.UUID) -> Response:
    """The label of anything else that has a code."""
    return _page(batch_of_thing(reading(), kind, uid))


@allow(Permission.LABELS_PRINT)
def print_thing_pdf(kind: str, uid: uuid.UUID) -> Response:
    """The same as a PDF."""
    return _pdf(batch_of_thing(reading(), kind, uid))


@allow(Permission.LABELS_PRINT)
def print_movement(uid: uuid.UUID) -> Response:
    """The labels of every roll that one movement touched, in the order of its lines."""
    return _page(batch_of_movement(reading(), uid))


@allow(Permission.LABELS_PRINT)
def print_movement_pdf(uid: uuid.UUID) -> Response:
    """The same as a PDF."""
    return _pdf(batch_of_movement(reading(), uid))


@allow(Permission.LABELS_PRINT)
def print_rolls() -> Response:
    """The labels of the rolls that the filter in the address finds."""
    return _page(batch_of_rolls(reading()))


@allow(Permission.LABELS_PRINT)
def print_rolls_pdf() -> Response:
    """The same as a PDF."""
    return _pdf(batch_of_rolls(reading()))


@allow(Permission.LABELS_PRINT)
def print_rack(uid: uuid.UUID) -> Response:
    """The signs of all places of a rack."""
    return _page(batch_of_rack(reading(), uid))


@allow(Permission.LABELS_PRINT)
def print_rack_pdf(uid: uuid.UUID) -> Response:
    """The same as a PDF."""
    return _pdf(batch_of_rack(reading(), uid))


@allow(Permission.LABELS_PRINT)
def print_places(uid: uuid.UUID) -> Response:
    """The signs of a whole department."""
    return _page(batch_of_department(reading(), uid))


@allow(Permission.LABELS_PRINT)
def print_places_pdf(uid: uuid.UUID) -> Response:
    """The same as a PDF."""
    return _pdf(batch_of_department(reading(), uid))


@allow(Permission.LABELS_PRINT)
def print_commands() -> Response:
    """The command cards of the scan screen."""
    return _page(batch_of_commands())


@allow(Permission.LABELS_PRINT)
def print_commands_pdf() -> Response:
    """The same as a PDF; on an A4 sheet they all fit."""
    return _pdf(batch_of_commands())


PDFS: dict[str, Callable[..., Response]] = {
    "print_unit": print_unit_pdf,
    "print_movement": print_movement_pdf,
    "print_rolls": print_rolls_pdf,
    "print_rack": print_rack_pdf,
    "print_places": print_places_pdf,
    "print_commands": print_commands_pdf,
    "print_thing": print_thing_pdf,
}


def _page(batch: Batch) -> Response:
    addresses = [label_url(face.token) for face in batch.faces if face.token]
    texts = [text for face in batch.faces for text in (face.title, face.alias or "")]
    texts += [value for face in batch.faces for _, value in face.lines]
    return page(
        "codes/print.html",
        batch=batch,
        labels=list(zip(batch.faces, map(draw_qr, addresses), strict=True)),
        address=addresses[0],
        warning=base_url_warning(),
        papers=PAPERS.values(),
        resolutions=LEAST_DOTS,
        levels=LEVELS,
        kept=[(name, text) for name, text in request.args.items() if name not in ASKED],
        undrawable=undrawable(texts),
    )


def _pdf(batch: Batch) -> Response:
    how = _how()
    response = make_response(labels_pdf(batch.faces, how))
    response.content_type = "application/pdf"
    name = f"labels-{how.paper.code}.pdf"
    shown = "attachment" if request.args.get("download") else "inline"
    response.headers["Content-Disposition"] = f'{shown}; filename="{name}"'
    return response


def _how() -> Print:
    """Paper, resolution, error correction and labels to skip. Raises Invalid."""
    paper = PAPERS.get(request.args.get("paper") or "100x62")
    if paper is None:
        raise Invalid("There is no such label size. Choose one of the list.", field="paper")
    dpi = request.args.get("dpi") or "203"
    if dpi not in map(str, LEAST_DOTS):
        raise Invalid("Labels are printed with 203 or 300 dpi.", field="dpi")
    level = request.args.get("level") or "m"
    if level not in LEVELS:
        raise Invalid("The error correction is M or Q.", field="level")
    skip = request.args.get("skip") or "0"
    if not skip.isascii() or not skip.isdigit():
        raise Invalid("How many labels to skip is a whole number.", field="skip")
    # On single labels nothing can be used up already.
    if paper.is_sheet and int(skip[:6]) >= paper.per_page:
        raise Invalid(
            f"A sheet has {paper.per_page} labels: skip at most {paper.per_page - 1} of them.",
            field="skip",
        )
    return Print(paper, int(dpi), level, int(skip[:6]) if paper.is_sheet else 0)
