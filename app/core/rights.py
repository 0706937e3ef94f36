"""Who may do what, where: the permissions, the actor, and the one function that decides.

It lies below every area, because locations and audit must ask it too. Commands call `require`;
pages, the API and the sync ask the same `may` only to hide what would be refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.core.errors import Forbidden


class Permission(StrEnum):
    """Every right there is, as `area.verb`."""

    DASHBOARD_VIEW = "dashboard.view"
    STOCK_VIEW = "stock.view"
    MOVEMENTS_VIEW = "movements.view"
    LEDGER_PRODUCE = "ledger.produce"
    LEDGER_RECEIVE = "ledger.receive"
    LEDGER_PUTAWAY = "ledger.putaway"
    LEDGER_TRANSFER = "ledger.transfer"
    LEDGER_DISPATCH = "ledger.dispatch"
    LEDGER_ISSUE = "ledger.issue"
    LEDGER_CONSUME = "ledger.consume"
    LEDGER_RETURN = "ledger.return"
    LEDGER_SCRAP = "ledger.scrap"
    LEDGER_TRANSFORM = "ledger.transform"
    LEDGER_RESERVE = "ledger.reserve"
    LEDGER_ADJUST = "ledger.adjust"
    LEDGER_REVERSE = "ledger.reverse"
    LEDGER_UNDO = "ledger.undo"
    LOTS_JUDGE = "lots.judge"
    HOLDS_MANAGE = "holds.manage"
    CATALOG_MANAGE = "catalog.manage"
    PARTNERS_MANAGE = "partners.manage"
    LOCATIONS_MANAGE = "locations.manage"
    IMPORTS_RUN = "imports.run"
    EXPORTS_RUN = "exports.run"
    ALERTS_MANAGE = "alerts.manage"
    RECONCILIATION_VIEW = "reconciliation.view"
    RECONCILIATION_MANAGE = "reconciliation.manage"
    LABELS_PRINT = "labels.print"
    LABELS_MANAGE = "labels.manage"
    ACCOUNTS_MANAGE = "accounts.manage"
    SYNC_SCAN = "sync.scan"


# Asked only where the stock comes from: the department that gets it accepts it by its putaway.
ASKED_AT_ORIGIN = frozenset({Permission.LEDGER_TRANSFER})


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of permissions and where they hold: everywhere, in a site, or in a department."""

    permissions: frozenset[str]
    site_id: int | None = None
    department_id: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    grant_id: int | None = None

    def covers(self, permission: str, site_id: int | None, department_id: int | None) -> bool:
        """Whether this scope gives the permission there.

        A place that is not named (None) is asked as "anywhere": a page for several departments
        opens for whoever has the right in one of them.
        """
        if permission not in self.permissions:
            return False
        if self.site_id is not None and site_id is not None and site_id != self.site_id:
            return False
        return self.department_id is None or department_id in (None, self.department_id)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person with the rights in force at this moment."""

    user_id: int
    name: str
    is_superuser: bool = False
    scopes: tuple[Scope, ...] = ()
    site_id: int | None = None
    home_department_id: int | None = None
    device_id: int | None = None
    origin: str | None = field(default=None, compare=False)

    def may(
        self,
        permission: Permission,
        *,
        site_id: int | None = None,
        department_id: int | None = None,
    ) -> bool:
        """Whether this actor has the permission at that site and department."""
        return self.is_superuser or any(
            scope.covers(permission, site_id, department_id) for scope in self.scopes
        )

    def may_throughout(
        self,
        permission: Permission,
        *,
        site_id: int | None = None,
        department_id: int | None = None,
    ) -> bool:
        """Whether the permission holds in the whole of that scope; None means all of them."""
        return self.is_superuser or any(
            permission in scope.permissions
            and scope.site_id in (None, site_id)
            and scope.department_id in (None, department_id)
            for scope in self.scopes
        )

    def departments_for(
        self, permission: Permission, *, site_id: int | None = None
    ) -> frozenset[int] | None:
        """The departments of one site (the actor's own) in which the actor has the permission.

        None means all of that site. What lists several sites asks `departments_in_reach`.
        """
        if self.is_superuser:
            return None
        here = (None, site_id if site_id is not None else self.site_id)
        holding = [s for s in self.scopes if permission in s.permissions and s.site_id in here]
        if any(scope.department_id is None for scope in holding):
            return None
        return frozenset(s.department_id for s in holding if s.department_id is not None)


def require(
    actor: Actor,
    permission: Permission,
    *,
    site_id: int | None = None,
    department_id: int | None = None,
) -> None:
    """Raise Forbidden unless the actor has the permission at that site and department."""
    if not actor.may(permission, site_id=site_id, department_id=department_id):
        raise _forbidden(actor, permission, site_id, department_id)


def require_throughout(
    actor: Actor,
    permission: Permission,
    *,
    site_id: int | None = None,
    department_id: int | None = None,
) -> None:
    """Raise Forbidden unless the permission holds in the whole of that scope.

    For acts whose effect is as wide as the scope: opening a site, giving a role away.
    """
    if not actor.may_throughout(permission, site_id=site_id, department_id=department_id):
        raise _forbidden(actor, permission, site_id, department_id)


def _forbidden(
    actor: Actor, permission: Permission, site_id: int | None, department_id: int | None
) -> Forbidden:
    return Forbidden(
        f"{actor.name} does not have the right “{permission}” here. "
        "Ask an administrator for a role that includes it.",
        permission=str(permission),
        site_id=site_id,
        department_id=department_id,
    )
