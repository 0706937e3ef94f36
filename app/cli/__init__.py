"""The `flask <area> <verb>` commands."""

from app.cli import accounts, codes, database, demo, jobs, ledger

GROUPS = (accounts.group, codes.group, database.group, demo.group, jobs.group, ledger.group)
