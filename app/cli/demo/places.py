"""The demo plant's site, departments, racks, items and partners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from app.core.rights import Actor
from app.domain.catalog.commands import ensure_items
from app.domain.catalog.rules import ItemDraft
from app.domain.locations.commands import (
    LocationDraft,
    open_department,
    open_location,
    open_locations,
    open_site,
)
from app.domain.locations.models import Department, Location, LocationKind, Site
from app.domain.partners.commands import ensure_partners
from app.domain.partners.rules import PartnerDraft

SITE_CODE = "FAL"
DEPARTMENTS = {
    "HR": "Hot rolling",
    "PIC": "Pickling",
    "FIN": "Finishing",
    "DIS": "Dispatch yard",
}
RACKS = {"HR": ("FM01", "FM02"), "PIC": ("FM03",), "FIN": ("FM04", "FM05", "FM06")}
LEVELS = "ABCD"
BAYS = 5
YARD_ROWS = "ABC"
YARD_PLACES = 6
# number, name, thickness and width in mm, lightest and heaviest coil in kg
ITEMS = (
    ("HTS500-200-1250", "HTS500 2.00 × 1250", "2.00", "1250", 4750, 4860),
    ("HTS700-250-1250", "HTS700 2.50 × 1250", "2.50", "1250", 4960, 5080),
    ("HPKL-320-1000", "HPKL 3.20 × 1000", "3.20", "1000", 5060, 5290),
    ("S355MC-400-1500", "S355MC 4.00 × 1500", "4.00", "1500", 6120, 6290),
    ("DC04-100-1250", "DC04 1.00 × 1250", "1.00", "1250", 3840, 3890),
)
PARTNERS = (
    PartnerDraft("NORDWERK", "Nordwerk Fahrzeugbau GmbH"),
    PartnerDraft("RHEINBLECH", "Rheinblech Service Center AG"),
    PartnerDraft("HANSA", "Hansa Rohrkontor KG"),
    PartnerDraft("SUEDSTAHL", "Südstahl Handel GmbH"),
    PartnerDraft("ERZHAFEN", "Erzhafen Brammen AG", is_customer=False, is_supplier=True),
)


@dataclass(frozen=True, slots=True)
class Places:
    """What was built: departments and their bins by department code."""

    site: Site
    departments: dict[str, Department]
    bins: dict[str, list[Location]]


def build_places(session: Session, admin: Actor) -> Places:
    """Open the site with its departments, racks and yard, and fill the catalogue."""
    site = open_site(
        session,
        actor=admin,
        code=SITE_CODE,
        name="Plant Falkenberg",
        time_zone="Europe/Berlin",
    )
    departments = {
        code: open_department(session, actor=admin, site_id=site.id, code=code, name=name)
        for code, name in DEPARTMENTS.items()
    }
    bins = {
        code: [
            place
            for rack in RACKS.get(code, ())
            for place in _open_rack(session, admin, department, rack)
        ]
        for code, department in departments.items()
    }
    bins["DIS"] = _open_yard(session, admin, departments["DIS"])
    ensure_items(session, actor=admin, drafts=list(_item_drafts()))
    ensure_partners(session, actor=admin, drafts=PARTNERS)
    return Places(site, departments, bins)


def _item_drafts() -> Iterator[ItemDraft]:
    for number, name, thickness, width, _, _ in ITEMS:
        yield ItemDraft(number, name, properties={"thickness_mm": thickness, "width_mm": width})


def _open_rack(session: Session, admin: Actor, department: Department, code: str) -> list[Location]:
    rack = open_location(
        session,
        actor=admin,
        site_id=department.site_id,
        draft=LocationDraft(
            code, LocationKind.RACK, name=f"Rack {code}", department_id=department.id
        ),
    )
    drafts = [
        LocationDraft(
            f"{code}{level}{bay:02}",
            LocationKind.BIN,
            name=f"Rack {code}, level {level}, bay {bay:02}",
            parent_id=rack.id,
            capacity_units=4,
            capacity_kg=Decimal(24_000),
        )
        for level in LEVELS
        for bay in range(1, BAYS + 1)
    ]
    return open_locations(session, actor=admin, site_id=department.site_id, drafts=drafts)


def add_racks(session: Session, admin: Actor, places: Places, count: int) -> None:
    """More racks, in turn for each department that has some."""
    codes = sorted(RACKS)
    for number in range(count):
        code = codes[number % len(codes)]
        department = places.departments[code]
        places.bins[code] += _open_rack(session, admin, department, f"X{number + 1:03}")


def _open_yard(session: Session, admin: Actor, department: Department) -> list[Location]:
    yard = open_location(
        session,
        actor=admin,
        site_id=department.site_id,
        draft=LocationDraft(
            "YARD", LocationKind.ZONE, name="Dispatch yard", department_id=department.id
        ),
    )
    drafts = [
        LocationDraft(
            f"YARD-{row}{place}",
            LocationKind.BIN,
            name=f"Yard, row {row}, place {place}",
            parent_id=yard.id,
            capacity_units=6,
        )
        for row in YARD_ROWS
        for place in range(1, YARD_PLACES + 1)
    ]
    return open_locations(session, actor=admin, site_id=department.site_id, drafts=drafts)
