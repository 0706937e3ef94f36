"""The forms that promise stock and let it go."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from wtforms import DateField, HiddenField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.domain.ledger.proposal_queries import Order
from app.domain.locations.rules import day_bounds
from app.web.forms import Form

CODE = Length(max=200)


class ReservationForm(Form):
    """What is promised to whom."""

    uid = HiddenField("Reservation", [InputRequired(), Length(max=40)])
    reference_type = StringField("For what", [InputRequired("Say for what."), Length(max=40)])
    reference_id = StringField("Its number", [InputRequired("Say which."), Length(max=80)])
    unit = StringField("Roll", [CODE])
    item = StringField("Item", [CODE])
    lot = StringField("Lot", [CODE])
    quantity = StringField("Quantity", [Length(max=40)])
    order = SelectField(
        "Without a lot, take",
        choices=[
            SelectChoice(Order.FEFO.value, "what expires first"),
            SelectChoice(Order.FIFO.value, "what is oldest"),
        ],
    )
    until = DateField("Last day", [Optional()])

    def ends(self, zone: ZoneInfo) -> datetime | None:
        """When the chosen day is over in site time."""
        return day_bounds(self.until.data, str(zone))[1] if self.until.data else None


class ReleaseForm(Form):
    """Why a promise is taken back, and how much of it."""

    uid = HiddenField("Release", [InputRequired(), Length(max=40)])
    quantity = StringField("How much", [Length(max=40)])
    reason = StringField("Reason", [InputRequired("Say why, in a few words."), Length(max=200)])
