"""Items: the list, and one item with its lots and where it lies."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.catalog import views

blueprint = Blueprint("catalog", __name__)

blueprint.add_url_rule("/stock/items/", "index", views.index)
blueprint.add_url_rule("/stock/items/items.csv", "download", views.download)
blueprint.add_url_rule("/items/<uuid:uid>/", "show", views.show)
