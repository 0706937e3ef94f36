"""The departments in which a person may do something, for the forms to offer."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.rights import Permission
from app.domain.locations.models import Department
from app.domain.locations.queries import list_departments
from app.web.current import current_actor
from app.web.database import reading


def offered_departments(permission: Permission) -> Sequence[Department]:
    """The departments of the actor's site in which the actor has the permission."""
    actor = current_actor()
    return list_departments(
        reading(), site_id=actor.site_id or 0, among=actor.departments_for(permission)
    )
