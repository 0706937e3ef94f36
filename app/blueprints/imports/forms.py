"""The forms of material entry: by hand, a file, and what a file's columns mean."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    FieldList,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from app.core.ids import new_uid
from app.domain.imports.commands.entering import ROLLS_MAX
from app.domain.imports.commands.staging import LONGEST_REASON
from app.domain.imports.models import ImportKind, ImportRun
from app.domain.imports.rules.cells import read_weight, shown
from app.domain.imports.rules.columns import MEANINGS, WORDS, Meaning
from app.domain.imports.rules.verdicts import Options
from app.domain.imports.text_tables import ENCODINGS
from app.domain.locations.models import Department
from app.web.forms import Form

FIELDS_FIRST, FIELDS_MORE = 3, 5


class DepartmentForm(Form):
    """A form that is about one of the departments in which the actor may act."""

    department = SelectField("Department", coerce=int)

    def offer(self, departments: Sequence[Department], home_id: int | None) -> None:
        """Offer these departments; the actor's own one is chosen first."""
        self.department.choices = [SelectChoice(one.id, one.name) for one in departments]
        ids = [one.id for one in departments]
        if self.department.data not in ids and not self.is_submitted():
            self.department.data = home_id if home_id in ids else next(iter(ids), None)


def _check_weight(_form: Form, field: StringField) -> None:
    weight = read_weight(field.data)
    if isinstance(weight, str):
        number = int(field.name.rsplit("-", 1)[1]) + 1
        raise ValidationError(f"Roll {number}: expected {weight}, found {shown(field.data)}.")


class EntryForm(DepartmentForm):
    """One item, one lot, and the weight of each of its rolls."""

    item_number = StringField(
        "Item number", [InputRequired("Enter an item number."), Length(max=80)]
    )
    item_name = StringField("Name", [Optional(), Length(max=200)])
    lot = StringField("Lot number", [InputRequired("Enter a lot number."), Length(max=80)])
    may_add_to_lot = BooleanField("Add these rolls to the lot that exists")
    are_weights_right = BooleanField("These weights are right")
    weights = FieldList(
        StringField("Roll", [Optional(), _check_weight]),
        max_entries=ROLLS_MAX,
    )
    pasted = TextAreaField("Paste weights", [Optional(), Length(max=20_000)])
    key = HiddenField(validators=[InputRequired(), Regexp(r"[0-9a-f-]{36}")])

    def begin(self) -> None:
        """A key of its own and a few fields, for a form that is shown for the first time."""
        if not self.key.data:
            self.key.data = str(new_uid())
        # Not `min_entries`: where fields are missing it would read one of them twice.
        while len(self.weights) < FIELDS_FIRST:
            self.weights.append_entry()

    def begin_anew(self) -> None:
        """A new key for a form that came back changed after its rolls had been made."""
        self.key.data = str(new_uid())
        self.form_errors.append(
            "This form was sent before, with other values, and those rolls exist. "
            "Send it again if these are to be entered as well."
        )

    def add_fields(self) -> None:
        """More fields for weights, for people without JavaScript."""
        for _ in range(min(FIELDS_MORE, ROLLS_MAX - len(self.weights))):
            self.weights.append_entry()

    def validate_pasted(self, field: TextAreaField) -> None:
        """Each line is one weight; every bad line is named."""
        for number, line in enumerate(_lines(field.data), start=1):
            weight = read_weight(line)
            if isinstance(weight, str):
                field.errors = [*field.errors, f"Line {number}: expected {weight}, found {line}."]

    def validate_weights(self, _field: FieldList) -> None:
        """There is at least one roll, and not more than an entry takes."""
        count = len(self._texts())
        if not 1 <= count <= ROLLS_MAX:
            raise ValidationError(f"Enter the weights of 1 to {ROLLS_MAX} rolls, not of {count}.")

    def rolls(self) -> list[Decimal]:
        """The weights in kg, of a form that is valid."""
        read = [read_weight(text) for text in self._texts()]
        return [weight for weight in read if isinstance(weight, Decimal)]

    def _texts(self) -> list[str]:
        typed = [field.data for field in self.weights if field.data]
        return typed + _lines(self.pasted.data)


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


class UploadForm(DepartmentForm):
    """A file for one department, and what its rows are."""

    kind = SelectField(
        "One row is",
        choices=[
            SelectChoice(str(ImportKind.UNITS), "a roll"),
            SelectChoice(str(ImportKind.LOTS), "a lot"),
            SelectChoice(str(ImportKind.ITEMS), "an item"),
        ],
        default=str(ImportKind.UNITS),
    )
    file = FileField("File", [FileRequired("Choose a file.")])


class CheckForm(Form):
    """How a file is read, what its columns mean, and one answer each for the file as a whole."""

    meanings = FieldList(SelectField("Meaning"))
    default_lot = StringField("Lot for rows without one", [Optional(), Length(max=80)])
    create_places = BooleanField("Make the places that are not known")
    weight_unit = SelectField(
        "Weights are in",
        default="",
        choices=[
            SelectChoice("", "Choose"),
            SelectChoice("kg", "kg"),
            SelectChoice("t", "t (1 t = 1,000 kg)"),
        ],
    )
    accept_weights = BooleanField("These weights are right")
    encoding = SelectField(
        "Encoding",
        default="",
        choices=[SelectChoice("", "Found by itself"), *(SelectChoice(e, e) for e in ENCODINGS)],
    )
    separator = SelectField(
        "Columns are parted by",
        default="",
        choices=[
            SelectChoice("", "Found by itself"),
            SelectChoice(",", "Comma"),
            SelectChoice(";", "Semicolon"),
            SelectChoice("\t", "Tab"),
        ],
    )
    sheet = SelectField("Sheet", default="")

    @classmethod
    def of(cls, run: ImportRun) -> CheckForm:
        """The form as it was answered last, or as it comes in."""
        form = cls(data={**run.options, "meanings": [run.mapping[name] for name in run.columns]})
        while len(form.meanings) < len(run.columns):
            form.meanings.append_entry(str(Meaning.LEAVE_OUT))
        offered = [SelectChoice(str(m), WORDS[m]) for m in MEANINGS[run.kind]]
        for field in form.meanings:
            field.choices = offered
        sheets = run.reading.get("sheets", [])
        form.sheet.choices = [SelectChoice("", "The first"), *(SelectChoice(s, s) for s in sheets)]
        return form

    def mapping(self, columns: Sequence[str]) -> dict[str, Meaning]:
        """The meaning of each column."""
        return {
            name: Meaning(field.data) for name, field in zip(columns, self.meanings, strict=False)
        }

    def options(self) -> Options:
        """The answers for the file as a whole."""
        lot = " ".join((self.default_lot.data or "").split())
        return Options(
            default_lot=lot,
            create_places=bool(self.create_places.data),
            weight_unit=self.weight_unit.data or "",
            accept_weights=bool(self.accept_weights.data),
            encoding=self.encoding.data or "",
            separator=self.separator.data or "",
            sheet=self.sheet.data or "",
        )


class UndoForm(Form):
    """Why an import is taken back."""

    reason = StringField("Reason", [Optional(), Length(max=LONGEST_REASON)])
