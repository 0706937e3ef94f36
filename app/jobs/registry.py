"""Every job there is, by the name under which commands put it into the outbox.

A job is a plain function of a `JobRun`. It does its work in `run.step(…)` and `run.finish(…)`.
"""

from __future__ import annotations

from app.jobs import accounts, alerts, exports, imports, reconciliation, sync
from app.jobs.running import JobFunction

JOBS: dict[str, JobFunction] = {
    "accounts.mail_decision": accounts.mail_decision,
    "accounts.mail_request": accounts.mail_request,
    "accounts.mail_reset": accounts.mail_reset,
    "alerts.deliver": alerts.deliver,
    "exports.audit": exports.audit,
    "imports.check": imports.check,
    "imports.book": imports.book,
    "imports.undo": imports.undo,
    "reconciliation.check": reconciliation.check,
    "sync.reprocess": sync.reprocess,
}
