"""Lots: the list, and one lot with its rolls, and the word of quality on it."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.lots import views

blueprint = Blueprint("lots", __name__)

blueprint.add_url_rule("/stock/lots/", "index", views.index)
blueprint.add_url_rule("/stock/lots/lots.csv", "download", views.download)
blueprint.add_url_rule("/lots/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule("/lots/<uuid:uid>/quality", "judge", views.judge, methods=["POST"])
