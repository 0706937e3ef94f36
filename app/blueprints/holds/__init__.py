"""Holds: putting one on an item, a lot, a roll or a place, its page, and lifting it."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.holds import views

blueprint = Blueprint("holds", __name__)

blueprint.add_url_rule("/holds/new/", "new", views.new)
blueprint.add_url_rule("/holds/", "put", views.put, methods=["POST"])
blueprint.add_url_rule("/holds/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule("/holds/<uuid:uid>/lift", "lift", views.lift, methods=["POST"])
