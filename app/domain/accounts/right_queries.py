"""Why somebody may do something somewhere, or may not, grant by grant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.rights import Permission, Scope
from app.domain.accounts.models import User
from app.domain.accounts.people_queries import GrantRow, PlaceOfWork, list_grants
from app.domain.accounts.queries import load_actor

GRANTS_MAX = 100


class Bearing(StrEnum):
    """What a grant has to do with a right at a place."""

    GIVES = "gives"
    OTHER_PLACE = "other_place"
    NOT_IN_ROLE = "not_in_role"
    NOT_YET = "not_yet"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class WeighedGrant:
    """A grant and what it has to do with the question."""

    grant: GrantRow
    bearing: Bearing


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a person has a right in a department, and what each grant has to do with that.

    `is_allowed` is what `Actor.may` says, so it is what every command will say. `is_unbound` is
    for accounts that have every right whatever they were granted.
    """

    place: PlaceOfWork
    is_allowed: bool
    is_unbound: bool
    grants: tuple[WeighedGrant, ...]


def explain_right(
    session: Session, *, user: User, permission: Permission, places: Sequence[PlaceOfWork]
) -> list[Answer]:
    """For each department whether the user has the right there at this moment, and why."""
    actor = load_actor(session, user.id)
    scopes = {scope.grant_id: scope for scope in actor.scopes} if actor else {}
    grants = list_grants(session, user_id=user.id, limit=GRANTS_MAX)
    return [
        Answer(
            place=place,
            is_allowed=actor is not None
            and actor.may(permission, site_id=place.site_id, department_id=place.id),
            is_unbound=actor is not None and actor.is_superuser,
            grants=tuple(
                WeighedGrant(grant, _bearing(grant, scopes.get(grant.id), permission, place))
                for grant in grants
            ),
        )
        for place in places
    ]


def _bearing(
    grant: GrantRow, scope: Scope | None, permission: Permission, place: PlaceOfWork
) -> Bearing:
    if grant.is_over:
        return Bearing.OVER
    if grant.valid_from > now():
        return Bearing.NOT_YET
    # A role without any permission makes no scope, and so does a closed account.
    if scope is None or permission not in scope.permissions:
        return Bearing.NOT_IN_ROLE
    is_here = scope.covers(permission, place.site_id, place.id)
    return Bearing.GIVES if is_here else Bearing.OTHER_PLACE
