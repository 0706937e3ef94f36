"""Booking the new scans of one delivery: the one way in which a scan becomes a movement."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from app.core.errors import DomainError, Invalid
from app.core.rights import Actor
from app.domain.alerts.commands import raise_alert
from app.domain.alerts.models import Severity
from app.domain.codes.queries import UnknownCode
from app.domain.ledger.commands import Details, reverse
from app.domain.ledger.drafts import MovementDraft, Result
from app.domain.ledger.errors import LotExpired, LotNotApproved, NotEnoughStock, OnHold
from app.domain.ledger.posting import post_batch
from app.domain.sync.models import Verdict
from app.domain.sync.planning import (
    Scene,
    Submission,
    draft_event,
    load_scene,
    scanned_unit_or_none,
)
from app.domain.sync.recording import Outcome, Received, known_events
from app.domain.sync.rules import AlreadyDone, NeedsReview, Superseded

# Why a thing may not leave. Its scan tells that it may be on a truck already.
_UNRELEASED = (LotNotApproved, LotExpired, OnHold)
UNDO_REASON = "Undone on the device"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One contact of a device: by whose grant, when, and how far its clock was off then.

    The offset is the device's clock minus ours.
    """

    device_id: int
    bearer_id: int
    received_at: datetime
    clock_offset_ms: float


@dataclass(frozen=True, slots=True)
class Booking:
    """Books the new events of one delivery in their order."""

    session: Session
    delivery: Delivery
    submissions: Mapping[uuid.UUID, Submission]

    def book(self, received: Sequence[Received]) -> dict[uuid.UUID, Outcome]:
        """What becomes of each event, by its uid."""
        outcomes: dict[uuid.UUID, Outcome] = {}
        for grant, group in groupby(received, key=lambda item: item.event.grant):
            self._book_group(self.submissions[grant], list(group), outcomes)
        return outcomes

    def _book_group(
        self,
        submission: Submission,
        received: Sequence[Received],
        outcomes: dict[uuid.UUID, Outcome],
    ) -> None:
        """The events of one person. A reversal closes the run of drafts before it."""
        if submission.actor is None:
            outcome = _OTHER_PERSON if submission.is_foreign else _GRANT_OVER
            outcomes.update({item.event.id: outcome for item in received})
            return
        scene = load_scene(self.session, submission, [item.event for item in received])
        run: list[tuple[Received, MovementDraft]] = []
        for item in received:
            try:
                if item.event.verb == "reverse":
                    outcomes |= self._post(run, submission.actor)
                    run = []
                    outcomes[item.event.id] = self._reverse(item, submission.actor, scene, outcomes)
                else:
                    draft = draft_event(item, scene, device_id=self.delivery.device_id)
                    run.append((item, draft))
            except DomainError as error:
                outcomes[item.event.id] = _refused(error, scanned_unit_or_none(item.event, scene))
        outcomes |= self._post(run, submission.actor)

    def _reverse(
        self,
        item: Received,
        actor: Actor,
        scene: Scene,
        outcomes: Mapping[uuid.UUID, Outcome],
    ) -> Outcome:
        original = self._original(item, outcomes)
        unit_id = scanned_unit_or_none(item.event, scene)
        if original.movement_id is None:
            return Outcome(
                Verdict.APPLIED,
                "nothing_to_undo",
                "That scan had booked nothing.",
                unit_id=unit_id,
            )
        booked = reverse(
            self.session,
            actor=actor,
            movement_id=original.movement_id,
            reason=UNDO_REASON,
            details=Details(
                occurred_at=item.occurred_at,
                uncertainty_seconds=item.uncertainty_seconds,
                device_id=self.delivery.device_id,
                act_id=item.event.act_id,
            ),
        )
        return Outcome(
            Verdict.APPLIED,
            "undone",
            "The scan was taken back.",
            movement_id=booked.movement_id,
            movement_uid=booked.movement_uid,
            unit_id=unit_id,
        )

    def _original(self, item: Received, outcomes: Mapping[uuid.UUID, Outcome]) -> Outcome:
        """What became of the event that a reversal takes back."""
        uid = item.event.reverses
        if uid is None:
            raise Invalid("This undo does not say which scan it takes back.", field="reverses")
        if uid in outcomes:
            return outcomes[uid]
        stored = known_events(self.session, [uid]).get(uid)
        if stored is None:
            raise UnknownCode("The scan that this takes back has not arrived yet.")
        return stored.outcome

    def _post(
        self, run: Sequence[tuple[Received, MovementDraft]], actor: Actor
    ) -> dict[uuid.UUID, Outcome]:
        if not run:
            return {}
        results = post_batch(self.session, [draft for _, draft in run], actor=actor)
        return {
            item.event.id: self._outcome(item, draft, result)
            for (item, draft), result in zip(run, results, strict=True)
        }

    def _outcome(self, item: Received, draft: MovementDraft, result: Result) -> Outcome:
        unit_id = draft.lines[0].unit_id
        if result.error is not None:
            self._alarm(item, result.error)
            return _refused(result.error, unit_id)
        if result.status == "unchanged":
            return Outcome(
                Verdict.APPLIED, "already_there", "It was there already.", unit_id=unit_id
            )
        return Outcome(
            Verdict.APPLIED,
            "booked",
            "Booked.",
            movement_id=result.movement_id,
            movement_uid=result.movement_uid,
            unit_id=unit_id,
        )

    def _alarm(self, item: Received, error: DomainError) -> None:
        """A roll that is not released may be on a truck already."""
        if item.event.verb == "dispatch" and isinstance(error, _UNRELEASED):
            raise_alert(
                self.session,
                rule_code="sync.left_unreleased",
                severity=Severity.CRITICAL,
                dedupe_key=f"sync.left_unreleased:{item.event.id}",
                message=f"A roll that may not leave was scanned as dispatched. {error.message}",
                facts={"event": str(item.event.id)} | error.facts,
                site_id=self.submissions[item.event.grant].site_id,
            )


_OTHER_PERSON = Outcome(
    Verdict.REVIEW,
    "other_person",
    "This was scanned under another person's log-in. A supervisor will settle it.",
)
_GRANT_OVER = Outcome(
    Verdict.REVIEW,
    "grant_over",
    "The log-in under which this was scanned is over. A supervisor will settle it.",
)


def _refused(error: DomainError, unit_id: int | None) -> Outcome:
    """The verdict of a refusal (the arbitration table of docs/offline.md)."""
    if isinstance(error, AlreadyDone):
        verdict = Verdict.APPLIED
    elif isinstance(error, Superseded):
        verdict = Verdict.SUPERSEDED
    elif isinstance(error, UnknownCode):
        verdict = Verdict.RECEIVED
    elif isinstance(error, (NeedsReview, NotEnoughStock, *_UNRELEASED)):
        verdict = Verdict.REVIEW
    else:
        verdict = Verdict.REJECTED
    return Outcome(verdict, error.code, error.message, unit_id=unit_id)
