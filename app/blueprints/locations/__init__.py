"""Places: the rack map, one place with what lies there, one department."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.locations import views

blueprint = Blueprint("locations", __name__)

blueprint.add_url_rule("/stock/racks/", "racks", views.racks)
blueprint.add_url_rule("/stock/racks/places.csv", "download", views.download)
blueprint.add_url_rule("/locations/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule("/departments/<uuid:uid>/", "department", views.department)
