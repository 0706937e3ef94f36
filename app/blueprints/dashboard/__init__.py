"""The start page: what is where and what happens, fresh within five seconds."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.dashboard import views

blueprint = Blueprint("dashboard", __name__)

blueprint.add_url_rule("/", "show", views.show)
blueprint.add_url_rule("/dashboard/live", "live", views.live)
