"""The labels of one thing: which it has and had, who did what, and what may be done now."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, request
from sqlalchemy.orm import Session

from app.blueprints.codes.faces import FACES, KINDS, Face
from app.blueprints.codes.forms import ExchangeForm, ReasonForm, VoidForm
from app.core.errors import DomainError, Forbidden, NotFound
from app.core.rights import Actor, Permission
from app.domain.codes import commands
from app.domain.codes.commands import Labelled
from app.domain.codes.label_queries import CodeRow, acts_of, codes_of, owner_of, place_of
from app.domain.codes.models import LabelState
from app.domain.codes.queries import UnknownCode, find_code, id_of, uid_of
from app.domain.codes.rules import display_token, token_in
from app.web import stock
from app.web.current import current_actor
from app.web.database import reading, unit_of_work
from app.web.guards import allow
from app.web.labels import draw_qr, label_url
from app.web.responses import page, see_other

PRINT, MANAGE = Permission.LABELS_PRINT, Permission.LABELS_MANAGE
NAMES = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Shown:
    """A thing with its labels, as the actor may see it."""

    name: str
    uid: uuid.UUID
    thing: Labelled
    face: Face
    codes: list[CodeRow]

    @property
    def path(self) -> str:
        """The page of its labels."""
        return f"/labels/{self.name}/{self.uid}/"

    @property
    def print_path(self) -> str:
        """The page that prints its label."""
        return f"/print/{self.uid}/" if self.name == "unit" else f"/print/{self.name}/{self.uid}/"


@dataclass(frozen=True, slots=True)
class Forms:
    """What may be done; the one that came with the request holds what was typed."""

    again: ReasonForm
    exchange: ExchangeForm
    void: VoidForm


@allow(PRINT, MANAGE)
def index() -> Response:
    """Whose labels? A label leads to them, also one that counts no more."""
    text = request.args.get("code", "").strip()
    refusal = None
    if text:
        try:
            return make_response(redirect(_path_of(reading(), text), 303))
        except DomainError as error:
            refusal = error
    return page("codes/labels.html", text=text, refusal=refusal)


@allow(PRINT, MANAGE)
def show(kind: str, uid: uuid.UUID) -> Response:
    """The labels of one thing."""
    shown = _load(kind, uid)
    return _page(shown, _forms(shown))


@allow(PRINT)
def reprint(kind: str, uid: uuid.UUID) -> Response:
    """Write down why the same label is printed again, and go on to print it."""
    shown = _load(kind, uid)
    forms = _forms(shown, "again")
    return _act(shown, forms, forms.again, commands.record_reprint, lambda _: shown.print_path)


@allow(MANAGE)
def replace(kind: str, uid: uuid.UUID) -> Response:
    """A new label for the same thing, or its first; then print it."""
    shown = _load(kind, uid)
    forms = _forms(shown, "again")
    act = commands.replace_code if forms.again.token.data else _give

    def after(token: str) -> str:
        flash(f"{display_token(token)} is the new label. Print it, and take the old one off.", "ok")
        return shown.print_path

    return _act(shown, forms, forms.again, act, after)


@allow(MANAGE)
def exchange(kind: str, uid: uuid.UUID) -> Response:
    """Let two labels that were stuck on the wrong things change places."""
    shown = _load(kind, uid)
    forms = _forms(shown, "exchange")
    other = token_in(forms.exchange.other.data or "") or ""

    def after(_: None) -> str:
        flash(
            f"{display_token(other)} is the label of this now. Scan both things once where they "
            "lie, if somebody moved them with the wrong labels.",
            "ok",
        )
        return shown.path

    return _act(shown, forms, forms.exchange, commands.swap_codes, after, other_token=other)


@allow(MANAGE)
def void(kind: str, uid: uuid.UUID) -> Response:
    """Nobody may use a label any more."""
    shown = _load(kind, uid)
    forms = _forms(shown, "void")

    def after(_: None) -> str:
        flash("The label is void. Whoever scans it is told why.", "ok")
        return shown.path

    return _act(shown, forms, forms.void, commands.void_code, after)


def _give(session: Session, *, token: str, **more: Any) -> str:
    """A first label has no label before it."""
    assert not token
    return commands.give_code(session, **more)


def _act(
    shown: Shown,
    forms: Forms,
    form: ReasonForm,
    act: Callable[..., Any],
    after: Callable[[Any], str],
    **more: Any,
) -> Response:
    if not form.validate():
        return _page(shown, forms, status=422)
    told = {"token": form.token.data, "reason": form.reason.data, "key": form.act_key()} | more
    actor = current_actor()
    try:
        done = unit_of_work(lambda session: act(session, actor=actor, thing=shown.thing, **told))
    except Forbidden:
        raise
    except DomainError as error:
        form.refuse(error)
        return _page(_load(shown.name, shown.uid), forms, status=error.status)
    return see_other(after(done))


def _load(name: str, uid: uuid.UUID) -> Shown:
    """Raises NotFound, and Forbidden for what the actor may not see."""
    if name not in FACES:
        raise NotFound("There are no labels for this.", field="kind")
    kind = KINDS[name]
    thing = Labelled(kind, id_of(reading(), kind, uid))
    face = FACES[name](reading(), uid)
    return Shown(name, uid, thing, face, codes_of(reading(), kind, thing.subject_id))


def _forms(shown: Shown, sent: str | None = None) -> Forms:
    """Fresh forms, but for the one that was sent."""
    classes = {"again": ReasonForm, "exchange": ExchangeForm, "void": VoidForm}
    forms = {
        name: form(prefix=f"{name}-", **({} if name == sent else {"formdata": None}))
        for name, form in classes.items()
    }
    for name, form in forms.items():
        if name != sent:
            form.begin(shown.face.token)
    usable = [code for code in shown.codes if code.state != LabelState.VOID]
    forms["void"].token.choices = [
        (code.token, f"{display_token(code.token)}, {code.state}") for code in usable
    ]
    return Forms(**forms)


def _page(shown: Shown, forms: Forms, *, status: int = 200) -> Response:
    token, actor = shown.face.token, current_actor()
    return page(
        "codes/thing.html",
        status=status,
        shown=shown,
        forms=forms,
        acts=acts_of(reading(), shown.thing.kind, shown.thing.subject_id),
        qr=draw_qr(label_url(token)) if token else None,
        may_print=_may(actor, PRINT, shown.thing),
        may_manage=_may(actor, MANAGE, shown.thing),
    )


def _may(actor: Actor, permission: Permission, thing: Labelled) -> bool:
    """Whether a form is offered; the command decides."""
    site_id, department_id = place_of(reading(), thing.kind, thing.subject_id)
    return actor.may(permission, site_id=site_id, department_id=department_id)


def _path_of(session: Session, text: str) -> str:
    """The labels of what a code is or was on. Raises the reason where there are none."""
    owner = owner_of(session, text)
    if owner is None:
        site_id = None if current_actor().is_superuser else stock.site_id()
        matches = [one for one in find_code(session, text, site_id) if one.kind in NAMES]
        if len(matches) != 1:
            raise UnknownCode("Scan the label itself: this fits several things.", field="code")
        owner = matches[0].kind, matches[0].subject_id
    kind, subject_id = owner
    if kind not in NAMES:
        raise UnknownCode("There are no labels for this.", field="code")
    return f"/labels/{NAMES[kind]}/{uid_of(session, kind, subject_id)}/"
