"""One search box: an exact code opens its thing, anything else lists what begins like it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from sqlalchemy.orm import Session

from app.core.errors import DomainError, NotFound
from app.core.rights import Permission
from app.domain.codes.queries import (
    Match,
    UnknownCode,
    find_code,
    uid_of,
)
from app.domain.codes.rules import CodeKind, display_token
from app.domain.ledger.movement_queries import MovementFilter
from app.domain.ledger.search_queries import (
    BEGINS,
    Hit,
    find_items,
    find_lots,
    find_orders,
    find_partners,
    find_people,
)
from app.domain.ledger.unit_queries import UnitFilter, list_units
from app.domain.locations.queries import list_locations
from app.web import stock
from app.web.commands import CommandScanned, refuse_command
from app.web.current import current_actor

AT_MOST = 8
PAGES = {
    CodeKind.UNIT: ("Roll", "/units/"),
    CodeKind.LOT: ("Lot", "/lots/"),
    CodeKind.LOCATION: ("Place", "/locations/"),
    CodeKind.ITEM: ("Item", "/items/"),
    CodeKind.PARTNER: ("Partner", "/partners/"),
    CodeKind.DEPARTMENT: ("Department", "/departments/"),
    CodeKind.PERSON: ("Person", "/movements/?by="),
}


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that was found, and its page."""

    name: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class Exact:
    """What has exactly this code; several things where people gave a name twice.

    `warning` says that the label was replaced.
    """

    targets: Sequence[Target] = ()
    warning: str | None = None
    refusal: DomainError | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Things of one kind; `more` leads to all of them, `rank` says how well the best one fits."""

    title: str
    targets: Sequence[Target]
    more: str | None = None
    rank: int = BEGINS


def find_exactly(session: Session, text: str) -> Exact:
    """The things with this code; the reason, where there is a better one than "unknown"."""
    if not text.strip():
        return Exact()
    site_id = None if current_actor().is_superuser else stock.site_id()
    try:
        refuse_command(text)
        matches = find_code(session, text, site_id)
    except CommandScanned as error:
        return Exact(refusal=error)
    except UnknownCode:
        return Exact()
    except DomainError as error:
        return Exact(refusal=error)
    warning = next((match.warning for match in matches if match.warning), None)
    targets = [_target(session, text, match) for match in matches if match.kind in PAGES]
    return Exact(targets, warning)


def address_of(session: Session, match: Match) -> str:
    """The address of the page of what a code stands for. Raises NotFound."""
    if match.kind not in PAGES:
        raise NotFound("What this code stands for has no page yet.", field="code")
    path = PAGES[match.kind][1]
    return f"{path}{uid_of(session, match.kind, match.subject_id)}{'' if '=' in path else '/'}"


def find_groups(session: Session, text: str) -> list[Group]:
    """Everything whose code, number or name fits, a few of each kind, the best kind first."""
    groups = [
        _units(session, text),
        _lots(session, text),
        _orders(session, text),
        _items(session, text),
        _places(session, text),
        _partners(session, text),
        _people(session, text),
    ]
    return sorted((group for group in groups if group.targets), key=lambda group: group.rank)


def _target(session: Session, text: str, match: Match) -> Target:
    word = PAGES[match.kind][0]
    return Target(f"{word} {text.strip()[:60]}", f"by its {match.via}", address_of(session, match))


def _group(title: str, hits: Sequence[Hit], page: str, all_of_them: str | None = None) -> Group:
    """Hits as links: `page` is where a uid goes, `all_of_them` the list with the same text."""
    targets = [Target(hit.name, hit.detail, page.format(hit.uid)) for hit in hits[:AT_MOST]]
    more = all_of_them if len(hits) > AT_MOST else None
    return Group(title, targets, more, hits[0].rank if hits else BEGINS)


def _units(session: Session, text: str) -> Group:
    wanted = UnitFilter(stock.site_id(), stock.departments(), text=text)
    rows = list_units(session, wanted, limit=AT_MOST + 1)
    targets = [
        Target(
            display_token(row.token) if row.token else row.item_name,
            ", ".join(filter(None, (row.alias, row.item_name, row.lot_number or "no lot"))),
            f"/units/{row.uid}/",
        )
        for row in rows[:AT_MOST]
    ]
    more = f"/stock/units/?q={quote(text)}" if len(rows) > AT_MOST else None
    return Group("Rolls", targets, more)


def _lots(session: Session, text: str) -> Group:
    found = find_lots(session, text, scope=stock.scope(), limit=AT_MOST + 1)
    hits = [
        replace(hit, detail=f"{hit.detail}, {_count(rolls, 'roll')} here") for hit, rolls in found
    ]
    return _group("Lots", hits, "/lots/{}/", f"/stock/lots/?q={quote(text)}")


def _orders(session: Session, text: str) -> Group:
    """Orders that movements refer to, for those who may see movements."""
    if not current_actor().may(Permission.MOVEMENTS_VIEW):
        return Group("Orders", [])
    departments = stock.departments(Permission.MOVEMENTS_VIEW)
    wanted = MovementFilter(stock.site_id(), departments)
    hits = find_orders(session, text, wanted=wanted, limit=AT_MOST)
    targets = [
        Target(
            hit.number,
            f"{hit.kind.replace('_', ' ')}, {_count(hit.movements, 'movement')}",
            f"/movements/?order={quote(hit.number, safe='')}",
        )
        for hit in hits
    ]
    return Group("Orders", targets, rank=hits[0].rank if hits else BEGINS)


def _items(session: Session, text: str) -> Group:
    hits = find_items(session, text, limit=AT_MOST + 1)
    return _group("Items", hits, "/items/{}/", f"/stock/items/?q={quote(text)}")


def _places(session: Session, text: str) -> Group:
    rows = list_locations(
        session, site_id=stock.site_id(), text=text, limit=AT_MOST, among=stock.departments()
    )
    targets = [Target(row.code, row.name, f"/locations/{row.uid}/") for row in rows]
    return Group("Places", targets)


def _partners(session: Session, text: str) -> Group:
    hits = find_partners(session, text, limit=AT_MOST + 1)
    return _group("Partners", hits, "/partners/{}/", f"/partners/?q={quote(text)}")


def _people(session: Session, text: str) -> Group:
    """People by name; what they booked, for those who may see movements."""
    if not current_actor().may(Permission.MOVEMENTS_VIEW):
        return Group("People", [])
    found = find_people(session, text, site_id=stock.site_id(), limit=AT_MOST)
    hits = [replace(hit, detail="what they booked") for hit in found]
    return _group("People", hits, "/movements/?by={}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
