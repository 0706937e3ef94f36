"""Customers and suppliers."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.partners import views

blueprint = Blueprint("partners", __name__)

blueprint.add_url_rule("/partners/", "index", views.index)
blueprint.add_url_rule("/partners/partners.csv", "download", views.download)
blueprint.add_url_rule("/partners/<uuid:uid>/", "show", views.show)
