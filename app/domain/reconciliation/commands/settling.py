"""Settling discrepancies: explaining one, putting its number right, closing it with a reason.

Only what is derived is corrected, under its lock and by adding the ledger up once more.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import time
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError, Invalid, NotFound
from app.core.rights import Actor, Permission, require, require_throughout
from app.core.types import from_micro
from app.domain.audit.commands import record_change
from app.domain.ledger.commands import correcting
from app.domain.reconciliation.balance_checks import (
    Key,
    find_wrong_balances,
    find_wrong_site_balances,
    ledger_says,
    ledger_says_of_site,
)
from app.domain.reconciliation.models import CheckPlan, DifferenceKind, Discrepancy, Resolution
from app.domain.reconciliation.promise_checks import (
    PROMISED,
    open_by_ledger,
    open_of,
    promised_by_ledger,
)
from app.domain.reconciliation.unit_checks import find_wrong_units

LONGEST_REASON = 500


class AlreadySettled(DomainError):
    """Somebody settled it before."""

    code = "already_settled"


class NotCorrectable(DomainError):
    """There is no number to put right: what differs follows from something else."""

    code = "not_correctable"


def explain(
    session: Session, *, actor: Actor, discrepancy_uid: uuid.UUID, explanation: str
) -> Discrepancy:
    """Write down what was found out; the entry stays open."""
    found = _open(session, actor, discrepancy_uid)
    found.explanation, found.explained_at = _said(explanation, "explanation"), now()
    found.explained_by_id = actor.user_id
    _record(session, actor, found, "reconciliation.explained", explanation=found.explanation)
    return found


def close(
    session: Session, *, actor: Actor, discrepancy_uid: uuid.UUID, reason: str
) -> Discrepancy:
    """End an entry with a reason. A number that still differs is found again by the next check."""
    found = _open(session, actor, discrepancy_uid)
    _settle(found, actor, Resolution.CLOSED, _said(reason, "reason"))
    _record(session, actor, found, "reconciliation.closed", reason=found.reason)
    return found


def correct(
    session: Session, *, actor: Actor, discrepancy_uid: uuid.UUID, reason: str
) -> Discrepancy:
    """Write what the ledger says now into the number that differs, and end the entry."""
    found = _open(session, actor, discrepancy_uid)
    said = _said(reason, "reason")
    if found.kind == DifferenceKind.BALANCE:
        key = (found.location_id or 0, found.item_id or 0, found.lot_id or 0)
        before, after = _correct_balance(session, key)
    elif found.kind == DifferenceKind.SITE_BALANCE:
        key = (found.site_id or 0, found.item_id or 0, found.lot_id or 0)
        before, after = _correct_of_site(session, key, found.what)
    elif found.kind == DifferenceKind.UNIT:
        before, after = _correct_unit(session, found.unit_id or 0)
    else:
        raise NotCorrectable(
            "This number is only added up from others. Correct those; or, where a booked row was "
            "changed, look into the database's own log, then close this with what you found."
        )
    _settle(found, actor, Resolution.CORRECTED, said)
    _record(
        session, actor, found, "reconciliation.corrected", reason=said, before=before, after=after
    )
    return found


def rebuild_balances(session: Session, *, actor: Actor | None, reason: str) -> dict[str, int]:
    """Put every balance right that is not what the ledger says; how many of each were not.

    The whole ledger is added up beside the live tables first; only the rows that differ are
    locked and written, each after adding it up once more.
    """
    said = _said(reason, "reason")
    lacking = find_wrong_balances(session)
    of_sites = find_wrong_site_balances(session, lacking)
    for name, keys, put_right in (
        ("balance", lacking, _correct_balance),
        ("site_balance", of_sites, _correct_site_balance),
    ):
        for key in sorted(keys):
            before, after = put_right(session, key)
            record_change(
                session,
                actor=actor,
                action="reconciliation.rebuilt",
                subject_kind=name,
                before={"key": list(key), "on_hand": before},
                after={"on_hand": after, "reason": said},
            )
    return {"balances": len(lacking), "site_balances": len(of_sites)}


def plan_daily_check(session: Session, *, actor: Actor, site_id: int, daily_at: time) -> CheckPlan:
    """Change the hour of a site's daily check."""
    require_throughout(actor, Permission.RECONCILIATION_MANAGE, site_id=site_id)
    plan = session.get(CheckPlan, site_id, with_for_update=True)
    before = plan.daily_at.isoformat() if plan else None
    if plan is None:
        plan = CheckPlan(site_id=site_id)
        session.add(plan)
    plan.daily_at = daily_at.replace(tzinfo=None, second=0, microsecond=0)
    record_change(
        session,
        actor=actor,
        action="reconciliation.planned",
        subject_kind="site",
        subject_id=site_id,
        before={"daily_at": before},
        after={"daily_at": plan.daily_at.isoformat()},
    )
    return plan


