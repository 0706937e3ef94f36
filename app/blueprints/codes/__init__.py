"""Codes: search, what a scanned label leads to, labels to print, and what became of them."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.codes import labels, printing, views

blueprint = Blueprint("codes", __name__)

blueprint.add_url_rule("/search/", "search", views.search)
blueprint.add_url_rule("/q/<token>", "follow", views.follow)
# Scanners and upper-case labels write the whole address in capitals.
blueprint.add_url_rule("/Q/<token>", "follow_capitals", views.follow)
blueprint.add_url_rule("/q/<token>.svg", "drawing", views.drawing)
_LABELS = "/labels/<kind>/<uuid:uid>/"
blueprint.add_url_rule("/labels/", "labels", labels.index)
blueprint.add_url_rule(_LABELS, "labels_of", labels.show)
for endpoint, name in {
    "reprint": "reprint",
    "replace": "replacement",
    "exchange": "exchange",
    "void": "void",
}.items():
    blueprint.add_url_rule(
        f"{_LABELS}{name}", endpoint, getattr(labels, endpoint), methods=["POST"]
    )
for endpoint, path in {
    "print_unit": "/print/<uuid:uid>/",
    "print_movement": "/print/movement/<uuid:uid>/",
    "print_rolls": "/print/rolls/",
    "print_rack": "/print/rack/<uuid:uid>/",
    "print_places": "/print/places/<uuid:uid>/",
    "print_commands": "/print/commands/",
    "print_thing": "/print/<kind>/<uuid:uid>/",
}.items():
    blueprint.add_url_rule(path, endpoint, getattr(printing, endpoint))
    blueprint.add_url_rule(f"{path}labels.pdf", f"{endpoint}_pdf", printing.PDFS[endpoint])
