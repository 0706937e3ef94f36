"""What stands on a label, for each kind of thing that has one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import NotFound
from app.core.rights import Permission, require
from app.domain.accounts.queries import user_by_uid
from app.domain.catalog.models import Item
from app.domain.catalog.queries import item_by_uid
from app.domain.codes.label_queries import place_of
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.ledger.unit_queries import UnitLabel, unit_labels
from app.domain.locations.models import Department, Location
from app.domain.locations.queries import department_by_uid, location_by_uid
from app.domain.lots.models import NO_LOT
from app.domain.lots.queries import lot_by_uid
from app.domain.partners.queries import partner_by_uid
from app.web.commands import CommandCard
from app.web.current import current_actor
from app.web.formats import grouped_number, plain_day
from app.web.navigation import may_open
from app.web.stock import require_stock_view


@dataclass(frozen=True, slots=True)
class Face:
    """A label's words. `sign` is what is read from afar; places are signs, other things codes.

    `alias` is what the thing is called beside its code, so that label and thing can be matched.
    """

    word: str
    token: str | None
    sign: str | None
    title: str
    lines: tuple[tuple[str, str], ...]
    back: str
    alias: str | None = None


def unit_faces(session: Session, uids: Sequence[uuid.UUID]) -> list[Face]:
    """Rolls, in this order: what each is and what it weighs."""
    return [_unit_face(label) for label in unit_labels(session, uids)]


def unit_face(session: Session, uid: uuid.UUID) -> Face:
    """A roll."""
    return unit_faces(session, [uid])[0]


def lot_face(session: Session, uid: uuid.UUID) -> Face:
    """A lot."""
    lot = lot_by_uid(session, uid=uid)
    item = session.get_one(Item, lot.item_id)
    lines = (("Item", item.name), ("Registered", plain_day(lot.created_at)))
    token = _token(session, CodeKind.LOT, lot.id)
    return Face("Lot", token, None, lot.number, lines, f"/lots/{uid}/")


def item_face(session: Session, uid: uuid.UUID) -> Face:
    """An item."""
    item = item_by_uid(session, uid=uid)
    lines = (("Number", item.number), ("Measured in", item.unit_of_measure_code))
    token = _token(session, CodeKind.ITEM, item.id)
    return Face("Item", token, None, item.name, lines, f"/items/{uid}/")


def location_face(session: Session, uid: uuid.UUID) -> Face:
    """A place: a sign to be read from the driver's seat."""
    place = location_by_uid(session, uid=uid)
    if place.is_virtual:
        raise NotFound("This is not a place that one can go to.", field="location")
    return place_faces(session, [place])[0]


def place_faces(session: Session, places: Sequence[Location]) -> list[Face]:
    """Places, in this order."""
    for place in places:
        require_stock_view(of_site=place.site_id, department_id=place.department_id)
    tokens = tokens_of(session, CodeKind.LOCATION, [place.id for place in places])
    return [
        Face("Place", tokens.get(place.id), place.code, place.name, (), f"/locations/{place.uid}/")
        for place in places
    ]


def department_face(session: Session, uid: uuid.UUID) -> Face:
    """A department, scanned to send rolls there."""
    department = department_by_uid(session, uid=uid)
    require_stock_view(of_site=department.site_id, department_id=department.id)
    token = _token(session, CodeKind.DEPARTMENT, department.id)
    return Face("Department", token, department.code, department.name, (), f"/departments/{uid}/")


def partner_face(session: Session, uid: uuid.UUID) -> Face:
    """A customer, scanned to dispatch rolls."""
    partner = partner_by_uid(session, uid=uid)
    word = "Customer" if partner.is_customer else "Supplier"
    token = _token(session, CodeKind.PARTNER, partner.id)
    return Face(word, token, partner.code, partner.name, (), f"/partners/{uid}/")


def person_face(session: Session, uid: uuid.UUID) -> Face:
    """A person's badge. It only names the person; it opens nothing and proves nothing."""
    person = user_by_uid(session, uid=uid)
    site_id, department_id = place_of(session, CodeKind.PERSON, person.id)
    require(current_actor(), Permission.LABELS_PRINT, site_id=site_id, department_id=department_id)
    home = session.get(Department, person.home_department_id) if department_id else None
    lines = (("Department", home.name),) if home else ()
    page = f"/administration/users/{uid}/"
    back = page if may_open(page) else f"/movements/?by={uid}"
    return Face(
        "Person", _token(session, CodeKind.PERSON, person.id), None, person.name, lines, back
    )


def command_face(card: CommandCard) -> Face:
    """A card that is scanned instead of tapping a button."""
    return Face("Command", card.token, card.sign, card.words, (), "/labels/")


FACES: Mapping[str, Callable[[Session, uuid.UUID], Face]] = {
    "unit": unit_face,
    "lot": lot_face,
    "item": item_face,
    "location": location_face,
    "department": department_face,
    "partner": partner_face,
    "person": person_face,
}
KINDS: Mapping[str, CodeKind] = {
    "unit": CodeKind.UNIT,
    "lot": CodeKind.LOT,
    "item": CodeKind.ITEM,
    "location": CodeKind.LOCATION,
    "department": CodeKind.DEPARTMENT,
    "partner": CodeKind.PARTNER,
    "person": CodeKind.PERSON,
}


def _unit_face(label: UnitLabel) -> Face:
    require_stock_view(of_site=label.site_id, department_id=label.department_id)
    lines = (
        ("Lot", label.lot_number if label.lot_id != NO_LOT else "none"),
        ("Weight", f"{grouped_number(label.quantity)} {label.unit_of_measure}"),
        ("Made", plain_day(label.made_at)),
    )
    back = f"/units/{label.uid}/"
    return Face("Roll", label.token, None, label.item_name, lines, back, label.alias)


def _token(session: Session, kind: CodeKind, subject_id: int) -> str | None:
    return tokens_of(session, kind, [subject_id]).get(subject_id)
