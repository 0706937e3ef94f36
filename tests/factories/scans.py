"""Scan events as a device would make them, and a device that delivers them."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core.clock import now
from app.core.database import Database
from app.core.rights import Actor
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind
from app.domain.sync.booking import Delivery
from app.domain.sync.commands import apply_scan_events, enrol_device
from app.domain.sync.messages import EnrolmentIn, EventIn
from app.domain.sync.recording import Outcome


@dataclass
class Phone:
    """A device with the grant of one person. `clock_offset_ms` is how wrong its clock is."""

    database: Database
    actor: Actor
    name: str = "Phone 1"
    uid: uuid.UUID = field(default_factory=uuid.uuid4)
    seq: int = 0
    device_id: int = 0
    grant: uuid.UUID = field(default_factory=uuid.uuid4)
    token: str = ""

    def __post_init__(self) -> None:
        enrolment = EnrolmentIn(device_id=self.uid, device_name=self.name)
        device, grant, token = self.database.unit_of_work(
            lambda session: enrol_device(session, actor=self.actor, enrolment=enrolment)
        )
        self.device_id, self.grant, self.token = device.id, grant.uid, token

    def event(
        self,
        verb: str,
        *codes: str,
        at: datetime | None = None,
        reverses: uuid.UUID | None = None,
        **changes: Any,
    ) -> EventIn:
        """The next event of this phone."""
        return EventIn.model_validate_json(
            self.message(verb, *codes, at=at, reverses=reverses, **changes).model_dump_json()
        )

    def message(
        self,
        verb: str,
        *codes: str,
        at: datetime | None = None,
        reverses: uuid.UUID | None = None,
        **changes: Any,
    ) -> EventIn:
        self.seq += 1
        members = {
            "v": 1,
            "id": uuid.uuid4(),
            "seq": self.seq,
            "act_id": uuid.uuid4(),
            "grant": self.grant,
            "verb": verb,
            "codes": list(codes),
            "reverses": reverses,
            "client_time": at or now(),
            "clock_offset_ms": 0.0,
        }
        return EventIn(**(members | changes))

    def deliver(
        self, *events: EventIn, received_at: datetime | None = None, clock_offset_ms: float = 0
    ) -> list[Outcome]:
        """Hand the events to the server."""
        delivery = Delivery(
            self.device_id, self.actor.user_id, received_at or now(), clock_offset_ms
        )
        return self.database.unit_of_work(
            lambda session: apply_scan_events(session, delivery=delivery, events=events)
        )


def token_of(database: Database, kind: CodeKind, subject_id: int) -> str:
    """The label code of one thing."""
    with database.reader() as session:
        return tokens_of(session, kind, [subject_id])[subject_id]


def minutes_ago(minutes: float) -> datetime:
    """A moment in the past."""
    return now() - timedelta(minutes=minutes)
