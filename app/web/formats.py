"""Numbers, times and codes as people read them. Times are shown in the site's own zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask
from wtforms import Form

from app.core.clock import now
from app.domain.codes.rules import display_token
from app.web.current import time_zone


def init_app(app: Flask) -> None:
    """Make the formats known to templates."""
    app.jinja_env.filters.update(
        grouped=display_token,
        grouped_number=grouped_number,
        moment=moment,
        exact=exact,
        age=age,
        iso=iso,
        problems=problems,
    )


def grouped_number(value: Decimal | float, places: int | None = None) -> str:
    """4820 → "4,820"; exact unless `places` asks for rounding."""
    if places is not None:
        return f"{value:,.{places}f}"
    text = f"{Decimal(str(value)):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(at: datetime) -> str:
    """ "14:02" today, "Thu 14:02" this week, "12 Nov, 14:02" before that or later."""
    local, today = at.astimezone(time_zone()), now().astimezone(time_zone())
    if local.date() == today.date():
        return f"{local:%H:%M}"
    if timedelta(0) < today - local < timedelta(days=6):
        return f"{local:%a %H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%b}{year}, {local:%H:%M}"


def exact(at: datetime) -> str:
    """Day, second and zone: "Fri 20 Nov 2026, 14:02:36 CET"."""
    local = at.astimezone(time_zone())
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"


def plain_day(at: datetime) -> str:
    """The day alone, for paper: "20 Nov 2026"."""
    local = at.astimezone(time_zone())
    return f"{local.day} {local:%b %Y}"


def age(at: datetime) -> str:
    """How long ago, in the largest unit that says something."""
    seconds = max(0, int((now() - at).total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {word}{'s' if word == 'day' and count > 1 else ''} ago"
    return f"{seconds} s ago"


def iso(at: datetime) -> str:
    """The UTC time for machines."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def problems(form: Form) -> list[tuple[str | None, str]]:
    """Every error of a form as (id of its field, sentence), in the order of the fields."""
    found: list[tuple[str | None, str]] = [(None, str(message)) for message in form.form_errors]
    for field in form:
        found.extend((field.id, f"{field.label.text}: {text}") for text in _texts(field.errors))
    return found


def _texts(errors: Iterable[Any]) -> Iterable[str]:
    for error in errors:
        if isinstance(error, dict):
            for nested in error.values():
                yield from _texts(nested)
        elif isinstance(error, list | tuple):
            yield from _texts(error)
        else:
            yield str(error)