def _open(session: Session, actor: Actor, uid: uuid.UUID) -> Discrepancy:
    query = sa.select(Discrepancy).where(Discrepancy.uid == uid).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound("There is no such entry.")
    require(
        actor,
        Permission.RECONCILIATION_MANAGE,
        site_id=found.site_id,
        department_id=found.department_id,
    )
    if found.resolved_at is not None:
        raise AlreadySettled("Somebody settled this already. Reload the page to see how.")
    return found


def _said(text: str, field: str) -> str:
    said = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not 3 <= len(said) <= LONGEST_REASON:
        raise Invalid(f"Say why in 3 to {LONGEST_REASON} characters.", field=field)
    return said


def _settle(found: Discrepancy, actor: Actor, resolution: Resolution, reason: str) -> None:
    found.resolution, found.reason = resolution, reason
    found.resolved_at, found.resolved_by_id = now(), actor.user_id


def _correct_balance(session: Session, key: Key) -> tuple[str, str]:
    row = correcting.lock_balance(session, location_id=key[0], item_id=key[1], lot_id=key[2])
    must = from_micro(ledger_says(session, key))
    return _texts(correcting.correct_on_hand(row, on_hand=must))


def _correct_site_balance(session: Session, key: Key) -> tuple[str, str]:
    row = correcting.lock_site_balance(session, site_id=key[0], item_id=key[1], lot_id=key[2])
    must = from_micro(ledger_says_of_site(session, key))
    return _texts(correcting.correct_on_hand(row, on_hand=must))


def _correct_of_site(session: Session, key: Key, what: str) -> tuple[str, str]:
    """What a site has, what it has promised, or what one of its reservations still holds."""
    if what.startswith(open_of(0)[:-1]):
        reservation_id = int(what.removeprefix(open_of(0)[:-1]))
        held = correcting.lock_reservation(session, reservation_id=reservation_id)
        still_open = from_micro(open_by_ledger(session, reservation_id))
        return _texts(correcting.correct_open(held, still_open=still_open))
    if what == PROMISED:
        row = correcting.lock_site_balance(session, site_id=key[0], item_id=key[1], lot_id=key[2])
        reserved = from_micro(promised_by_ledger(session, key))
        return _texts(correcting.correct_reserved(row, reserved=reserved))
    return _correct_site_balance(session, key)


def _correct_unit(session: Session, unit_id: int) -> tuple[str, str]:
    unit = correcting.lock_unit(session, unit_id=unit_id)
    wrong = next(iter(find_wrong_units(session, unit_ids=[unit_id])), None)
    if wrong is None:
        return "–", "it agrees with the ledger by now"
    if wrong.location_id is None or wrong.true_quantity is None:
        raise NotCorrectable("No movement has this roll, so the ledger says nothing about it.")
    assert wrong.true_department_id is not None
    assert wrong.true_state is not None
    correcting.correct_unit(
        unit,
        location_id=wrong.location_id,
        department_id=wrong.true_department_id,
        state=wrong.true_state,
        quantity=wrong.true_quantity,
    )
    return wrong.difference.found, wrong.difference.expected


def _texts(pair: Sequence[Decimal]) -> tuple[str, str]:
    return f"{pair[0]:f}", f"{pair[1]:f}"


def _record(
    session: Session, actor: Actor, found: Discrepancy, action: str, **said: str | None
) -> None:
    before = said.pop("before", None) or found.found
    record_change(
        session,
        actor=actor,
        action=action,
        subject_kind="discrepancy",
        subject_id=found.id,
        before={"subject": found.subject_key, "found": before},
        after=dict(said),
    )
