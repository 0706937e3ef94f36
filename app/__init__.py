"""Rollcall: stock on a plant floor, by scan.

The web is imported when an application is made, not when the package is: the domain, the jobs
and the migrations live in this package too and load none of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Nothing is asked of the database or the queue here."""
    from flask import Flask

    from app.blueprints import BLUEPRINTS
    from app.cli import GROUPS
    from app.core import logs
    from app.core.database import Database
    from app.extensions import csrf, limiter, login_manager
    from app.jobs import queue
    from app.jobs.relay import Relay
    from app.web import database, errors, formats, guards, request_log, security, shell
    from app.web.assets import init_assets
    from app.web.settings import flask_settings, trust_proxies
    from config import Settings

    settings = settings or Settings.from_environment()
    logs.configure(settings.log_level)
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(flask_settings(settings))
    app.extensions["settings"] = settings
    trust_proxies(app, settings.trusted_proxies)
    opened = Database(settings.database_url)
    opened.on_commit = Relay(opened, queue.connect(settings.redis_url)).push
    database.init_app(app, opened)
    for extension in (login_manager, csrf, limiter):
        extension.init_app(app)
    for part in (request_log, security, errors, guards, formats, shell):
        part.init_app(app)
    init_assets(app)
    guards.public(app.view_functions["static_file"])
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for group in GROUPS:
        app.cli.add_command(group)
    return app
