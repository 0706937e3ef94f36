"""Movement entry for the desk: several lines, by keyboard or scanner alone."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, request
from wtforms import FieldList, FormField, HiddenField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.core.errors import DomainError, Forbidden
from app.core.ids import new_uid
from app.core.rights import Permission
from app.domain.ledger.commands import Details, TypedEntry, book_typed
from app.domain.ledger.commands.typed import TypedResult
from app.domain.ledger.drafts import Key
from app.domain.ledger.entry_queries import EntryText, LineText
from app.domain.ledger.entry_rules import ENDS
from app.domain.ledger.models import Verb
from app.domain.ledger.rules import PERMISSION_OF
from app.web import stock
from app.web.current import current_actor
from app.web.database import unit_of_work
from app.web.forms import Form
from app.web.guards import allow
from app.web.responses import page, see_other

ENTRY_RIGHTS: tuple[Permission, ...] = tuple(PERMISSION_OF[verb] for verb in ENDS)
LINES_AT_FIRST = 4
MOST_LINES = 60
LONGEST = Length(max=200)


class LineForm(PlainForm):
    """One line; what is empty says nothing."""

    unit = StringField("Roll", [LONGEST])
    item = StringField("Item", [LONGEST])
    lot = StringField("Lot", [LONGEST])
    quantity = StringField("Quantity", [Length(max=40)])
    origin = StringField("From", [LONGEST])
    target = StringField("To", [LONGEST])

    def said(self) -> LineText:
        """What was typed, without spaces around it."""
        return LineText(**{name: (text or "").strip() for name, text in self.data.items()})


class EntryForm(Form):
    """One movement of several lines."""

    uid = HiddenField("Movement", [InputRequired(), Length(max=40)])
    verb = SelectField("What happened")
    partner = StringField("Customer or supplier", [LONGEST])
    reference_type = StringField("For what", [Length(max=40)])
    reference_id = StringField("Its number", [Length(max=80)])
    reason = StringField("Reason", [LONGEST])
    note = StringField("Note", [Length(max=1_000)])
    lines = FieldList(FormField(LineForm), min_entries=LINES_AT_FIRST, max_entries=MOST_LINES)

    def said(self) -> list[tuple[int, LineText]]:
        """The lines in which something was typed, with their numbers."""
        texts = [(number, line.form.said()) for number, line in enumerate(self.lines)]
        return [(number, text) for number, text in texts if text != LineText()]


@allow(*ENTRY_RIGHTS)
def new() -> Response:
    """An empty form; the address may name the verb."""
    verb = stock.chosen("verb", Verb)
    return _page(_form(data={"uid": str(new_uid()), "verb": verb or ""}))


@allow(*ENTRY_RIGHTS)
def book() -> Response:
    """Book the movement, and go to it."""
    form = _form()
    if request.form.get("act") == "more" and len(form.lines) < MOST_LINES:
        form.lines.append_entry()
        return _page(form)
    if not form.validate():
        return _page(form, status=422)
    try:
        typed = unit_of_work(lambda session: _book(session, form))
    except DomainError as error:
        if isinstance(error, Forbidden):
            raise
        form.refuse(error)
        return _page(form, status=error.status)
    flash("The movement is booked.", "ok")
    return see_other(f"/movements/{typed.result.movement_uid}/")


def _form(**options: Any) -> EntryForm:
    form, actor = EntryForm(**options), current_actor()
    form.verb.choices = [
        SelectChoice(verb.value, verb.capitalize())
        for verb in ENDS
        if actor.may(PERMISSION_OF[verb], site_id=actor.site_id)
    ]
    return form


def _book(session: Any, form: EntryForm) -> TypedResult:
    """Book the one movement; a refusal is raised with the number of its line in its sentence."""
    actor, said = current_actor(), form.said()
    texts = [text for _, text in said]
    payload = {name: value for name, value in form.data.items() if name != "csrf_token"}
    details = Details(
        reference_type=form.reference_type.data or ("order" if form.reference_id.data else None),
        reference_id=form.reference_id.data or None,
        reason=form.reason.data or None,
        note=form.note.data or None,
        key=Key.of(f"user:{actor.user_id}", f"entry:{form.uid.data}", payload),
    )
    entry = TypedEntry(form.verb.data, EntryText(texts, form.partner.data or ""), details)
    (typed,) = book_typed(session, actor=actor, site_id=actor.site_id or 0, entries=[entry])
    error = typed.result.error
    if error is not None:
        if typed.line is not None:
            error.message = f"Line {said[typed.line][0] + 1}: {error.message}"
        raise error
    return typed


def _page(form: EntryForm, *, status: int = 200) -> Response:
    return page("ledger/entry.html", status=status, form=form, most_lines=MOST_LINES)
