"""The form that takes a movement back."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.web.forms import Form


class ReversalForm(Form):
    """Why a movement is reversed."""

    reason = StringField("Reason", [InputRequired("Say why, in a few words."), Length(max=200)])
    place = StringField("Where is it now", [Length(max=200)])
