"""Which labels are printed together, and in which order."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import request
from sqlalchemy.orm import Session

from app.blueprints.codes.faces import FACES, Face, command_face, place_faces, unit_faces
from app.core.errors import Invalid, NotFound
from app.domain.codes.queries import UnknownCode
from app.domain.ledger.unit_queries import list_units, moved_unit_uids
from app.domain.locations.queries import (
    department_by_uid,
    location_by_uid,
    places_to_label,
)
from app.web import stock
from app.web.commands import command_cards

LABELS_AT_ONCE = 500
LAST_FIRST = 20_000
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Batch:
    """Labels in their order. `first` is the number of the first one; `more` follow this batch."""

    faces: Sequence[Face]
    first: int = 1
    more: bool = False

    @property
    def title(self) -> str:
        """What is printed, as a heading."""
        face = self.faces[0]
        if len(self.faces) == 1:
            return f"Label of {face.word.lower()} {(face.token or '')[:4]}"
        return f"Labels of {len(self.faces)} {face.word.lower()}s"

    @property
    def last(self) -> int:
        """The number of the last one."""
        return self.first + len(self.faces) - 1


def batch_of_thing(session: Session, kind: str, uid: uuid.UUID) -> Batch:
    """One label."""
    if kind not in FACES:
        raise NotFound("There are no labels for this.", field="kind")
    return _checked([FACES[kind](session, uid)])


def batch_of_movement(session: Session, uid: uuid.UUID) -> Batch:
    """Every roll that one movement touched, in the order of its lines."""
    uids = moved_unit_uids(session, movement_uid=uid, limit=_limit())
    return _checked(unit_faces(session, _cut(uids)), count=len(uids))


def batch_of_rolls(session: Session) -> Batch:
    """The rolls that the filter of their list shows, in its order."""
    wanted = stock.wanted_units(stock.chosen_department(stock.visible_departments()))
    oldest_first = request.args.get("sort") == "oldest"
    rows = list_units(session, wanted, limit=_limit(), oldest_first=oldest_first)
    uids = [row.uid for row in rows]
    return _checked(unit_faces(session, _cut(uids)), count=len(uids))


def batch_of_rack(session: Session, uid: uuid.UUID) -> Batch:
    """The places of one rack, by their codes."""
    rack = location_by_uid(session, uid=uid)
    places = places_to_label(session, site_id=rack.site_id, rack_id=rack.id, limit=_limit())
    return _checked(place_faces(session, _cut(places)), count=len(places))


def batch_of_department(session: Session, uid: uuid.UUID) -> Batch:
    """The arrivals of a department and all of its racks with their places."""
    department = department_by_uid(session, uid=uid)
    places = places_to_label(
        session, site_id=department.site_id, department_id=department.id, limit=_limit()
    )
    return _checked(place_faces(session, _cut(places)), count=len(places))


def batch_of_commands() -> Batch:
    """The command cards of the scan screen, the same in every plant."""
    return _checked([command_face(card) for card in command_cards()])


def _first() -> int:
    text = request.args.get("first") or "1"
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= LAST_FIRST:
        raise Invalid(f"The first label is a number from 1 to {LAST_FIRST:,}.", field="first")
    return int(text[:6])


def _limit() -> int:
    return _first() + LABELS_AT_ONCE


def _cut(things: Sequence[Thing]) -> Sequence[Thing]:
    start = _first() - 1
    return things[start : start + LABELS_AT_ONCE]


def _checked(faces: Sequence[Face], count: int = 1) -> Batch:
    """A batch in which everything has a label. Raises UnknownCode."""
    if not faces:
        raise UnknownCode("There is nothing to print a label for.", field="code")
    nameless = sum(1 for face in faces if not face.token)
    if nameless:
        raise UnknownCode(
            "This has no label code yet."
            if len(faces) == 1
            else f"{nameless} of these {len(faces)} have no label code yet.",
            field="code",
        )
    first = _first() if count > 1 else 1
    return Batch(faces, first, more=count >= first + LABELS_AT_ONCE)
