"""The `flask <area> <verb>` commands."""

from app.cli import accounts, database, demo, jobs

GROUPS = (accounts.group, database.group, demo.group, jobs.group)
