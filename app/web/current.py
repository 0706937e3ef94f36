"""Who is asking and where they work, for the length of one request."""

from __future__ import annotations

from typing import cast
from zoneinfo import ZoneInfo

from flask import g, has_request_context, request
from flask_login import UserMixin, current_user

from app.core.rights import Actor
from app.domain.accounts.queries import load_actor
from app.domain.locations.queries import Workplace, load_workplace
from app.extensions import login_manager
from app.web.database import reading


class SignedIn(UserMixin):
    """What Flask-Login keeps for the request: the actor with the rights of this moment.

    The cookie holds the user's id and session epoch: a new password ends every older session.
    """

    def __init__(self, actor: Actor, session_epoch: int) -> None:
        self.id = f"{actor.user_id}.{session_epoch}"
        self.actor = actor


@login_manager.user_loader
def _load_user(session_id: str) -> SignedIn | None:
    user_id, _, epoch = session_id.partition(".")
    if not (user_id.isdecimal() and epoch.isdecimal()):
        return None
    actor = load_actor(
        reading(), int(user_id), origin=request.remote_addr, session_epoch=int(epoch)
    )
    return SignedIn(actor, int(epoch)) if actor else None


def is_signed_in() -> bool:
    """Whether a person or a device with a grant is known for this request."""
    return "actor" in g or bool(current_user.is_authenticated)


def current_actor() -> Actor:
    """Whoever acts in this request. Routes that call it are guarded, so there is one."""
    if "actor" not in g:
        g.actor = cast(SignedIn, current_user).actor
    return cast(Actor, g.actor)


def act_as(actor: Actor) -> None:
    """Take the actor of a bearer grant instead of a session's."""
    g.actor = actor


def workplace() -> Workplace:
    """The actor's site and home department: names for the bar, the zone for times."""
    if "workplace" not in g:
        actor = current_actor()
        g.workplace = load_workplace(
            reading(), site_id=actor.site_id, department_id=actor.home_department_id
        )
    return cast(Workplace, g.workplace)


def time_zone() -> ZoneInfo:
    """The zone in which times are shown: the site's; UTC where nobody is signed in."""
    if has_request_context() and is_signed_in():
        return ZoneInfo(workplace().time_zone)
    return ZoneInfo("UTC")
