"""Alerts: the list behind the bell, one alert, acting on it, quiet hours."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.alerts import views

blueprint = Blueprint("alerts", __name__)

blueprint.add_url_rule("/alerts/", "index", views.index)
blueprint.add_url_rule("/alerts/alerts.csv", "download", views.download)
blueprint.add_url_rule("/alerts/quiet-hours", "quiet_hours", views.quiet_hours, methods=["POST"])
blueprint.add_url_rule("/alerts/<uuid:uid>/", "show", views.show)
blueprint.add_url_rule(
    "/alerts/<uuid:uid>/acknowledgement", "acknowledge", views.acknowledge, methods=["POST"]
)
blueprint.add_url_rule("/alerts/<uuid:uid>/end", "resolve", views.resolve, methods=["POST"])
