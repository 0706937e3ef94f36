"""The submit grant in an Authorization header: who scans, on which device, without a cookie."""

from __future__ import annotations

from typing import cast

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from app.core.clock import now
from app.core.rights import Permission, require
from app.domain.accounts.models import SubmitGrant
from app.domain.accounts.queries import find_submit_grant, load_actor
from app.domain.accounts.rules import is_in_force
from app.web.current import act_as
from app.web.database import reading

CHALLENGE = WWWAuthenticate("bearer", {"realm": "rollcall"})


def take_bearer_grant() -> None:
    """Make the grant's user the actor of this request.

    Raises Unauthorized (401), and Forbidden (403) for reads of somebody who may not scan any more.
    """
    grant = _presented_grant()
    if grant is None or not is_in_force(
        now(),
        valid_from=grant.issued_at,
        valid_until=grant.expires_at,
        revoked_at=grant.revoked_at,
    ):
        raise Unauthorized(www_authenticate=CHALLENGE)
    actor = load_actor(
        reading(), grant.user_id, device_id=grant.device_id, origin=request.remote_addr
    )
    if actor is None:
        raise Unauthorized(www_authenticate=CHALLENGE)
    if request.method in ("GET", "HEAD"):
        # What a device reads, it reads with the rights of now; what it still holds, it delivers.
        require(actor, Permission.SYNC_SCAN)
    act_as(actor)
    g.submit_grant = grant


def current_grant() -> SubmitGrant:
    """The grant of this request. Only routes that are guarded by `bearer_grant` have one."""
    return cast(SubmitGrant, g.submit_grant)


def _presented_grant() -> SubmitGrant | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        return None
    return find_submit_grant(reading(), authorization.token)
