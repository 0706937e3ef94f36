"""The `flask <area> <verb>` commands."""

from app.cli import database, jobs

GROUPS = (database.group, jobs.group)
