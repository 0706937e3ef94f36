"""The floor: one static shell in four modes, its service worker and its manifest.

The shell holds nothing personal, so it needs no log-in and may lie in a cache; what it shows comes
from the device's own store, and what it sends carries a submit grant.
"""

from flask import Blueprint

from app.blueprints.scan import views

blueprint = Blueprint("scan", __name__)
blueprint.add_url_rule("/scan/", "show", views.show)
for mode in views.MODES:
    blueprint.add_url_rule(f"/scan/{mode}/", mode, views.show)
blueprint.add_url_rule("/scan/self-test/", "self_test", views.self_test)
blueprint.add_url_rule("/print/scanner-set-up/", "set_up", views.set_up)
blueprint.add_url_rule("/scan/session/", "session", views.session)
blueprint.add_url_rule("/service-worker.js", "service_worker", views.service_worker)
blueprint.add_url_rule("/manifest.webmanifest", "manifest", views.manifest)
