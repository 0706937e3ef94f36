"""Bringing material in: by hand, or from a file that is checked before it is booked."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.imports import entry, files, upload, views

blueprint = Blueprint("imports", __name__)

blueprint.add_url_rule("/material-entry/", "entry", entry.show)
blueprint.add_url_rule("/material-entry/", "enter", entry.enter, methods=["POST"])
blueprint.add_url_rule("/material-entry/bulk/", "upload", upload.show)
blueprint.add_url_rule("/material-entry/bulk/", "hand_in", upload.hand_in, methods=["POST"])
blueprint.add_url_rule("/imports/", "index", views.index)
blueprint.add_url_rule("/imports/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule("/imports/<uuid:uid>/progress", "progress", views.progress)
blueprint.add_url_rule("/imports/<uuid:uid>/check", "check", views.check, methods=["POST"])
blueprint.add_url_rule("/imports/<uuid:uid>/booking", "book", views.book, methods=["POST"])
blueprint.add_url_rule("/imports/<uuid:uid>/undo", "undo", views.undo, methods=["POST"])
blueprint.add_url_rule("/imports/<uuid:uid>/state", "state", views.state)
blueprint.add_url_rule("/imports/<uuid:uid>/log.csv", "log", views.log)
blueprint.add_url_rule("/imports/<uuid:uid>/errors.xlsx", "errors", files.errors)
blueprint.add_url_rule("/imports/templates/<kind>.<form>", "template", files.template)
