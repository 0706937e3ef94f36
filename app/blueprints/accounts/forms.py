"""The log-in form."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from app.web.forms import Form


class LoginForm(Form):
    """Name and password."""

    username = StringField("User name", [InputRequired("Enter your user name."), Length(max=80)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=200)])
