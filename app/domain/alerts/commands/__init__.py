"""The public writes of alerts."""

from app.domain.alerts.commands.delivering import (
    give_up_letters,
    hand_out,
    mark_sent,
    note_failure,
)
from app.domain.alerts.commands.raising import raise_alert
from app.domain.alerts.commands.settling import (
    acknowledge,
    end_alert,
    resolve,
    set_quiet_hours,
)

__all__ = [
    "acknowledge",
    "end_alert",
    "give_up_letters",
    "hand_out",
    "mark_sent",
    "note_failure",
    "raise_alert",
    "resolve",
    "set_quiet_hours",
]
