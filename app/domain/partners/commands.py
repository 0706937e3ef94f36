"""Making partners. Each gets its label code at birth, so that a dispatch can be scanned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import DomainError
from app.core.ids import new_uid
from app.core.rights import Actor, Permission, require
from app.core.rows import insert_rows
from app.domain.audit.commands import record_change
from app.domain.codes.commands import assign_codes
from app.domain.codes.rules import CodeKind
from app.domain.locations.rules import clean_code, clean_name
from app.domain.partners.models import Partner
from app.domain.partners.queries import partners_by_code
from app.domain.partners.rules import PartnerDraft


class PartnerExists(DomainError):
    """A partner has that code already."""

    code = "partner_exists"


def create_partner(session: Session, *, actor: Actor, draft: PartnerDraft) -> Partner:
    """Make one partner. Raises PartnerExists."""
    require(actor, Permission.PARTNERS_MANAGE)
    code = clean_code(draft.code)
    if partners_by_code(session, codes=[code]):
        raise PartnerExists(f"There is a partner {code} already.", field="code")
    return ensure_partners(session, actor=actor, drafts=[draft])[code]


def ensure_partners(
    session: Session, *, actor: Actor, drafts: Sequence[PartnerDraft]
) -> dict[str, Partner]:
    """The partner of each draft's code, made where there is none; by cleaned code.

    A partner that exists is left as it is. The right is needed only where one is made.
    """
    wanted = {clean_code(draft.code): draft for draft in drafts}
    existing = partners_by_code(session, codes=wanted)
    missing = {code: draft for code, draft in wanted.items() if code not in existing}
    if not missing:
        return existing
    require(actor, Permission.PARTNERS_MANAGE)
    table: Any = Partner.__table__
    rows = [_row(code, draft) for code, draft in missing.items()]
    inserted = insert_rows(
        session,
        table,
        rows,
        names=list(rows[0]),
        order_by=["code"],
        ignore_conflicts=True,
        returning=["id", "code"],
    )
    assign_codes(session, CodeKind.PARTNER, [row.id for row in inserted])
    for row in inserted:
        record_change(
            session,
            actor=actor,
            action="partner.created",
            subject_kind="partner",
            subject_id=row.id,
            after={"code": row.code, "name": missing[row.code].name},
        )
    return partners_by_code(session, codes=wanted)


def _row(code: str, draft: PartnerDraft) -> dict[str, Any]:
    return {
        "uid": new_uid(),
        "code": code,
        "name": clean_name(draft.name, default=code, longest=200),
        "is_customer": draft.is_customer,
        "is_supplier": draft.is_supplier,
        "created_at": now(),
    }
