"""Rolls: the list, and one roll with its history."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.units import views

blueprint = Blueprint("units", __name__)

blueprint.add_url_rule("/stock/units/", "index", views.index)
blueprint.add_url_rule("/stock/units/rolls.csv", "download", views.download)
blueprint.add_url_rule("/units/<uuid:uid>/", "show", views.show)
