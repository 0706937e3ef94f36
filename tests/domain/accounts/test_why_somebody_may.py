"""Each grant says what it has to do with a right, and the sum is what every command says."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.rights import Permission
from app.domain.accounts.commands import close_user, create_user, grant_role, revoke_role
from app.domain.accounts.models import Grant, User
from app.domain.accounts.people_queries import list_places_of_work
from app.domain.accounts.queries import load_actor
from app.domain.accounts.right_queries import Bearing, explain_right
from tests.support.statements import counting_statements

TRANSFER = Permission.LEDGER_TRANSFER


@pytest.fixture
def new_driver(session, plant):
    """An account without any role."""
    return create_user(session, actor=plant.admin, username="newdriver", name="New driver")


def give(session, plant, user, role="forklift_driver", **where):
    where = where or {"department_id": plant.hot_rolling.id}
    return grant_role(session, actor=plant.admin, user_id=user.id, role_code=role, **where)


def ask(session, user, permission=TRANSFER):
    """The answers for finishing and for hot rolling, in this order."""
    session.flush()
    places = list_places_of_work(session)
    return explain_right(session, user=user, permission=permission, places=places)


def test_a_grant_gives_the_right_in_its_department_only(session, plant, new_driver):
    give(session, plant, new_driver)

    finishing, hot = ask(session, new_driver)

    assert (hot.is_allowed, [one.bearing for one in hot.grants]) == (True, [Bearing.GIVES])
    assert finishing.is_allowed is False
    assert [one.bearing for one in finishing.grants] == [Bearing.OTHER_PLACE]
    assert hot.grants[0].grant.granted_by == "Ada Admin"


def test_every_grant_that_does_not_help_says_why(session, plant, new_driver):
    give(session, plant, new_driver, role="view_only")
    ended = give(session, plant, new_driver, role="operator")
    session.flush()
    revoke_role(session, actor=plant.admin, grant_id=ended.id)
    later = give(session, plant, new_driver)
    session.execute(
        sa.update(Grant).where(Grant.id == later.id).values(valid_from=now() + timedelta(days=1))
    )
    session.expire_all()

    _, hot = ask(session, new_driver)

    assert hot.is_allowed is False
    assert [one.bearing for one in hot.grants] == [
        Bearing.NOT_YET, Bearing.OVER, Bearing.NOT_IN_ROLE,
    ]  # fmt: skip


def test_without_roles_and_with_a_closed_account_nothing_is_allowed(session, plant, new_driver):
    assert [answer.is_allowed for answer in ask(session, new_driver)] == [False, False]

    give(session, plant, new_driver)
    session.flush()
    close_user(session, actor=plant.admin, user_id=new_driver.id)

    assert [answer.is_allowed for answer in ask(session, new_driver)] == [False, False]


@pytest.mark.parametrize("permission", list(Permission))
def test_the_answer_is_that_of_the_function_that_commands_ask(session, plant, permission):
    for name in ("driver", "manager", "viewer", "admin"):
        actor = load_actor(session, getattr(plant, name).user_id)
        user = session.get_one(User, actor.user_id)
        for answer in ask(session, user, permission):
            place = answer.place
            assert answer.is_allowed is actor.may(
                permission, site_id=place.site_id, department_id=place.id
            )
            gives = any(one.bearing is Bearing.GIVES for one in answer.grants)
            assert answer.is_allowed is (gives or answer.is_unbound)


def test_the_answer_costs_the_same_for_any_number_of_departments(database, session, plant):
    user = session.get_one(User, plant.manager.user_id)
    places = list_places_of_work(session)

    with counting_statements(database.engine) as few:
        explain_right(session, user=user, permission=TRANSFER, places=places[:1])
    with counting_statements(database.engine) as many:
        explain_right(session, user=user, permission=TRANSFER, places=places * 20)

    assert few.count == many.count == 3
