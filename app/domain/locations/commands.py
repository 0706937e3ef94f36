"""Opening sites, departments and locations. Each real place gets its label code at birth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.core.ids import new_uid
from app.core.rights import Actor, Permission, require, require_throughout
from app.core.rows import insert_rows
from app.domain.audit.commands import record_change
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind
from app.domain.locations.models import (
    VIRTUAL_KINDS,
    Department,
    Location,
    LocationKind,
    Mixing,
    Shift,
    Site,
)
from app.domain.locations.rules import (
    DEFAULT_SHIFTS,
    STAGING_SUFFIX,
    clean_code,
    clean_name,
    clean_time_zone,
    virtual_code,
)


class CodeTaken(DomainError):
    """A place of that code exists already."""

    code = "code_taken"


@dataclass(frozen=True, slots=True)
class LocationDraft:
    """A location to open. Without a department of its own it belongs to its parent's."""

    code: str
    kind: LocationKind
    name: str | None = None
    parent_id: int | None = None
    department_id: int | None = None
    capacity_units: int | None = None
    capacity_kg: Decimal | None = None
    mixing: Mixing = Mixing.ANY


def open_site(session: Session, *, actor: Actor, code: str, name: str, time_zone: str) -> Site:
    """Open a site with its virtual locations and the usual shifts."""
    require_throughout(actor, Permission.LOCATIONS_MANAGE)
    site = Site(
        code=clean_code(code, longest=20),
        name=clean_name(name, default=code),
        time_zone=clean_time_zone(time_zone),
    )
    _refuse_taken(session, sa.select(Site.code).where(Site.code == site.code), "site")
    session.add(site)
    session.flush()
    for shift, starts_at, ends_at in DEFAULT_SHIFTS:
        session.add(Shift(site_id=site.id, name=shift, starts_at=starts_at, ends_at=ends_at))
    for kind in sorted(VIRTUAL_KINDS):
        session.add(_virtual_location(site, kind))
    session.flush()
    session.execute(
        sa.update(Location)
        .where(Location.site_id == site.id)
        .values(path=_own_path(Location.path)),
        execution_options={"synchronize_session": "fetch"},
    )
    record_change(
        session,
        actor=actor,
        action="site.opened",
        subject_kind="site",
        subject_id=site.id,
        after={"code": site.code, "name": site.name, "time_zone": site.time_zone},
    )
    return site


def open_department(
    session: Session, *, actor: Actor, site_id: int, code: str, name: str
) -> Department:
    """Open a department with the staging location in which its new stock arrives."""
    require_throughout(actor, Permission.LOCATIONS_MANAGE, site_id=site_id)
    _load_site(session, site_id)
    # The staging location's code is the department's with a suffix, and must fit as well.
    code = clean_code(code, longest=40 - len(STAGING_SUFFIX))
    department = Department(site_id=site_id, code=code, name=clean_name(name, default=code))
    _refuse_taken(
        session,
        sa.select(Department.code).where(Department.site_id == site_id, Department.code == code),
        "department",
        site_id,
    )
    session.add(department)
    session.flush()
    assign_codes(session, CodeKind.DEPARTMENT, [department.id])
    open_location(
        session,
        actor=actor,
        site_id=site_id,
        draft=LocationDraft(
            code=f"{code}{STAGING_SUFFIX}",
            kind=LocationKind.STAGING,
            name=f"Arrivals of {department.name}",
            department_id=department.id,
        ),
    )
    record_change(
        session,
        actor=actor,
        action="department.opened",
        subject_kind="department",
        subject_id=department.id,
        after={"code": department.code, "name": department.name},
    )
    return department


def open_location(
    session: Session, *, actor: Actor, site_id: int, draft: LocationDraft
) -> Location:
    """Open one location."""
    return open_locations(session, actor=actor, site_id=site_id, drafts=[draft])[0]


