"""Closing accounts, giving new passwords: only by whoever holds all that the person holds."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.outbox import OutboxMessage
from app.core.rights import Actor
from app.domain.accounts.commands import (
    LinkGone,
    OwnAccount,
    change_password,
    close_user,
    create_user,
    grant_role,
    issue_password_reset,
    prepare_change,
    prepare_reset,
    reopen_user,
    seed_roles,
    set_password,
    use_password_reset,
)
from app.domain.accounts.models import Role, RolePermission, SeededPermission, User
from app.domain.accounts.people_queries import (
    find_reset,
    list_grants,
    list_people,
    list_places_of_work,
)
from app.domain.accounts.queries import load_actor, verify_password
from app.domain.audit.models import AuditEntry
from tests.factories.plant import PASSWORD, Plant, user_named
from tests.support.statements import counting_statements

SECRET = "a long enough secret"


def epoch(session: Session, username: str) -> int:
    return user_named(session, username).session_epoch


def change(session: Session, actor: Actor, *, present: str, password: str) -> None:
    new = prepare_change(session, actor=actor, present=present, password=password)
    change_password(session, actor=actor, password=new)


def use(session: Session, uid: uuid.UUID, password: str, *, origin: str | None) -> None:
    new = prepare_reset(session, uid=uid, password=password)
    use_password_reset(session, uid=uid, password=new, origin=origin)


def head_of(session: Session, plant: Plant, department_id: int) -> Actor:
    user = create_user(session, actor=plant.admin, username="head", name="The head")
    grant_role(
        session,
        actor=plant.admin,
        user_id=user.id,
        role_code="factory_admin",
        department_id=department_id,
    )
    actor = load_actor(session, user.id)
    assert actor is not None
    return actor


def test_a_session_holds_good_until_the_password_changes(session: Session, plant: Plant):
    driver = plant.driver.user_id
    assert load_actor(session, driver, session_epoch=0) is not None

    change(session, plant.driver, present=PASSWORD, password=SECRET)

    assert load_actor(session, driver, session_epoch=0) is None
    assert load_actor(session, driver, session_epoch=1) is not None
    assert verify_password(session, username="driver", password=SECRET) is not None


def test_a_change_needs_the_present_password(session: Session, plant: Plant):
    with pytest.raises(Invalid) as refused:
        change(session, plant.driver, present="a guess", password=SECRET)
    with pytest.raises(Invalid):
        change(session, plant.driver, present=PASSWORD, password="short")

    assert refused.value.field == "present"
    assert epoch(session, "driver") == 0


def test_a_closed_account_is_out_and_opens_as_it_was(session: Session, plant: Plant):
    driver = plant.driver.user_id
    for _ in "12":
        close_user(session, actor=plant.admin, user_id=driver)
    session.flush()
    assert load_actor(session, driver) is None

    for _ in "12":
        reopen_user(session, actor=plant.admin, user_id=driver)
    session.flush()

    assert load_actor(session, driver, session_epoch=0) is None
    assert load_actor(session, driver).scopes == plant.driver.scopes
    actions = session.scalars(sa.select(AuditEntry.action)).all()
    assert (actions.count("user.closed"), actions.count("user.reopened")) == (1, 1)


def test_nobody_closes_their_own_account(session: Session, plant: Plant):
    with pytest.raises(OwnAccount):
        close_user(session, actor=plant.admin, user_id=plant.admin.user_id)


def test_the_head_of_a_department_is_in_charge_of_its_people_only(session: Session, plant: Plant):
    head = head_of(session, plant, plant.hot_rolling.id)
    acts = (
        lambda user_id: close_user(session, actor=head, user_id=user_id),
        lambda user_id: issue_password_reset(session, actor=head, user_id=user_id),
        lambda user_id: set_password(session, actor=head, user_id=user_id, password=SECRET),
    )

    for stranger in (plant.manager.user_id, plant.admin.user_id):
        for act in acts:
            with pytest.raises(Forbidden):
                act(stranger)
    for act in reversed(acts):
        act(plant.driver.user_id)

    assert not user_named(session, "driver").is_active


def test_a_person_of_nowhere_is_in_the_charge_of_those_who_manage_everywhere(
    session: Session, plant: Plant
):
    head = head_of(session, plant, plant.hot_rolling.id)
    user = create_user(session, actor=plant.admin, username="nowhere", name="Nowhere")

    with pytest.raises(Forbidden):
        issue_password_reset(session, actor=head, user_id=user.id)
    assert issue_password_reset(session, actor=plant.admin, user_id=user.id).id


def test_a_link_sets_a_password_once_and_ends_the_sessions(session: Session, plant: Plant):
    reset = issue_password_reset(session, actor=plant.admin, user_id=plant.driver.user_id)
    assert find_reset(session, uid=reset.uid) is not None
    assert verify_password(session, username="driver", password=PASSWORD) is not None

    use(session, reset.uid, SECRET, origin="10.0.0.7")

    session.flush()
    assert verify_password(session, username="driver", password=SECRET) is not None
    assert epoch(session, "driver") == 1
    assert find_reset(session, uid=reset.uid) is None
    with pytest.raises(LinkGone):
        use(session, reset.uid, "another secret", origin=None)
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (entry.action, entry.origin) == ("password_reset.used", "10.0.0.7")


def test_a_weak_password_does_not_use_the_link_up(session: Session, plant: Plant):
    reset = issue_password_reset(session, actor=plant.admin, user_id=plant.driver.user_id)

    with pytest.raises(Invalid):
        use(session, reset.uid, "driver", origin=None)

    assert find_reset(session, uid=reset.uid) is not None


def test_a_link_ends_after_a_day_with_a_newer_one_and_with_the_account(
    session: Session, plant: Plant
):
    driver = plant.driver.user_id
    first = issue_password_reset(session, actor=plant.admin, user_id=driver)
    second = issue_password_reset(session, actor=plant.admin, user_id=driver)

    def is_gone(reset) -> bool:
        try:
            use(session, reset.uid, "short", origin=None)
        except LinkGone:
            return True
        except Invalid:
            return False
        return False

    assert is_gone(first)
    assert not is_gone(second)
    with time_machine.travel(now() + timedelta(hours=24, seconds=1)):
        assert is_gone(second)
    close_user(session, actor=plant.admin, user_id=driver)
    assert is_gone(second)
    with pytest.raises(LinkGone):
        use(session, uuid.uuid4(), SECRET, origin=None)


def test_what_waits_in_the_outbox_opens_nothing(session: Session, plant: Plant):
    reset = issue_password_reset(session, actor=plant.admin, user_id=plant.driver.user_id)

    message = session.scalars(sa.select(OutboxMessage)).one()
    assert (message.job, message.payload) == ("accounts.mail_reset", {"reset_id": reset.id})


def test_an_unknown_person_cannot_be_closed(session: Session, plant: Plant):
    with pytest.raises(NotFound):
        close_user(session, actor=plant.admin, user_id=99_999)


def test_people_are_found_by_either_name_with_their_roles_in_two_statements(
    session: Session, plant: Plant
):
    with counting_statements(session) as statements:
        everybody = list_people(session, text="", after=None, limit=50)

    assert statements.count == 2
    assert [row.name for row in everybody] == sorted(row.name for row in everybody)
    [manager] = list_people(session, text="MANAGER of", after=None, limit=50)
    assert (manager.username, manager.roles) == ("manager", ("Plant manager",))
    later = list_people(session, text="", after=(everybody[1].name, everybody[1].id), limit=2)
    assert [row.id for row in later] == [row.id for row in everybody[2:4]]


def test_grants_say_where_from_whom_and_whether_they_are_over(session: Session, plant: Plant):
    until = now() + timedelta(hours=1)
    viewer = plant.viewer.user_id
    grant_role(
        session,
        actor=plant.admin,
        user_id=viewer,
        role_code="operator",
        department_id=plant.finishing.id,
        valid_until=until,
    )
    grant_role(session, actor=plant.admin, user_id=viewer, role_code="staff")

    everywhere, finishing, _ = list_grants(session, user_id=viewer, limit=9)

    assert (everywhere.place, everywhere.granted_by) == (None, "Ada Admin")
    assert (finishing.place, finishing.valid_until) == ("Finishing", until)
    assert not finishing.is_over
    with time_machine.travel(until + timedelta(seconds=1)):
        assert finishing.is_over


def test_places_of_work_are_those_that_one_may_see(session: Session, plant: Plant):
    assert [one.name for one in list_places_of_work(session)] == ["Finishing", "Hot rolling"]
    [only] = list_places_of_work(session, among={plant.finishing.id})
    assert (only.id, only.site_name) == (plant.finishing.id, "Plant Falkenberg")


def test_a_permission_that_is_new_reaches_the_roles_of_an_old_database_once(
    session: Session, plant: Plant
):
    viewer = sa.select(Role.id).where(Role.code == "view_only").scalar_subquery()
    of_viewer = sa.select(RolePermission.permission).where(RolePermission.role_id == viewer)
    before = set(session.scalars(of_viewer))
    taken = sa.delete(RolePermission).where(
        RolePermission.role_id == viewer,
        RolePermission.permission.in_(["stock.view", "movements.view"]),
    )
    session.execute(taken)
    session.execute(sa.delete(SeededPermission).where(SeededPermission.permission == "stock.view"))

    for _ in "12":
        seed_roles(session)

    assert set(session.scalars(of_viewer)) == before - {"movements.view"}
    assert session.scalar(sa.select(sa.func.count()).select_from(User))
