"""What is left of scans when they could not be finished at once."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.domain.sync.reprocessing import reprocess_received
from app.jobs.running import JobRun


def _part(site_id: int, after: int) -> Callable[[Session], int | None]:
    return lambda session: reprocess_received(session, site_id=site_id, after_id=after)


def reprocess(run: JobRun) -> None:
    """Judge again, part by part, what a site received before it knew the codes."""
    site_id, after = run.payload["site_id"], 0
    while (last := run.step(_part(site_id, after))) is not None:
        after = last
