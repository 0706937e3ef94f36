"""Resolving an alert, and a site's quiet hours."""

from __future__ import annotations

from datetime import time

from wtforms import HiddenField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from app.web.forms import Form


class ResolutionForm(Form):
    """What was done."""

    reason = TextAreaField("What was done", [InputRequired("Say what was done."), Length(max=500)])


class QuietHoursForm(Form):
    """From when until when nobody is written to; both empty for never.

    It says whose hours it shows, so that an empty request gives up nobody's.
    """

    site = HiddenField("Site", [InputRequired("Reload the page and try again.")])
    starts_at = TimeField("From", [Optional()])
    ends_at = TimeField("Until", [Optional()])

    def span(self) -> tuple[time, time] | None:
        """The hours; None where both are left empty."""
        if self.starts_at.data is None or self.ends_at.data is None:
            return None
        return self.starts_at.data, self.ends_at.data

    def validate(self, **options: object) -> bool:
        """Both or neither."""
        is_valid: bool = super().validate(**options)
        if is_valid and (self.starts_at.data is None) != (self.ends_at.data is None):
            self.form_errors.append("Give both hours, or leave both empty.")
            return False
        return is_valid
