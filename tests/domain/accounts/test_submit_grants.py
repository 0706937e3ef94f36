"""The right to send scans from a device."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Forbidden
from app.domain.accounts.commands import issue_submit_grant
from app.domain.accounts.models import SubmitGrant
from app.domain.accounts.queries import find_submit_grant
from tests.factories.plant import Plant


def test_a_grant_says_for_14_days_what_its_user_may_do_where(session: Session, plant: Plant):
    at = now()

    grant, _ = issue_submit_grant(session, actor=plant.manager, device_id=plant.device.id, at=at)

    assert grant.expires_at - at == timedelta(days=14)
    assert grant.content == {
        "version": 1,
        "site_id": plant.site.id,
        "rights": {
            "putaway": ["FIN", "HR"],
            "transfer": ["FIN", "HR"],
            "dispatch": ["FIN", "HR"],
            "reverse": ["FIN", "HR"],
        },
    }


def test_an_operator_may_not_dispatch_and_an_admin_may_do_all_everywhere(
    session: Session, plant: Plant
):
    operators, _ = issue_submit_grant(session, actor=plant.operator, device_id=plant.device.id)
    admins, _ = issue_submit_grant(session, actor=plant.admin, device_id=plant.device.id)

    assert operators.content["rights"]["dispatch"] == []
    assert set(admins.content["rights"].values()) == {"*"}


def test_a_grant_is_found_by_its_token_only_and_the_token_is_not_kept(
    session: Session, plant: Plant
):
    grant, token = issue_submit_grant(session, actor=plant.driver, device_id=plant.device.id)

    found = find_submit_grant(session, token)
    assert found is not None
    assert found.id == grant.id
    assert find_submit_grant(session, token[:-1]) is None
    assert find_submit_grant(session, grant.token_hash) is None
    assert session.scalar(sa.select(sa.func.count()).where(SubmitGrant.token_hash == token)) == 0


def test_whoever_may_not_scan_gets_none(session: Session, plant: Plant):
    with pytest.raises(Forbidden):
        issue_submit_grant(session, actor=plant.viewer, device_id=plant.device.id)

    assert session.scalar(sa.select(sa.func.count()).select_from(SubmitGrant)) == 0
