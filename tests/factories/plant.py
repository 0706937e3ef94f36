"""The one little plant that tests share: a site, two departments, racks, people, a lot to book."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.accounts.commands import create_user, grant_role
from app.domain.accounts.models import User
from app.domain.accounts.queries import load_actor
from app.domain.catalog.commands import create_item
from app.domain.catalog.models import Item
from app.domain.catalog.rules import ItemDraft
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.locations.commands import (
    LocationDraft,
    open_department,
    open_location,
    open_locations,
    open_site,
)
from app.domain.locations.models import Department, Location, LocationKind, Site
from app.domain.locations.queries import virtual_ids
from app.domain.lots.commands import register_lot
from app.domain.lots.models import Lot
from app.domain.partners.commands import create_partner
from app.domain.partners.models import Partner
from app.domain.partners.rules import PartnerDraft
from app.domain.reference import ensure_reference_rows
from app.domain.sync.models import Device

PASSWORD = "correct horse battery"
# At the real cost argon2 would take longer than most tests; these parameters are its cheapest.
PASSWORD_HASH = (
    "$argon2id$v=19$m=1024,t=1,p=1$l3PQogWWE2Y0PhMwJfRfqA"
    "$83U1H1S8Ikjj95sGJil0o4K4vWiGIWCp7LGPUbfbb8o"
)
ROLES = {
    "keeper": "stock_keeper",
    "driver": "forklift_driver",
    "operator": "operator",
    "manager": "plant_manager",
    "viewer": "view_only",
}


@dataclass(frozen=True)
class Plant:
    """Falkenberg: hot rolling (HR) with rack FM01, finishing (FIN) with rack FM02.

    Keeper, driver, operator and viewer belong to hot rolling, the manager to both departments,
    the admin has every right. Everybody's password is PASSWORD.
    """

    site: Site
    hot_rolling: Department
    finishing: Department
    hot_staging: Location
    finishing_staging: Location
    rack: Location
    bins: tuple[Location, ...]
    finishing_rack: Location
    finishing_bins: tuple[Location, ...]
    customer: Partner
    supplier: Partner
    item: Item
    other_item: Item
    lot: Lot
    other_lot: Lot
    admin: Actor
    manager: Actor
    keeper: Actor
    driver: Actor
    operator: Actor
    viewer: Actor
    device: Device
    virtual: dict[LocationKind, int]

    @property
    def bin(self) -> Location:
        """FM01A01."""
        return self.bins[0]


def build_plant(session: Session) -> Plant:
    """Make the plant in a migrated database; the caller commits."""
    ensure_reference_rows(session)
    root = User(username="admin", name="Ada Admin", is_superuser=True, password_hash=PASSWORD_HASH)
    session.add(root)
    session.flush()
    admin = _actor(session, root.id)
    site = open_site(
        session, actor=admin, code="FAL", name="Plant Falkenberg", time_zone="Europe/Berlin"
    )
    hot = open_department(session, actor=admin, site_id=site.id, code="HR", name="Hot rolling")
    fin = open_department(session, actor=admin, site_id=site.id, code="FIN", name="Finishing")
    people = {name: _person(session, admin, name, [hot]) for name in ROLES if name != "manager"}
    people["manager"] = _person(session, admin, "manager", [hot, fin])
    rack, bins = open_rack(session, admin, site, hot, "FM01")
    fin_rack, fin_bins = open_rack(session, admin, site, fin, "FM02")
    item = create_item(
        session, actor=admin, draft=ItemDraft("HTS500-200-1250", "HTS500 2.00 × 1250")
    )
    other_item = create_item(
        session, actor=admin, draft=ItemDraft("HPKL-320-1000", "HPKL 3.20 × 1000")
    )
    device = Device(name="Tablet 1", enrolled_by_id=people["driver"].user_id)
    session.add(device)
    session.flush()
    return Plant(
        site=site,
        hot_rolling=hot,
        finishing=fin,
        hot_staging=_staging(session, hot),
        finishing_staging=_staging(session, fin),
        rack=rack,
        bins=bins,
        finishing_rack=fin_rack,
        finishing_bins=fin_bins,
        customer=create_partner(
            session, actor=admin, draft=PartnerDraft("NORDWERK", "Nordwerk GmbH")
        ),
        supplier=create_partner(
            session,
            actor=admin,
            draft=PartnerDraft("ERZ", "Erz AG", is_customer=False, is_supplier=True),
        ),
        item=item,
        other_item=other_item,
        lot=register_lot(session, actor=admin, item_id=item.id, number="L-26-1187"),
        other_lot=register_lot(session, actor=admin, item_id=other_item.id, number="L-26-1190"),
        admin=_actor(session, root.id),
        device=device,
        virtual=virtual_ids(session, site_id=site.id),
        **people,
    )


def open_rack(
    session: Session, actor: Actor, site: Site, department: Department, code: str
) -> tuple[Location, tuple[Location, ...]]:
    """A rack with two levels of two bays: A01, A02, B01, B02."""
    rack = open_location(
        session,
        actor=actor,
        site_id=site.id,
        draft=LocationDraft(code, LocationKind.RACK, department_id=department.id),
    )
    drafts = [
        LocationDraft(f"{code}{place}", LocationKind.BIN, parent_id=rack.id, capacity_units=4)
        for place in ("A01", "A02", "B01", "B02")
    ]
    return rack, tuple(open_locations(session, actor=actor, site_id=site.id, drafts=drafts))


def token_of(session: Session, kind: CodeKind, subject_id: int) -> str:
    """The label code of one thing."""
    return tokens_of(session, kind, [subject_id])[subject_id]


def _person(session: Session, admin: Actor, name: str, departments: list[Department]) -> Actor:
    user = create_user(
        session,
        actor=admin,
        username=name,
        name=f"{name.capitalize()} of {departments[0].name}",
        home_department_id=departments[0].id,
    )
    user.password_hash = PASSWORD_HASH
    for department in departments:
        grant_role(
            session,
            actor=admin,
            user_id=user.id,
            role_code=ROLES[name],
            department_id=department.id,
        )
    return _actor(session, user.id)


def _actor(session: Session, user_id: int) -> Actor:
    session.flush()
    actor = load_actor(session, user_id)
    assert actor is not None
    return actor


def _staging(session: Session, department: Department) -> Location:
    return session.scalars(
        sa.select(Location).where(
            Location.department_id == department.id, Location.kind == LocationKind.STAGING
        )
    ).one()


def user_named(session: Session, username: str) -> User:
    """The account behind one of the plant's people."""
    return session.scalars(sa.select(User).where(User.username == username)).one()
