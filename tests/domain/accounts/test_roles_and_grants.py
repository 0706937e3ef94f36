"""Who may do what, from when until when, and who may give that away."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.rights import Actor, Permission
from app.domain.accounts.commands import create_user, grant_role, revoke_role, seed_roles
from app.domain.accounts.models import Grant, Role, RolePermission, User
from app.domain.accounts.queries import load_actor, permissions_of
from app.domain.accounts.rules import ROLE_SEEDS
from app.domain.audit.models import AuditEntry
from tests.factories.plant import Plant, user_named
from tests.support.statements import counting_statements

SEVEN = {
    "factory_admin",
    "plant_manager",
    "stock_keeper",
    "operator",
    "forklift_driver",
    "dept_sk",
    "view_only",
}


def loaded(session: Session, user_id: int, **options) -> Actor:
    actor = load_actor(session, user_id, **options)
    assert actor is not None
    return actor


def test_the_seven_plant_roles_and_three_more_are_seeded(session: Session, plant: Plant):
    codes = set(session.scalars(sa.select(Role.code)))

    assert codes == SEVEN | {"admin", "manager", "staff"}


def test_seeding_again_keeps_what_somebody_changed(session: Session, plant: Plant):
    role = session.scalars(sa.select(Role).where(Role.code == "view_only")).one()
    session.execute(
        sa.delete(RolePermission).where(
            RolePermission.role_id == role.id,
            RolePermission.permission == Permission.MOVEMENTS_VIEW,
        )
    )

    seed_roles(session)

    assert Permission.MOVEMENTS_VIEW not in permissions_of(session, role_id=role.id)
    assert session.scalar(sa.select(sa.func.count()).select_from(Role)) == len(ROLE_SEEDS)


@pytest.mark.parametrize(
    "role, may, may_not",
    [
        ("view_only", [Permission.STOCK_VIEW], [Permission.LEDGER_PUTAWAY]),
        (
            "forklift_driver",
            [Permission.LEDGER_PUTAWAY, Permission.LEDGER_DISPATCH, Permission.LEDGER_UNDO],
            [Permission.LEDGER_PRODUCE, Permission.LEDGER_REVERSE, Permission.DASHBOARD_VIEW],
        ),
        (
            "operator",
            [Permission.LEDGER_PRODUCE, Permission.LABELS_PRINT],
            [Permission.LEDGER_DISPATCH, Permission.IMPORTS_RUN],
        ),
        ("dept_sk", [Permission.LEDGER_REVERSE], [Permission.LEDGER_ADJUST]),
        (
            "stock_keeper",
            [Permission.IMPORTS_RUN, Permission.LEDGER_ADJUST],
            [Permission.ACCOUNTS_MANAGE],
        ),
        ("plant_manager", [Permission.LOCATIONS_MANAGE], [Permission.ACCOUNTS_MANAGE]),
        ("factory_admin", list(Permission), []),
    ],
)
def test_each_role_may_do_its_work(role, may, may_not):
    seed = next(seed for seed in ROLE_SEEDS if seed.code == role)

    assert set(may) <= seed.permissions
    assert not set(may_not) & seed.permissions


def test_rights_hold_in_the_department_of_the_grant_only(plant: Plant):
    here = {"site_id": plant.site.id, "department_id": plant.hot_rolling.id}
    there = {"site_id": plant.site.id, "department_id": plant.finishing.id}

    assert plant.driver.may(Permission.LEDGER_PUTAWAY, **here)
    assert not plant.driver.may(Permission.LEDGER_PUTAWAY, **there)
    assert plant.manager.departments_for(Permission.STOCK_VIEW) == {
        plant.hot_rolling.id,
        plant.finishing.id,
    }
    assert plant.admin.departments_for(Permission.STOCK_VIEW) is None


def test_a_grant_takes_effect_at_once_and_ends_when_it_says(session: Session, plant: Plant):
    ends = now() + timedelta(hours=8)
    grant_role(
        session,
        actor=plant.admin,
        user_id=plant.viewer.user_id,
        role_code="forklift_driver",
        department_id=plant.finishing.id,
        valid_until=ends,
    )

    there = {"site_id": plant.site.id, "department_id": plant.finishing.id}
    viewer = plant.viewer.user_id
    assert loaded(session, viewer).may(Permission.LEDGER_PUTAWAY, **there)
    assert not loaded(session, viewer, at=ends).may(Permission.LEDGER_PUTAWAY, **there)


def test_a_grant_for_later_is_not_in_force_yet(session: Session, plant: Plant):
    starts = now() + timedelta(days=1)
    grant_role(
        session,
        actor=plant.admin,
        user_id=plant.viewer.user_id,
        role_code="forklift_driver",
        department_id=plant.hot_rolling.id,
        valid_from=starts,
    )

    viewer = plant.viewer.user_id
    assert not loaded(session, viewer).may(Permission.LEDGER_PUTAWAY)
    assert loaded(session, viewer, at=starts).may(Permission.LEDGER_PUTAWAY)


def test_a_revoked_grant_ends_at_once_and_what_was_then_stays_known(session: Session, plant: Plant):
    before = now()
    grant = session.scalars(sa.select(Grant).where(Grant.user_id == plant.driver.user_id)).one()

    revoke_role(session, actor=plant.admin, grant_id=grant.id)
    revoked_at = grant.revoked_at
    revoke_role(session, actor=plant.admin, grant_id=grant.id)

    assert grant.revoked_at == revoked_at
    assert not loaded(session, plant.driver.user_id).may(Permission.LEDGER_PUTAWAY)
    assert loaded(session, plant.driver.user_id, at=before).may(Permission.LEDGER_PUTAWAY)
    actions = list(session.scalars(sa.select(AuditEntry.action)))
    assert actions.count("role.revoked") == 1


def test_a_plant_role_is_given_for_a_department(session: Session, plant: Plant):
    with pytest.raises(Invalid, match="for a department"):
        grant_role(
            session,
            actor=plant.admin,
            user_id=plant.viewer.user_id,
            role_code="stock_keeper",
            site_id=plant.site.id,
        )


def test_a_grant_must_end_after_it_begins(session: Session, plant: Plant):
    with pytest.raises(Invalid):
        grant_role(
            session,
            actor=plant.admin,
            user_id=plant.viewer.user_id,
            role_code="operator",
            department_id=plant.hot_rolling.id,
            valid_until=now() - timedelta(seconds=1),
        )


def test_unknown_roles_and_users_are_refused(session: Session, plant: Plant):
    for user_id, role in ((plant.viewer.user_id, "king"), (99_999, "operator")):
        with pytest.raises(NotFound):
            grant_role(
                session,
                actor=plant.admin,
                user_id=user_id,
                role_code=role,
                department_id=plant.hot_rolling.id,
            )


def test_whoever_manages_accounts_of_a_site_cannot_give_rights_beyond_it(
    session: Session, plant: Plant
):
    user = create_user(session, actor=plant.admin, username="siteadmin", name="Site Admin")
    grant_role(
        session,
        actor=plant.admin,
        user_id=user.id,
        role_code="admin",
        site_id=plant.site.id,
    )
    site_admin = loaded(session, user.id)

    grant_role(
        session,
        actor=site_admin,
        user_id=plant.viewer.user_id,
        role_code="operator",
        department_id=plant.finishing.id,
    )
    with pytest.raises(Forbidden):
        grant_role(session, actor=site_admin, user_id=plant.viewer.user_id, role_code="admin")


def test_a_keeper_gives_nothing_away(session: Session, plant: Plant):
    before = session.scalar(sa.select(sa.func.count()).select_from(Grant))

    with pytest.raises(Forbidden):
        grant_role(
            session,
            actor=plant.keeper,
            user_id=plant.viewer.user_id,
            role_code="view_only",
            department_id=plant.hot_rolling.id,
        )

    assert session.scalar(sa.select(sa.func.count()).select_from(Grant)) == before


def test_a_closed_account_is_nobody(session: Session, plant: Plant):
    user_named(session, "driver").is_active = False
    session.flush()

    assert load_actor(session, plant.driver.user_id) is None
    assert load_actor(session, 99_999) is None


def test_loading_an_actor_costs_two_statements(session: Session, plant: Plant):
    session.scalar(sa.select(User.id))

    with counting_statements(session) as statements:
        load_actor(session, plant.manager.user_id)

    assert statements.count == 2
