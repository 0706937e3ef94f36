"""May this person do that, there, and why: the question that a refused driver's manager asks."""

from __future__ import annotations

import uuid

from flask import Response, request
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from app.blueprints.accounts.forms import CHOOSE, place_choices
from app.core.rights import ASKED_AT_ORIGIN, Permission
from app.domain.accounts.people_queries import PlaceOfWork, list_places_of_work
from app.domain.accounts.queries import user_by_uid
from app.domain.accounts.right_queries import Answer, explain_right
from app.domain.locations.queries import departments_in_reach
from app.web.current import current_actor
from app.web.database import reading
from app.web.forms import Form
from app.web.guards import allow
from app.web.responses import page


class RightForm(Form):
    """A right, and the departments where it would be used."""

    right = SelectField("Right", [InputRequired("Choose a right.")])
    department = SelectField("Department", [InputRequired("Choose a department.")])
    target = SelectField("Department where the stock goes", [Optional()])

    def offer(self, places: list[PlaceOfWork]) -> None:
        """Fill the lists of choices."""
        self.right.choices = [CHOOSE, *((right.value, right.value) for right in Permission)]
        self.department.choices = [CHOOSE, *place_choices(places)]
        self.target.choices = [("", "None, or the same"), *place_choices(places)]

    def asked(self, places: list[PlaceOfWork]) -> list[PlaceOfWork]:
        """The departments in which this right is asked for, of a form that is valid."""
        by_uid = {str(place.uid): place for place in places}
        chosen = [by_uid[self.department.data]]
        goes_on = self.target.data and self.target.data != self.department.data
        if goes_on and self.right.data not in ASKED_AT_ORIGIN:
            chosen.append(by_uid[self.target.data])
        return chosen


@allow(Permission.ACCOUNTS_MANAGE)
def explain(uid: uuid.UUID) -> Response:
    """One person, one right, one or two departments: the answer and every grant behind it."""
    user = user_by_uid(reading(), uid=uid)
    among = departments_in_reach(
        reading(), actor=current_actor(), permission=Permission.ACCOUNTS_MANAGE
    )
    places = list(list_places_of_work(reading(), among=among))
    form = RightForm(request.args)
    form.offer(places)
    answers: list[Answer] = []
    status = 200
    if form.right.data or form.department.data:
        if form.validate():
            answers = explain_right(
                reading(),
                user=user,
                permission=Permission(form.right.data),
                places=form.asked(places),
            )
        else:
            status = 422
    return page(
        "accounts/rights.html",
        status=status,
        user=user,
        form=form,
        answers=answers,
        is_asked_at_origin=form.right.data in ASKED_AT_ORIGIN and bool(form.target.data),
    )
