"""Reading sites, departments and locations."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.rights import Actor, Permission
from app.domain.locations.models import Department, Location, LocationKind, Site

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where somebody works, in words, and the zone of its clocks."""

    site_name: str = "No site"
    department_name: str | None = None
    time_zone: str = "UTC"


def load_workplace(
    session: Session, *, site_id: int | None, department_id: int | None
) -> Workplace:
    """Names of a site and of one of its departments; the first site for people of none."""
    row = session.execute(
        sa.select(Site.name, Department.name, Site.time_zone)
        .outerjoin(
            Department, sa.and_(Department.site_id == Site.id, Department.id == department_id)
        )
        .where(Site.id == site_id if site_id else sa.true())
        .order_by(Site.id)
        .limit(1)
    ).first()
    return Workplace(row[0], row[1], row[2]) if row else Workplace()


def get_site(session: Session, *, site_id: int) -> Site:
    """A site by id. Raises NotFound."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFound("There is no such site.", field="site")
    return site


def list_departments(
    session: Session, *, site_id: int, among: Collection[int] | None = None
) -> Sequence[Department]:
    """The departments of a site by code; `among` keeps only these, None means all."""
    query = sa.select(Department).where(Department.site_id == site_id)
    if among is not None:
        query = query.where(Department.id.in_(among))
    return session.scalars(query.order_by(Department.code).limit(AT_ONCE)).all()


def departments_in_reach(
    session: Session, *, actor: Actor, permission: Permission
) -> frozenset[int] | None:
    """The departments, of whatever site, in which the actor has the permission.

    None means all of them. A right in a whole site is a right in its departments of this moment.
    """
    if actor.may_throughout(permission):
        return None
    holding = [scope for scope in actor.scopes if permission in scope.permissions]
    sites = {one.site_id for one in holding if one.department_id is None}
    named = frozenset(one.department_id for one in holding if one.department_id is not None)
    if not sites:
        return named
    return named.union(
        session.scalars(sa.select(Department.id).where(Department.site_id.in_(sites)))
    )


def staging_ids(session: Session, *, site_id: int) -> dict[int, int]:
    """The staging location of each department of a site."""
    rows = session.execute(
        sa.select(Location.department_id, Location.id)
        .where(Location.site_id == site_id, Location.kind == LocationKind.STAGING)
        .order_by(Location.id.desc())
    )
    return {row.department_id: row.id for row in rows}


def virtual_ids(session: Session, *, site_id: int) -> dict[LocationKind, int]:
    """The virtual location of each kind of a site."""
    rows = session.execute(
        sa.select(Location.kind, Location.id).where(
            Location.site_id == site_id, Location.is_virtual
        )
    )
    return {LocationKind(kind): location_id for kind, location_id in rows}


def locations_by_code(
    session: Session, *, site_id: int, codes: Iterable[str]
) -> dict[str, Location]:
    """The locations of a site that have one of these (cleaned) codes."""
    wanted = sorted(set(codes))
    found: dict[str, Location] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = session.scalars(
            sa.select(Location).where(
                Location.site_id == site_id, Location.code.in_(wanted[start : start + AT_ONCE])
            )
        )
        found.update({location.code: location for location in rows})
    return found


def departments_by_code(
    session: Session, *, site_id: int, codes: Iterable[str]
) -> dict[str, Department]:
    """The departments of a site that have one of these (cleaned) codes."""
    rows = session.scalars(
        sa.select(Department).where(
            Department.site_id == site_id, Department.code.in_(sorted(set(codes)))
        )
    )
    return {department.code: department for department in rows}


def location_by_uid(session: Session, *, uid: uuid.UUID) -> Location:
    """A location by its public id. Raises NotFound."""
    location = session.scalars(sa.select(Location).where(Location.uid == uid)).first()
    if location is None:
        raise NotFound("There is no such location.", field="location")
    return location


def department_by_uid(session: Session, *, uid: uuid.UUID) -> Department:
    """A department by its public id. Raises NotFound."""
    department = session.scalars(sa.select(Department).where(Department.uid == uid)).first()
    if department is None:
        raise NotFound("There is no such department.", field="department")
    return department


def list_locations(
    session: Session,
    *,
    site_id: int,
    text: str,
    limit: int,
    among: Collection[int] | None = None,
) -> Sequence[Location]:
    """Real locations whose code begins so, by code; `among` keeps these departments only."""
    query = sa.select(Location).where(
        Location.site_id == site_id,
        ~Location.is_virtual,
        Location.code.startswith(text, autoescape=True),
    )
    if among is not None:
        query = query.where(Location.department_id.in_(among))
    return session.scalars(query.order_by(Location.code).limit(limit)).all()


def places_to_label(
    session: Session,
    *,
    site_id: int,
    limit: int,
    rack_id: int | None = None,
    department_id: int | None = None,
) -> Sequence[Location]:
    """Where rolls are put: the places of one rack, or all of a department, its arrivals first.

    A rack that is parted into places comes just before them, by their codes.
    """
    query = sa.select(Location).where(Location.site_id == site_id, ~Location.is_virtual)
    if rack_id is not None:
        query = query.where(Location.parent_id == rack_id)
    if department_id is not None:
        query = query.where(Location.department_id == department_id)
    arrivals_first = sa.case((Location.kind == LocationKind.STAGING, 0), else_=1)
    return session.scalars(query.order_by(arrivals_first, Location.code).limit(limit)).all()
