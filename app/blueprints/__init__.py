"""Every blueprint of the application, in one list. Each lists its own addresses."""

from __future__ import annotations

from app.blueprints import accounts, api, dashboard, health, imports, scan

BLUEPRINTS = (
    accounts.blueprint,
    api.blueprint,
    dashboard.blueprint,
    health.blueprint,
    imports.blueprint,
    scan.blueprint,
)
