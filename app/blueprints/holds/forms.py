"""The forms that put and lift a hold."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from wtforms import DateField, HiddenField, StringField
from wtforms.validators import InputRequired, Length, Optional

from app.domain.holds.rules import LONGEST_REASON
from app.domain.locations.rules import day_bounds
from app.web.forms import Form

WHY = [InputRequired("Say why, in a few words."), Length(max=LONGEST_REASON)]


class HoldForm(Form):
    """Why something is stopped, and until when."""

    uid = HiddenField("Hold", [InputRequired()])
    reason = StringField("Reason", WHY)
    until = DateField("Last day", [Optional()])

    def ends(self, zone: ZoneInfo) -> datetime | None:
        """When the chosen day is over in site time."""
        return day_bounds(self.until.data, str(zone))[1] if self.until.data else None


class LiftForm(Form):
    """Why a hold is lifted."""

    reason = StringField("Reason", WHY)
