"""The forms of what may be done with a label; each says why."""

from __future__ import annotations

import uuid

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from app.core.ids import new_uid
from app.domain.codes.rules import LONGEST_ALIAS, LONGEST_REASON
from app.web.forms import Form


class ReasonForm(Form):
    """Why, of which label, and the key that makes a form sent twice one act."""

    reason = StringField(
        "Reason", [InputRequired("Say why, in a few words."), Length(max=LONGEST_REASON)]
    )
    token = HiddenField()
    key = HiddenField()

    def begin(self, token: str | None) -> None:
        """A fresh form for the label that is on the thing now."""
        self.token.data = token or ""
        self.key.data = str(new_uid())

    def act_key(self) -> uuid.UUID:
        """The key that came with the form; a new one for a damaged one."""
        try:
            return uuid.UUID(self.key.data or "")
        except ValueError:
            return new_uid()


class ExchangeForm(ReasonForm):
    """Which label is on this thing in truth."""

    other = StringField(
        "The other label",
        [InputRequired("Scan or type the other label."), Length(max=LONGEST_ALIAS)],
    )


class VoidForm(ReasonForm):
    """Which label nobody may use any more."""

    # Which labels may be made void is the command's to say: this form may come twice.
    token = SelectField("Label", [InputRequired("Choose a label.")], validate_choice=False)
