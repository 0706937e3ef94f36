"""For machines: is the process up, can it work, what did browsers refuse to run."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.health import views

blueprint = Blueprint("health", __name__)

blueprint.add_url_rule("/healthz", "healthz", views.healthz)
blueprint.add_url_rule("/readyz", "readyz", views.readyz)
blueprint.add_url_rule("/csp-reports", "csp_reports", views.csp_reports, methods=["POST"])