def open_locations(
    session: Session, *, actor: Actor, site_id: int, drafts: Sequence[LocationDraft]
) -> list[Location]:
    """Open many locations at once, in the order given; parents must exist before.

    Raises CodeTaken, or Invalid where a parent or department is of another site.
    """
    parents = _parents(session, site_id, drafts)
    departments = _departments(session, site_id, drafts)
    rows = [_row(site_id, draft, parents, departments) for draft in drafts]
    for department_id in {row["department_id"] for row in rows}:
        require(
            actor,
            Permission.LOCATIONS_MANAGE,
            site_id=site_id,
            department_id=department_id,
        )
    _refuse_codes(session, site_id, [row["code"] for row in rows])
    table: Any = Location.__table__
    inserted = insert_rows(
        session,
        table,
        rows,
        names=list(rows[0]) if rows else [],
        ignore_conflicts=True,
        returning=["id", "code"],
    )
    if len(inserted) < len(rows):
        raise CodeTaken("Somebody has just opened one of these places.", field="code")
    ids = {row.code: row.id for row in inserted}
    _finish_paths(session, list(ids.values()))
    assign_codes(session, CodeKind.LOCATION, list(ids.values()))
    opened = {
        location.code: location
        for start in range(0, len(rows), 500)
        for location in session.scalars(
            sa.select(Location).where(
                Location.id.in_([ids[row["code"]] for row in rows[start : start + 500]])
            )
        )
    }
    for location in opened.values():
        _record_opening(session, actor, location)
    return [opened[row["code"]] for row in rows]


def _virtual_location(site: Site, kind: LocationKind) -> Location:
    return Location(
        site_id=site.id,
        code=virtual_code(kind),
        name=kind.value.capitalize(),
        kind=kind,
        is_virtual=True,
    )


def _row(
    site_id: int,
    draft: LocationDraft,
    parents: dict[int, Location],
    departments: set[int],
) -> dict[str, Any]:
    parent = parents.get(draft.parent_id) if draft.parent_id else None
    if draft.parent_id and parent is None:
        raise Invalid("The parent location is of another site.", field="parent")
    department_id = draft.department_id or (parent.department_id if parent else None)
    if draft.department_id and draft.department_id not in departments:
        raise Invalid("The department is of another site.", field="department")
    if draft.kind in VIRTUAL_KINDS or department_id is None:
        raise Invalid(f"Location {draft.code} needs a department.", field="department")
    code = clean_code(draft.code)
    return {
        "uid": new_uid(),
        "site_id": site_id,
        "parent_id": draft.parent_id,
        "department_id": department_id,
        "code": code,
        "name": clean_name(draft.name, default=code),
        "kind": draft.kind,
        "is_virtual": False,
        "path": parent.path if parent else "/",
        "capacity_units": draft.capacity_units,
        "capacity_kg": draft.capacity_kg,
        "mixing": draft.mixing,
        "may_go_negative": False,
        "created_at": now(),
    }


def _load_site(session: Session, site_id: int) -> Site:
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound("There is no such site.", field="site")
    return site


def _parents(
    session: Session, site_id: int, drafts: Sequence[LocationDraft]
) -> dict[int, Location]:
    wanted = {draft.parent_id for draft in drafts if draft.parent_id}
    found = session.scalars(
        sa.select(Location).where(Location.site_id == site_id, Location.id.in_(wanted))
    )
    return {location.id: location for location in found}


def _departments(session: Session, site_id: int, drafts: Sequence[LocationDraft]) -> set[int]:
    wanted = {draft.department_id for draft in drafts if draft.department_id}
    return set(
        session.scalars(
            sa.select(Department.id).where(Department.site_id == site_id, Department.id.in_(wanted))
        )
    )


def _refuse_codes(session: Session, site_id: int, codes: Sequence[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise CodeTaken(f"{code} is given twice.", field="code", taken=code)
        seen.add(code)
    for start in range(0, len(codes), 500):
        _refuse_taken(
            session,
            sa.select(Location.code).where(
                Location.site_id == site_id, Location.code.in_(codes[start : start + 500])
            ),
            "place",
            site_id,
        )


def _refuse_taken(
    session: Session, codes: sa.Select[str], what: str, site_id: int | None = None
) -> None:
    """Raise CodeTaken for the first of these codes; `what` has it, at a site or anywhere."""
    taken = session.scalars(codes.limit(1)).first()
    if taken is None:
        return
    owner = session.get_one(Site, site_id).name if site_id else "This installation"
    raise CodeTaken(f"{owner} has a {what} {taken} already.", field="code", taken=taken)


def _own_path(path: Any) -> Any:
    """A path that ended with the parent, continued by the location's own id."""
    return path + sa.cast(Location.id, sa.Text) + "/"


def _finish_paths(session: Session, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), 500):
        session.execute(
            sa.update(Location)
            .where(Location.id.in_(ids[start : start + 500]))
            .values(path=_own_path(Location.path)),
            execution_options={"synchronize_session": False},
        )


def _record_opening(session: Session, actor: Actor, location: Location) -> None:
    record_change(
        session,
        actor=actor,
        action="location.opened",
        subject_kind="location",
        subject_id=location.id,
        after={"code": location.code, "name": location.name, "kind": location.kind},
    )
