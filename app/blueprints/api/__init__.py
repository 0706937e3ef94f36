"""The API for devices and programs: JSON, problem+json, versioned by its address."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.api.v1 import movements, sync

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

blueprint.add_url_rule("/sync/grants", view_func=sync.issue_grant, methods=["POST"])
blueprint.add_url_rule("/sync/events", view_func=sync.receive_events, methods=["POST"])
blueprint.add_url_rule("/sync/snapshot", view_func=sync.show_snapshot)
blueprint.add_url_rule("/sync/units/<uuid:uid>", view_func=sync.show_unit)
blueprint.add_url_rule("/sync/outcomes", view_func=sync.list_outcomes)
blueprint.add_url_rule("/movements:batch", view_func=movements.book_batch, methods=["POST"])
