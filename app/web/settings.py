"""Flask's own settings, derived from ours in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

ONE_SHIFT = timedelta(hours=12)


def flask_settings(settings: Settings) -> dict[str, Any]:
    """What Flask and its extensions read from `app.config`."""
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "TRUSTED_HOSTS": list(settings.trusted_hosts),
        "MAX_CONTENT_LENGTH": settings.max_upload_mb * 1024 * 1024,
        "LABEL_BASE_URL": settings.label_base_url,
        "SESSION_COOKIE_NAME": "rollcall_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.session_cookie_secure,
        "PERMANENT_SESSION_LIFETIME": ONE_SHIFT,
        # Else every answer writes the cookie, and one that was asked for before a log-in or a
        # log-out but arrives after it brings the older session back.
        "SESSION_REFRESH_EACH_REQUEST": False,
        # The guard checks the token, after it has seen what kind of caller a route expects.
        "WTF_CSRF_CHECK_DEFAULT": False,
        # A page may stay open for a whole shift; the token lives as long as its session.
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_STORAGE_URI": _limiter_storage(settings.redis_url),
        "RATELIMIT_STORAGE_OPTIONS": (
            {"socket_connect_timeout": 1, "socket_timeout": 1} if settings.redis_url else {}
        ),
    }


def _limiter_storage(redis_url: str) -> str:
    # The limits library spells a unix socket differently from the Redis client.
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url else "memory://"


def trust_proxies(app: Flask, count: int) -> None:
    """Believe the addresses that so many proxies before us have written down."""
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )
