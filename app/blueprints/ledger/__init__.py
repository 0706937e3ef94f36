"""Movements: the list, one movement, and taking it back."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.ledger import entry, views

blueprint = Blueprint("ledger", __name__)

blueprint.add_url_rule("/movements/", "index", views.index)
blueprint.add_url_rule("/movements/movements.csv", "download", views.download)
blueprint.add_url_rule("/movements/new/", "new", entry.new)
blueprint.add_url_rule("/movements/new/", "book", entry.book, methods=["POST"])
blueprint.add_url_rule("/movements/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule("/movements/<uuid:uid>/reversal", "reverse", views.reverse, methods=["POST"])
