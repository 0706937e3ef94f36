"""The protocol's messages as a device sends them; everything in them is hostile until checked."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

PROTOCOL = "rollcall-sync/1"
MOST_EVENTS = 25
# Longer than any code may be: a longer text is refused by the parser with its own words.
LONGEST_CODE = 8_192
BIGGEST_SEQ = 2**53
BIGGEST_EVENT = 60_000


def _utc(moment: datetime) -> datetime:
    """A device that leaves out the zone means UTC; Python could not compare it otherwise."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_utc)]
Code = Annotated[str, Field(max_length=LONGEST_CODE)]
Seq = Annotated[int, Field(ge=1, le=BIGGEST_SEQ)]
ScanVerb = Literal["putaway", "transfer", "dispatch", "reverse"]


class EventIn(BaseModel):
    """One unit of one act. `codes` are the texts as scanned: the unit, then the place."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False)

    v: Literal[1]
    id: uuid.UUID
    seq: Seq
    act_id: uuid.UUID
    grant: uuid.UUID
    verb: ScanVerb
    codes: Annotated[list[Code], Field(min_length=1, max_length=2)]
    reverses: uuid.UUID | None = None
    client_time: Moment
    clock_offset_ms: float | None = None

    @model_validator(mode="after")
    def _is_of_a_scans_size(self) -> Self:
        """What is kept for ever must not be anything that somebody likes to send."""
        if len(canonical(self.model_dump(mode="json"))) > BIGGEST_EVENT:
            raise ValueError(f"an event has at most {BIGGEST_EVENT} characters")
        return self


class HeartbeatIn(BaseModel):
    """How a device is: what it has sent and still holds."""

    last_seq: Annotated[int, Field(ge=0, le=BIGGEST_SEQ)]
    pending: Annotated[int, Field(ge=0, le=10_000_000)]
    oldest_at: Moment | None = None
    persisted: bool = False
    app_version: Annotated[str, Field(max_length=40)] = ""


class BatchIn(BaseModel):
    """A delivery of events, in the order of their sequence numbers."""

    proto: Literal["rollcall-sync/1"]
    device_id: uuid.UUID
    sent_at: Moment
    heartbeat: HeartbeatIn
    events: Annotated[list[EventIn], Field(max_length=MOST_EVENTS)]


class EnrolmentIn(BaseModel):
    """A device that asks for the right to send the scans of whoever is signed in."""

    device_id: uuid.UUID
    device_name: Annotated[str, Field(min_length=1, max_length=80)]
    app_version: Annotated[str, Field(max_length=40)] = ""


def canonical(event: dict[str, Any]) -> str:
    """The event as it is kept for ever: all its members, sorted, ASCII with escapes."""
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str) -> str:
    """The hash by which the same event id with another payload is found out."""
    return hashlib.sha256(text.encode()).hexdigest()
