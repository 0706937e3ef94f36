"""The form in which quality says what it thinks of a lot."""

from __future__ import annotations

from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.domain.lots.models import LotStatus
from app.web.forms import Form


class QualityForm(Form):
    """Status, last good day, and why."""

    status = SelectField(
        "Status", choices=[SelectChoice(one.value, one.capitalize()) for one in LotStatus]
    )
    expires_on = DateField("Last good day", [Optional()])
    reason = StringField("Reason", [InputRequired("Say why, in a few words."), Length(max=500)])
