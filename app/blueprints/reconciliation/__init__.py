"""Proof: what the checks found, settling it, the seals; stock as of a past moment."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.reconciliation import past, settling, views

blueprint = Blueprint("reconciliation", __name__)

blueprint.add_url_rule("/proof/", "index", views.index)
blueprint.add_url_rule("/proof/discrepancies.csv", "download", views.download)
blueprint.add_url_rule("/proof/seals.csv", "seals", views.seals)
blueprint.add_url_rule("/proof/checks", "check", settling.check, methods=["POST"])
blueprint.add_url_rule("/proof/plan", "plan", settling.plan, methods=["POST"])
blueprint.add_url_rule("/proof/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule(
    "/proof/<uuid:uid>/explanation", "explain", settling.explain, methods=["POST"]
)
blueprint.add_url_rule("/proof/<uuid:uid>/end", "close", settling.close, methods=["POST"])
blueprint.add_url_rule(
    "/proof/<uuid:uid>/correction", "correct", settling.correct, methods=["POST"]
)
blueprint.add_url_rule("/stock/as-of/", "past", past.index)
blueprint.add_url_rule("/stock/as-of/stock.csv", "download_past", past.download)
