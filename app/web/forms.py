"""The base of every form. A form knows shape and format; trade rules stay in the domain."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field

from app.core.errors import DomainError


class Form(FlaskForm):
    """A form whose CSRF token is checked by the guard, before any view runs."""

    class Meta(FlaskForm.Meta):
        csrf = False

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            """Cut spaces around typed text: scanners and spreadsheets add them."""
            filters = unbound_field.kwargs.get("filters", [])
            if unbound_field.field_class.__name__ in ("StringField", "SearchField"):
                filters = [*filters, _strip]
            return unbound_field.bind(form=form, filters=filters, **options)

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside the field at fault, or over the form."""
        if error.field in self._fields:
            field = self._fields[error.field]
            field.errors = [*field.errors, error.message]
        else:
            self.form_errors.append(error.message)


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
