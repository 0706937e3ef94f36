"""Health: `healthz` says that the process answers, `readyz` that it can do its work."""

from __future__ import annotations

import structlog
from flask import Response, current_app, jsonify, make_response, request

from app.blueprints.health.checks import check_database, check_queue
from app.extensions import limiter
from app.web.database import get_database
from app.web.guards import machine, public

log = structlog.get_logger("csp")
LONGEST_REPORT = 16_000
# Whoever likes may send reports, and the log lies on the disk of the ledger.
SHOWN_OF_REPORT = 500


@public
def healthz() -> Response:
    """The process is up."""
    return jsonify({"is_up": True})


@public
def readyz() -> Response:
    """Database, queue and worker; 503 while one of them cannot be used."""
    checks = {
        "database": check_database(get_database()),
        **check_queue(current_app.extensions["settings"].redis_url),
    }
    is_ready = all(check["is_ok"] for check in checks.values())
    answer = jsonify({"is_ready": is_ready, **checks})
    answer.status_code = 200 if is_ready else 503
    return answer


@machine
@limiter.limit("10 per minute")
def csp_reports() -> Response:
    """Log what a browser refused to load or run. On our own pages that is a mistake of ours."""
    request.max_content_length = LONGEST_REPORT
    report = request.get_data(as_text=True)[:SHOWN_OF_REPORT]
    log.warning("content security policy", report=report)
    return make_response("", 204)
