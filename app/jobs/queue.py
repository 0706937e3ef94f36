"""Redis as a queue of outbox ids. Whatever is in it can be lost without losing work."""

from __future__ import annotations

import uuid
from contextlib import suppress

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

QUEUES = ("default", "low")
PERFORM = "app.jobs.performing.perform"
# A job that takes longer hangs; its worker is needed for others.
JOB_TIMEOUT_SECONDS = 900
# Names appear in Redis for people who look there; nothing of a payload does.
DESCRIPTION = "outbox message"


def connect(url: str) -> redis.Redis:
    """A connection that gives up soon: requests wait for it, and the sweeper sends later."""
    at_once = Retry(NoBackoff(), retries=0)
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=at_once)


def put(connection: redis.Redis, uid: uuid.UUID, queue_name: str) -> None:
    """Queue an outbox message, once however often it is put. Raises redis.RedisError."""
    queue = Queue(queue_name, connection=connection, serializer=JSONSerializer)
    try:
        _enqueue(queue, uid)
    except DuplicateJobError:
        if not _is_waiting(queue, uid):
            # What Redis believes to be running or failed is open in the outbox and leased by
            # nobody: its worker died. A second run is harmless, see `performing`.
            _forget(queue, uid)
            # Whoever put it again in between has done what we want to do.
            with suppress(DuplicateJobError):
                _enqueue(queue, uid)


def _enqueue(queue: Queue, uid: uuid.UUID) -> None:
    queue.enqueue_call(
        PERFORM,
        args=(str(uid),),
        job_id=str(uid),
        unique=True,
        timeout=JOB_TIMEOUT_SECONDS,
        # The outbox row tells what became of it; a trace here would block a second sending.
        result_ttl=0,
        failure_ttl=0,
        description=DESCRIPTION,
    )


def _is_waiting(queue: Queue, uid: uuid.UUID) -> bool:
    try:
        job = Job.fetch(str(uid), connection=queue.connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return False
    return job.get_status() == JobStatus.QUEUED and queue.get_job_position(job) is not None


def _forget(queue: Queue, uid: uuid.UUID) -> None:
    try:
        job = Job.fetch(str(uid), connection=queue.connection, serializer=JSONSerializer)
    except NoSuchJobError:
        return
    job.delete()
