"""Logging in and out."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.accounts import views

blueprint = Blueprint("accounts", __name__)

blueprint.add_url_rule("/login/", "login", views.login)
blueprint.add_url_rule("/login/", "log_in", views.log_in, methods=["POST"])
blueprint.add_url_rule("/logout/", "logout", views.log_out, methods=["POST"])
