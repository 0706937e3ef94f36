"""Reservations: the list, a new one, one with its history, and letting it go."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.reservations import views

blueprint = Blueprint("reservations", __name__)

blueprint.add_url_rule("/reservations/", "index", views.index)
blueprint.add_url_rule("/reservations/reservations.csv", "download", views.download)
blueprint.add_url_rule("/reservations/new/", "new", views.new)
blueprint.add_url_rule("/reservations/new/", "make", views.make, methods=["POST"])
blueprint.add_url_rule("/reservations/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule(
    "/reservations/<uuid:uid>/release", "release", views.release, methods=["POST"]
)
