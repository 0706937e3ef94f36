"""What becomes of labels after they were given: printed again, replaced, exchanged, made void.

A thing has at most one current label. Every act is written down once for each `key`, whatever
becomes of the answer on its way back.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.errors import DomainError, NotFound
from app.core.rights import Actor, Permission, require
from app.domain.audit.commands import record_change
from app.domain.codes.commands.giving import assign_codes
from app.domain.codes.label_queries import act_by_key, locked_codes, place_of
from app.domain.codes.models import LabelAct, LabelCode, LabelEntry, LabelState
from app.domain.codes.queries import tokens_of
from app.domain.codes.rules import CodeKind, clean_reason, display_token


class LabelChanged(DomainError):
    """Somebody else did something to this label meanwhile."""

    code = "label_changed"


class WrongLabel(DomainError):
    """These two labels cannot be exchanged."""

    code = "wrong_label"


@dataclass(frozen=True, slots=True)
class Labelled:
    """The thing whose labels are meant."""

    kind: CodeKind
    subject_id: int


def give_code(
    session: Session, *, actor: Actor, thing: Labelled, reason: str, key: uuid.UUID
) -> str:
    """A label for a thing that has none; returns its token. One that has one keeps it."""
    _require(session, actor, Permission.LABELS_MANAGE, thing)
    why = clean_reason(reason)
    before = tokens_of(session, thing.kind, [thing.subject_id])
    token = assign_codes(session, thing.kind, [thing.subject_id])[thing.subject_id]
    code = locked_codes(session, [token])[token]
    if not before and _done(session, key, code) is None:
        _write_down(session, actor, LabelEntry(act=LabelAct.GIVEN, key=key, reason=why), code)
    return token


def record_reprint(
    session: Session, *, actor: Actor, thing: Labelled, token: str, reason: str, key: uuid.UUID
) -> None:
    """The same label once more: nothing changes, but it is known that there are two of it.

    Raises LabelChanged where it is not the label of the thing any more.
    """
    _require(session, actor, Permission.LABELS_PRINT, thing)
    why = clean_reason(reason)
    code = _locked(session, token)
    if _done(session, key, code) is None:
        _check_current(code, thing)
        _write_down(session, actor, LabelEntry(act=LabelAct.REPRINTED, key=key, reason=why), code)


def replace_code(
    session: Session, *, actor: Actor, thing: Labelled, token: str, reason: str, key: uuid.UUID
) -> str:
    """A new label for the same thing; returns its token.

    The old one still finds the thing and says that it was replaced. Raises LabelChanged where it
    is not the current label of the thing any more.
    """
    _require(session, actor, Permission.LABELS_MANAGE, thing)
    why = clean_reason(reason)
    old = _locked(session, token)
    if (known := _done(session, key, old)) is not None:
        return session.get_one(LabelCode, known.other_id).token
    _check_current(old, thing)
    old.state, old.reason = LabelState.REPLACED, why
    session.flush()
    newest = assign_codes(session, thing.kind, [thing.subject_id])[thing.subject_id]
    entry = LabelEntry(act=LabelAct.REPLACED, key=key, reason=why)
    entry.other_id = locked_codes(session, [newest])[newest].id
    _write_down(session, actor, entry, old, after={"newest": newest})
    return newest


def void_code(
    session: Session, *, actor: Actor, thing: Labelled, token: str, reason: str, key: uuid.UUID
) -> None:
    """Nobody may use this label any more: whoever scans it is told `reason`.

    Old labels that were replaced can be made void too. Raises LabelChanged where it does not
    belong to the thing, or is void already.
    """
    _require(session, actor, Permission.LABELS_MANAGE, thing)
    why = clean_reason(reason)
    code = _locked(session, token)
    if _done(session, key, code) is not None:
        return
    _check_belongs(code, thing)
    if code.state == LabelState.VOID:
        raise LabelChanged(f"{display_token(token)} is void already.", field="token")
    before = {"state": code.state}
    code.state, code.reason = LabelState.VOID, why
    _write_down(
        session, actor, LabelEntry(act=LabelAct.VOIDED, key=key, reason=why), code, before=before
    )


def swap_codes(
    session: Session,
    *,
    actor: Actor,
    thing: Labelled,
    token: str,
    other_token: str,
    reason: str,
    key: uuid.UUID,
) -> None:
    """Exchange what two labels stand for, because each was stuck on the other's thing.

    From now on each label finds the thing that it is on; what was booked before stays with the
    things. Raises WrongLabel for labels that do not fit, LabelChanged where one is not current.
    """
    _require(session, actor, Permission.LABELS_MANAGE, thing)
    why = clean_reason(reason)
    codes = locked_codes(session, [token, other_token])
    first, second = codes.get(token), codes.get(other_token)
    if first is None or second is None:
        raise NotFound("This label is not in this system.", field="other")
    if _done(session, key, first) is not None:
        return
    _check_current(first, thing)
    _check_fits(session, first, second)
    _require(session, actor, Permission.LABELS_MANAGE, Labelled(thing.kind, second.subject_id))
    entry = LabelEntry(act=LabelAct.SWAPPED, key=key, reason=why)
    entry.other_id, entry.other_subject_id = second.id, second.subject_id
    _write_down(session, actor, entry, first, after={"exchanged_with": other_token})
    _exchange(session, first, second)


def _exchange(session: Session, first: LabelCode, second: LabelCode) -> None:
    """One after the other, the first stepping aside: no thing may have two labels in between."""
    here, there = first.subject_id, second.subject_id
    for code, subject_id in ((first, -first.id), (second, here), (first, there)):
        code.subject_id = subject_id
        session.flush()


def _check_fits(session: Session, first: LabelCode, second: LabelCode) -> None:
    if first.id == second.id:
        raise WrongLabel("This is the same label. Scan the other one.", field="other")
    if first.kind != second.kind:
        raise WrongLabel("These labels stand for things of two kinds.", field="other")
    _check_state(second, field="other")
    kind = CodeKind(first.kind)
    if (
        place_of(session, kind, first.subject_id)[0]
        != place_of(session, kind, second.subject_id)[0]
    ):
        raise WrongLabel("That label belongs to another site.", field="other")


def _locked(session: Session, token: str) -> LabelCode:
    code = locked_codes(session, [token]).get(token)
    if code is None:
        raise NotFound("This label is not in this system.", field="token")
    return code


def _check_belongs(code: LabelCode, thing: Labelled) -> None:
    if (code.kind, code.subject_id) != (thing.kind.value, thing.subject_id):
        raise LabelChanged(
            f"{display_token(code.token)} is on another thing now. Load this page again.",
            field="token",
        )


def _check_current(code: LabelCode, thing: Labelled) -> None:
    _check_state(code, field="token")
    _check_belongs(code, thing)


def _check_state(code: LabelCode, *, field: str) -> None:
    if code.state != LabelState.CURRENT:
        words = f"{display_token(code.token)} was {_WORDS[code.state]}."
        raise LabelChanged(f"{words} Load this page again to see its labels.", field=field)


def _done(session: Session, key: uuid.UUID, code: LabelCode) -> LabelEntry | None:
    """What this form has done already. Raises LabelChanged where that was with another label."""
    entry = act_by_key(session, key)
    if entry is not None and entry.code_id != code.id:
        raise LabelChanged("This form was sent before. Load the page again.", field="token")
    return entry


_WORDS = {LabelState.REPLACED.value: "replaced", LabelState.VOID.value: "made void"}


def _require(session: Session, actor: Actor, permission: Permission, thing: Labelled) -> None:
    site_id, department_id = place_of(session, thing.kind, thing.subject_id)
    require(actor, permission, site_id=site_id, department_id=department_id)


def _write_down(
    session: Session,
    actor: Actor,
    entry: LabelEntry,
    code: LabelCode,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    entry.code_id, entry.subject_id, entry.by_id = code.id, code.subject_id, actor.user_id
    session.add(entry)
    session.flush()
    record_change(
        session,
        actor=actor,
        action=f"label.{entry.act}",
        subject_kind="label_code",
        subject_id=code.id,
        before=before,
        after={"token": code.token, "reason": entry.reason} | (after or {}),
    )
