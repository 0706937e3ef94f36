"""The forms of accounts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from app.core.ids import new_uid
from app.domain.accounts.commands import Wish
from app.domain.accounts.models import Role
from app.domain.accounts.people_queries import PlaceOfWork
from app.domain.accounts.rules import LONGEST_NOTE, LONGEST_PASSWORD
from app.web.current import time_zone
from app.web.forms import Form

EVERYWHERE = "everywhere"
CHOOSE = ("", "Choose …")


class LoginForm(Form):
    """Name and password."""

    username = StringField("User name", [InputRequired("Enter your user name."), Length(max=80)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=200)])


class NewPasswordForm(Form):
    """A new password, typed twice because nobody sees it."""

    password = PasswordField(
        "New password", [InputRequired("Enter a password."), Length(max=LONGEST_PASSWORD)]
    )
    again = PasswordField(
        "The same again", [EqualTo("password", "The two passwords are not the same.")]
    )


class PasswordForm(NewPasswordForm):
    """One's own password: the present one allows a new one."""

    present = PasswordField(
        "Present password",
        [InputRequired("Enter your present password."), Length(max=LONGEST_PASSWORD)],
    )


class WishForm(Form):
    """A role, and where."""

    role = SelectField("Role", [InputRequired("Choose a role.")])
    department = SelectField("Department", [InputRequired("Choose a department.")])
    note = TextAreaField("Note", [Optional(), Length(max=LONGEST_NOTE)])
    key = HiddenField()

    def offer(self, roles: Sequence[Role], places: Sequence[PlaceOfWork]) -> None:
        """Fill the lists of choices."""
        self.role.choices = [CHOOSE, *((role.code, role.name) for role in roles)]
        self.department.choices = [CHOOSE, *place_choices(places)]
        if not self.key.data:
            self.key.data = str(new_uid())

    def wish(self, places: Sequence[PlaceOfWork]) -> Wish:
        """What was asked for, of a form that is valid."""
        chosen = place_id(places, self.department.data)
        assert chosen is not None
        return Wish(self.role.data, chosen, note=self.note.data or "", key=_key(self.key.data))


class RegisterForm(WishForm, NewPasswordForm):
    """Who one is, and what one is there for."""

    password = PasswordField(
        "Password", [InputRequired("Choose a password."), Length(max=LONGEST_PASSWORD)]
    )
    username = StringField("User name", [InputRequired("Choose a user name."), Length(max=80)])
    name = StringField("Your name", [InputRequired("Enter your name."), Length(max=120)])
    email = EmailField("E-mail", [Optional(), Length(max=200)])


class PlaceForm(Form):
    """Where a role holds, and until when."""

    department = SelectField("Where", [InputRequired("Choose where the role holds.")])
    valid_until = DateField("Last day", [Optional()])

    def offer(self, places: Sequence[PlaceOfWork], *, everywhere: bool) -> None:
        """Fill the list of choices."""
        everything = [(EVERYWHERE, "Everywhere")] if everywhere else []
        self.department.choices = [CHOOSE, *place_choices(places), *everything]

    def ends(self) -> datetime | None:
        """The moment after the last day, by the clock of the site."""
        if self.valid_until.data is None:
            return None
        return datetime.combine(
            self.valid_until.data + timedelta(days=1), time.min, tzinfo=time_zone()
        )


class GrantForm(PlaceForm):
    """A role to give."""

    role = SelectField("Role", [InputRequired("Choose a role.")])


class RefusalForm(Form):
    """Why a request is declined."""

    reason = TextAreaField(
        "Reason", [InputRequired("Say why: the person reads it."), Length(max=LONGEST_NOTE)]
    )


class PersonForm(Form):
    """A new account, which gets its password by a link."""

    name = StringField("Name", [InputRequired("Enter the person's name."), Length(max=120)])
    username = StringField("User name", [InputRequired("Choose a user name."), Length(max=80)])
    email = EmailField("E-mail", [Optional(), Length(max=200)])
    department = SelectField("Home department", [Optional()])


def place_choices(places: Sequence[PlaceOfWork]) -> list[tuple[str, str]]:
    """Departments as choices; with the site where there are several."""
    is_one_site = len({place.site_id for place in places}) < 2
    return [
        (str(place.uid), place.name if is_one_site else f"{place.site_name}: {place.name}")
        for place in places
    ]


def place_id(places: Sequence[PlaceOfWork], chosen: str | None) -> int | None:
    """The department of a choice; None for everywhere."""
    return next((place.id for place in places if str(place.uid) == chosen), None)


def _key(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return new_uid()
