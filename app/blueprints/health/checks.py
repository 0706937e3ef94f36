"""What `readyz` looks at. A check never raises: what is broken is its answer."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy.exc import SQLAlchemyError

from app.core.clock import now
from app.core.database import Database

WORKER_AGE_MAX_SECONDS = 180
PATIENCE_SECONDS = 2.0


def check_database(database: Database) -> dict[str, Any]:
    """Whether the database answers, and how fast."""
    started = time.perf_counter()
    try:
        with database.engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except SQLAlchemyError:
        return {"is_ok": False}
    return {"is_ok": True, "milliseconds": round((time.perf_counter() - started) * 1000, 1)}


def check_queue(redis_url: str) -> dict[str, dict[str, Any]]:
    """Whether the queue answers, and when a worker last said that it lives."""
    connection = Redis.from_url(
        redis_url, socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS
    )
    try:
        connection.ping()
        beats = [worker.last_heartbeat for worker in Worker.all(connection=connection)]
    except (RedisError, OSError):
        return {"queue": {"is_ok": False}, "worker": {"is_ok": False, "age_seconds": None}}
    finally:
        connection.close()
    ages = [(now() - beat).total_seconds() for beat in beats if beat is not None]
    age = round(min(ages), 1) if ages else None
    return {
        "queue": {"is_ok": True},
        "worker": {"is_ok": age is not None and age < WORKER_AGE_MAX_SECONDS, "age_seconds": age},
    }
