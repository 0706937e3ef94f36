"""Codes: search, what a scanned label leads to, its drawing, and labels to print."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.codes import views

blueprint = Blueprint("codes", __name__)

blueprint.add_url_rule("/search/", "search", views.search)
blueprint.add_url_rule("/q/<token>", "follow", views.follow)
# Scanners and upper-case labels write the whole address in capitals.
blueprint.add_url_rule("/Q/<token>", "follow_capitals", views.follow)
blueprint.add_url_rule("/q/<token>.svg", "drawing", views.drawing)
blueprint.add_url_rule("/print/<uuid:uid>/", "print_unit", views.print_label)
blueprint.add_url_rule("/print/movement/<uuid:uid>/", "print_movement", views.print_movement)
blueprint.add_url_rule("/print/<kind>/<uuid:uid>/", "print_thing", views.print_label)
