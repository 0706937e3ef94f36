"""A right in one site is none in another."""

import pytest
from sqlalchemy.orm import Session

from app.core.rights import Actor, Permission, Scope
from app.domain.accounts.commands import create_user, grant_role
from app.domain.accounts.queries import load_actor
from app.domain.locations.commands import open_department, open_site
from app.domain.locations.models import Department
from app.domain.locations.queries import departments_in_reach
from tests.factories.plant import Plant

MANAGE = Permission.ACCOUNTS_MANAGE


@pytest.fixture
def elsewhere(session: Session, plant: Plant) -> Department:
    """A department of another site."""
    site = open_site(
        session, actor=plant.admin, code="OST", name="Plant Ostheim", time_zone="Europe/Berlin"
    )
    return open_department(
        session, actor=plant.admin, site_id=site.id, code="OHR", name="Hot rolling east"
    )


def somebody(session: Session, plant: Plant, **scope: int) -> Actor:
    user = create_user(session, actor=plant.admin, username="head", name="The head")
    grant_role(session, actor=plant.admin, user_id=user.id, role_code="factory_admin", **scope)
    session.flush()
    actor = load_actor(session, user.id)
    assert actor is not None
    return actor


def test_a_right_in_a_department_holds_in_its_site_only(session, plant, elsewhere):
    head = somebody(session, plant, department_id=plant.hot_rolling.id)

    [scope] = head.scopes
    assert (scope.site_id, scope.department_id) == (plant.site.id, plant.hot_rolling.id)
    assert head.may(MANAGE)
    assert head.may(MANAGE, site_id=plant.site.id)
    assert not head.may(MANAGE, site_id=elsewhere.site_id)
    assert not head.may(MANAGE, site_id=plant.site.id, department_id=plant.finishing.id)
    assert head.departments_for(MANAGE, site_id=elsewhere.site_id) == frozenset()


def test_a_right_in_a_site_is_all_of_that_site_and_nothing_of_another(session, plant, elsewhere):
    head = somebody(session, plant, site_id=plant.site.id)

    assert head.departments_for(MANAGE) is None
    assert head.departments_for(MANAGE, site_id=elsewhere.site_id) == frozenset()
    reach = departments_in_reach(session, actor=head, permission=MANAGE)
    assert reach == {plant.hot_rolling.id, plant.finishing.id}


def test_the_reach_of_a_right_is_everything_or_what_was_given(session, plant, elsewhere):
    head = somebody(session, plant, department_id=elsewhere.id)

    assert departments_in_reach(session, actor=plant.admin, permission=MANAGE) is None
    assert departments_in_reach(session, actor=head, permission=MANAGE) == {elsewhere.id}
    assert departments_in_reach(session, actor=plant.driver, permission=MANAGE) == frozenset()


def test_a_department_without_its_site_is_asked_as_before():
    scope = Scope(frozenset({MANAGE}), department_id=7)

    assert scope.covers(MANAGE, None, 7)
    assert not scope.covers(MANAGE, None, 8)
