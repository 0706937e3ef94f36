"""Forms that settle a discrepancy, and the hour of the daily check."""

from __future__ import annotations

from wtforms import TextAreaField, TimeField
from wtforms.validators import InputRequired, Length

from app.web.forms import Form


class ExplanationForm(Form):
    """What was found out."""

    explanation = TextAreaField(
        "What happened", [InputRequired("Say what you found out."), Length(max=500)]
    )


class ReasonForm(Form):
    """Why an entry ends."""

    reason = TextAreaField("Reason", [InputRequired("Say why."), Length(max=500)])


class PlanForm(Form):
    """When the daily check is due."""

    daily_at = TimeField("Daily check at", [InputRequired("Give an hour like 09:00.")])
