"""The rail: jobs, in the order people do them; only what exists and the actor may open.

What an entry needs is asked of the guard of the page behind it, so the rail cannot promise
more than the page allows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app, g, request

from app.core.rights import Permission
from app.domain.accounts.request_queries import count_open_requests
from app.domain.alerts.queries import count_open_alerts
from app.domain.locations.queries import departments_in_reach
from app.web.addresses import endpoint_at
from app.web.current import current_actor
from app.web.database import reading
from app.web.guards import guard_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A job: its icon, word, first page, the paths that belong to it, and what waits there."""

    icon: str
    word: str
    path: str
    prefixes: tuple[str, ...]
    waiting: Callable[[], int] | None = None

    @property
    def is_here(self) -> bool:
        """Whether the present page belongs to this job."""
        if self.path == "/":
            return request.path == "/"
        return request.path.startswith(self.prefixes)

    @property
    def count(self) -> int:
        """How many things wait for this actor, asked once a request."""
        if self.waiting is None:
            return 0
        counts: dict[str, int] = g.setdefault("waiting", {})
        if self.path not in counts:
            counts[self.path] = self.waiting()
        return counts[self.path]


def bell() -> tuple[int, bool] | None:
    """Open alerts that nobody looks after, and whether one is critical; None without a bell."""
    if not may_open("/alerts/"):
        return None
    if "bell" not in g:
        actor = current_actor()
        g.bell = count_open_alerts(
            reading(),
            site_id=actor.site_id or 0,
            departments=actor.departments_for(Permission.DASHBOARD_VIEW),
        )
    counted: tuple[int, bool] = g.bell
    return counted


def _open_requests() -> int:
    among = departments_in_reach(
        reading(), actor=current_actor(), permission=Permission.ACCOUNTS_MANAGE
    )
    return count_open_requests(reading(), among=among)


ENTRIES = (
    Entry("dashboard", "Dashboard", "/", ()),
    Entry(
        "stock", "Stock", "/stock/units/",
        ("/stock/", "/units/", "/items/", "/lots/", "/locations/", "/departments/",
         "/holds/", "/reservations/"),
    ),
    Entry("scan", "Scan", "/scan/", ("/scan/",)),
    Entry("moves", "Movements", "/movements/", ("/movements/",)),
    Entry("add", "Material entry", "/material-entry/", ("/material-entry/",)),
    Entry("label", "Labels", "/labels/", ("/labels/", "/print/")),
    Entry("files", "Imports", "/imports/", ("/imports/",)),
    Entry("download", "Exports", "/exports/", ("/exports/",)),
    Entry("partners", "Partners", "/partners/", ("/partners/",)),
    Entry("check", "Proof", "/proof/", ("/proof/",)),
    Entry("requests", "Requests", "/requests/roles/", ("/requests/",), _open_requests),
    Entry("user", "People", "/administration/users/", ("/administration/users/",)),
)  # fmt: skip


# Whoever has no role yet can only wait, and ask for one.
NO_ROLE = [Entry("user", "My account", "/account/", ("/account/",))]


def navigation() -> list[Entry]:
    """The entries that this actor may use."""
    actor = current_actor()
    if not actor.scopes and not actor.is_superuser:
        return NO_ROLE
    return [entry for entry in ENTRIES if may_open(entry.path)]


def may_open(path: str) -> bool:
    """Whether there is a page at the path that this actor may open."""
    endpoint = endpoint_at(path)
    guard = guard_of(current_app.view_functions[endpoint]) if endpoint else None
    if guard is None:
        return False
    actor = current_actor()
    return not guard.permissions or any(actor.may(needed) for needed in guard.permissions)


def landing_path() -> str:
    """Where this actor's work begins."""
    actor = current_actor()
    if actor.may(Permission.DASHBOARD_VIEW):
        return "/"
    if actor.may(Permission.SYNC_SCAN) and endpoint_at("/scan/"):
        return "/scan/"
    return "/stock/units/" if actor.may(Permission.STOCK_VIEW) else "/account/"
