"""The rail: jobs, in the order people do them; only what exists and the actor may open.

What an entry needs is asked of the guard of the page behind it, so the rail cannot promise
more than the page allows.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request

from app.core.rights import Permission
from app.web.addresses import endpoint_at
from app.web.current import current_actor
from app.web.guards import guard_of


@dataclass(frozen=True, slots=True)
class Entry:
    """A job: its icon, word, first page, and the paths that belong to it."""

    icon: str
    word: str
    path: str
    prefixes: tuple[str, ...]

    @property
    def is_here(self) -> bool:
        """Whether the present page belongs to this job."""
        if self.path == "/":
            return request.path == "/"
        return request.path.startswith(self.prefixes)


ENTRIES = (
    Entry("dashboard", "Dashboard", "/", ()),
    Entry(
        "stock", "Stock", "/stock/units/",
        ("/stock/", "/units/", "/items/", "/lots/", "/locations/", "/departments/"),
    ),
    Entry("scan", "Scan", "/scan/", ("/scan/",)),
    Entry("moves", "Movements", "/movements/", ("/movements/",)),
    Entry("add", "Material entry", "/material-entry/", ("/material-entry/",)),
    Entry("files", "Imports", "/imports/", ("/imports/",)),
    Entry("download", "Exports", "/exports/", ("/exports/",)),
    Entry("partners", "Partners", "/partners/", ("/partners/",)),
)  # fmt: skip


def navigation() -> list[Entry]:
    """The entries that this actor may use."""
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
    return "/stock/units/"
