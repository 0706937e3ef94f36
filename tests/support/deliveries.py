"""A device's habits over HTTP."""

import json

from flask.testing import FlaskClient

from app.core.clock import now
from tests.factories.scans import Phone

EVENTS = "/api/v1/sync/events"


def bearer(phone: Phone) -> dict[str, str]:
    """The header of a phone's grant."""
    return {"Authorization": f"Bearer {phone.token}"}


def batch(phone: Phone, *events, **changes) -> dict:
    """A delivery of these events."""
    return {
        "proto": "rollcall-sync/1",
        "device_id": str(phone.uid),
        "sent_at": now().isoformat(),
        "heartbeat": {
            "last_seq": phone.seq,
            "pending": len(events),
            "oldest_at": None,
            "persisted": True,
            "app_version": "1",
        },
        "events": [json.loads(event.model_dump_json()) for event in events],
    } | changes


def send(client: FlaskClient, phone: Phone, *events, **changes):
    """Deliver them under the phone's grant."""
    return client.post(EVENTS, json=batch(phone, *events, **changes), headers=bearer(phone))
