"""Every blueprint of the application, in one list. Each lists its own addresses."""

from __future__ import annotations

from app.blueprints import (
    accounts,
    alerts,
    api,
    catalog,
    codes,
    dashboard,
    exports,
    health,
    holds,
    imports,
    ledger,
    locations,
    lots,
    partners,
    reconciliation,
    reservations,
    scan,
    units,
)

BLUEPRINTS = (
    accounts.blueprint,
    alerts.blueprint,
    api.blueprint,
    catalog.blueprint,
    codes.blueprint,
    dashboard.blueprint,
    exports.blueprint,
    health.blueprint,
    holds.blueprint,
    imports.blueprint,
    ledger.blueprint,
    locations.blueprint,
    lots.blueprint,
    partners.blueprint,
    reconciliation.blueprint,
    reservations.blueprint,
    scan.blueprint,
    units.blueprint,
)
