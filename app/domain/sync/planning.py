"""From a scan event to what may be booked: who sent it, what its codes mean, which draft it is."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid
from app.core.rights import Actor
from app.domain.accounts.models import SubmitGrant
from app.domain.accounts.queries import load_actor
from app.domain.accounts.rules import is_in_force
from app.domain.codes.queries import Lookup, Match, find_codes
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands.drafting import lines_to, read_units
from app.domain.ledger.drafts import MovementDraft, Place, UnitBook
from app.domain.ledger.models import Verb
from app.domain.ledger.rules import PERMISSION_OF
from app.domain.locations.models import LocationKind
from app.domain.locations.queries import list_departments, staging_ids, virtual_ids
from app.domain.sync.messages import EventIn
from app.domain.sync.recording import Received
from app.domain.sync.rules import NeedsReview, judge, might_then

TARGET_KIND = {
    Verb.PUTAWAY: CodeKind.LOCATION,
    Verb.TRANSFER: CodeKind.DEPARTMENT,
    Verb.DISPATCH: CodeKind.PARTNER,
}
WORDS_FOR = {
    CodeKind.UNIT: "a roll",
    CodeKind.LOCATION: "a place",
    CodeKind.DEPARTMENT: "a department",
    CodeKind.PARTNER: "a customer",
}


class AmbiguousCode(Invalid):
    """One foreign code stands for several things."""

    code = "ambiguous_code"


class WrongKindOfCode(Invalid):
    """The code stands for something else than the act needs."""

    code = "wrong_kind_of_code"


class RightsThenOrNow(NeedsReview):
    """The right was there at the time or is there now, but not both."""

    code = "rights_changed"


@dataclass(frozen=True, slots=True)
class Submission:
    """Whose scans these are: the user of the grant under which they were made."""

    grant_id: int
    user_id: int
    actor: Actor | None
    is_foreign: bool
    site_id: int
    rights: Mapping[str, Any]


def load_submissions(
    session: Session, *, device_id: int, bearer_id: int, grant_uids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, Submission]:
    """The grants of this device among `grant_uids`; `bearer_id` is who delivers.

    `actor` is None where the grant is over, the person may not log in any more, or somebody else
    delivers: a grant's uid proves nothing, only its token does. Such scans are kept for review
    under their name, never dropped and never booked.
    """
    grants = session.scalars(
        sa.select(SubmitGrant).where(
            SubmitGrant.device_id == device_id, SubmitGrant.uid.in_(set(grant_uids))
        )
    )
    return {grant.uid: _submission(session, grant, bearer_id) for grant in grants}


def _submission(session: Session, grant: SubmitGrant, bearer_id: int) -> Submission:
    is_foreign = grant.user_id != bearer_id
    usable = not is_foreign and is_in_force(
        now(),
        valid_from=grant.issued_at,
        valid_until=grant.expires_at,
        revoked_at=grant.revoked_at,
    )
    actor = load_actor(session, grant.user_id, device_id=grant.device_id) if usable else None
    return Submission(
        grant.id,
        grant.user_id,
        actor,
        is_foreign,
        grant.content["site_id"],
        grant.content["rights"],
    )


def only_match(lookup: Lookup, kind: CodeKind) -> Match:
    """The one thing of that kind that a code stands for; raises the reason why there is none."""
    if lookup.refusal is not None:
        raise lookup.refusal
    matches = [match for match in lookup.matches if match.kind is kind]
    if not matches:
        raise WrongKindOfCode(f"This code does not stand for {WORDS_FOR[kind]}.", field="codes")
    if len(matches) > 1:
        raise AmbiguousCode(
            "This code stands for several things. Scan the label of the one you mean.",
            field="codes",
        )
    return matches[0]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the events of one submission need to become drafts, read at once."""

    submission: Submission
    lookups: Mapping[str, Lookup]
    units: Mapping[int, Any]
    department_codes: Mapping[int, str]
    staging_ids: Mapping[int, int]
    customer_id: int


def load_scene(session: Session, submission: Submission, events: Sequence[EventIn]) -> Scene:
    """What the codes of these events stand for. A fixed number of statements."""
    site_id = submission.site_id
    lookups = find_codes(session, [code for event in events for code in event.codes], site_id)
    unit_ids = {
        match.subject_id
        for lookup in lookups.values()
        for match in lookup.matches
        if match.kind is CodeKind.UNIT
    }
    departments = list_departments(session, site_id=site_id)
    return Scene(
        submission,
        lookups,
        read_units(session, sorted(unit_ids)) if unit_ids else {},
        {department.id: department.code for department in departments},
        staging_ids(session, site_id=site_id),
        virtual_ids(session, site_id=site_id)[LocationKind.CUSTOMER],
    )


def scanned_unit(event: EventIn, scene: Scene) -> int:
    """The unit that an event is about; raises the reason why there is none."""
    return only_match(scene.lookups[event.codes[0]], CodeKind.UNIT).subject_id


def scanned_unit_or_none(event: EventIn, scene: Scene) -> int | None:
    """The unit that an event is about, if there is one."""
    try:
        return scanned_unit(event, scene)
    except DomainError:
        return None


def draft_event(received: Received, scene: Scene, *, device_id: int) -> MovementDraft:
    """The movement that a scan stands for, with the rules that judge it under the locks.

    Raises the DomainError that refuses it before anything is locked.
    """
    event = received.event
    verb = Verb(event.verb)
    if len(event.codes) < 2:
        raise Invalid("A scan of a roll needs the place it went to.", field="codes")
    unit_id = scanned_unit(event, scene)
    target_id = only_match(scene.lookups[event.codes[1]], TARGET_KIND[verb]).subject_id
    location_id = {
        Verb.PUTAWAY: target_id,
        Verb.TRANSFER: scene.staging_ids.get(target_id, 0),
        Verb.DISPATCH: scene.customer_id,
    }[verb]
    return MovementDraft(
        verb=verb,
        site_id=scene.submission.site_id,
        lines=tuple(lines_to(scene.units, [unit_id], location_id)),
        occurred_at=received.occurred_at,
        uncertainty_seconds=received.uncertainty_seconds,
        partner_id=target_id if verb is Verb.DISPATCH else None,
        device_id=device_id,
        act_id=event.act_id,
        guard=Judgement(scene.submission, scene.department_codes),
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """Judges a scan on the locked books: rights then and now, then arbitration.

    Rights then and now: yes/yes is judged on; yes/no and no/yes need a review; no/no is left to
    the ledger, which refuses it.
    """

    submission: Submission
    codes: Mapping[int, str]

    def __call__(
        self, draft: MovementDraft, units: Sequence[UnitBook], places: Sequence[Place]
    ) -> None:
        for unit, place in zip(units, places, strict=True):
            departments = {unit.department_id}
            if draft.verb is Verb.PUTAWAY and place.department_id is not None:
                departments.add(place.department_id)
            if self._may_now(draft, departments) != self._might_then(draft, departments):
                raise RightsThenOrNow(
                    "The rights for this scan have changed since. A supervisor will settle it."
                )
            judge(draft, unit, place)

    def _may_now(self, draft: MovementDraft, departments: set[int]) -> bool:
        actor = self.submission.actor
        permission = PERMISSION_OF[draft.verb]
        return actor is not None and all(
            actor.may(permission, site_id=draft.site_id, department_id=department_id)
            for department_id in departments
        )

    def _might_then(self, draft: MovementDraft, departments: set[int]) -> bool:
        codes = frozenset(self.codes.get(department_id, "") for department_id in departments)
        return might_then(self.submission.rights, draft.verb, codes)
