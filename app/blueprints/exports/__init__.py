"""Handing out files: asking for the master audit export, following it, fetching it."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.exports import views

blueprint = Blueprint("exports", __name__)

blueprint.add_url_rule("/exports/", "index", views.index)
blueprint.add_url_rule("/exports/", "start", views.start, methods=["POST"])
blueprint.add_url_rule("/exports/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule("/exports/<uuid:uid>/progress", "progress", views.progress)
blueprint.add_url_rule("/exports/<uuid:uid>/file", "file", views.file)
