"""A new password, or the end of an account, ends everything that began before it."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Invalid
from app.core.rights import Actor
from app.domain.accounts.commands import (
    LinkGone,
    PasswordReplaced,
    change_password,
    close_user,
    create_user,
    grant_role,
    issue_password_reset,
    issue_submit_grant,
    prepare_change,
    prepare_registration,
    prepare_reset,
    reopen_user,
    revoke_role,
    set_password,
    use_password_reset,
)
from app.domain.accounts.commands import passwords as password_commands
from app.domain.accounts.commands import requests as request_commands
from app.domain.accounts.models import Grant, SubmitGrant
from app.domain.accounts.people_queries import find_reset
from app.domain.accounts.queries import load_actor, verify_password
from app.domain.audit.models import AuditEntry
from tests.factories.plant import PASSWORD, Plant

SECRET = "a long enough secret"


def change(session: Session, plant: Plant) -> None:
    new = prepare_change(session, actor=plant.driver, present=PASSWORD, password=SECRET)
    change_password(session, actor=plant.driver, password=new)


def give(session: Session, plant: Plant) -> None:
    set_password(session, actor=plant.admin, user_id=plant.driver.user_id, password=SECRET)


def use(session: Session, uid: uuid.UUID) -> None:
    new = prepare_reset(session, uid=uid, password=SECRET)
    use_password_reset(session, uid=uid, password=new, origin="10.0.0.7")


def use_a_link(session: Session, plant: Plant) -> None:
    use(session, issue_password_reset(session, actor=plant.admin, user_id=plant.driver.user_id).uid)


def close(session: Session, plant: Plant) -> None:
    close_user(session, actor=plant.admin, user_id=plant.driver.user_id)


def head_of_finishing(session: Session, plant: Plant) -> Actor:
    """Somebody in charge of the people of finishing, among them from now on one more."""
    user = create_user(session, actor=plant.admin, username="head", name="The head")
    grant_role(
        session,
        actor=plant.admin,
        user_id=user.id,
        role_code="factory_admin",
        department_id=plant.finishing.id,
    )
    session.flush()
    actor = load_actor(session, user.id)
    assert actor is not None
    return actor


@pytest.mark.parametrize("act", [change, give, use_a_link, close])
def test_it_ends_the_grants_of_the_persons_devices_and_of_nobody_else(
    session: Session, plant: Plant, act
):
    own = [
        issue_submit_grant(session, actor=plant.driver, device_id=plant.device.id)[0]
        for _ in range(2)
    ]
    other, _ = issue_submit_grant(session, actor=plant.keeper, device_id=plant.device.id)

    act(session, plant)

    session.expire_all()
    assert all(grant.revoked_at is not None for grant in own)
    assert other.revoked_at is None
    entry = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "submit_grant.revoked")
    ).one()
    assert entry.subject_id == plant.driver.user_id
    assert entry.after == {"submit_grant_ids": [grant.id for grant in own]}


def test_an_account_that_opens_again_has_no_grants_of_before(session: Session, plant: Plant):
    issue_submit_grant(session, actor=plant.driver, device_id=plant.device.id)

    close(session, plant)
    reopen_user(session, actor=plant.admin, user_id=plant.driver.user_id)

    live = sa.select(sa.func.count()).where(SubmitGrant.revoked_at.is_(None))
    assert session.scalar(live) == 0


@pytest.mark.parametrize("act", [change, give])
def test_it_ends_the_links_that_are_open(session: Session, plant: Plant, act):
    link = issue_password_reset(session, actor=plant.admin, user_id=plant.driver.user_id)

    act(session, plant)

    assert find_reset(session, uid=link.uid) is None
    with pytest.raises(LinkGone):
        use(session, link.uid)


def test_a_link_ends_with_the_account_of_its_maker(session: Session, plant: Plant):
    head, user_id = head_of_finishing(session, plant), newcomer(session, plant)
    link = issue_password_reset(session, actor=head, user_id=user_id)

    close_user(session, actor=plant.admin, user_id=head.user_id)

    with pytest.raises(LinkGone):
        use(session, link.uid)
    assert verify_password(session, username="newcomer", password=SECRET) is None


def test_a_link_ends_with_the_charge_of_its_maker(session: Session, plant: Plant):
    head, user_id = head_of_finishing(session, plant), newcomer(session, plant)
    link = issue_password_reset(session, actor=head, user_id=user_id)
    held = session.scalars(sa.select(Grant.id).where(Grant.user_id == head.user_id)).one()

    revoke_role(session, actor=plant.admin, grant_id=held)

    with pytest.raises(LinkGone):
        use(session, link.uid)
    assert verify_password(session, username="newcomer", password=SECRET) is None


def test_a_link_to_somebody_who_rose_since_is_gone(session: Session, plant: Plant):
    head, user_id = head_of_finishing(session, plant), newcomer(session, plant)
    link = issue_password_reset(session, actor=head, user_id=user_id)

    grant_role(session, actor=plant.admin, user_id=user_id, role_code="admin")

    with pytest.raises(LinkGone):
        use(session, link.uid)


def test_a_link_of_somebody_still_in_charge_works(session: Session, plant: Plant):
    head, user_id = head_of_finishing(session, plant), newcomer(session, plant)

    use(session, issue_password_reset(session, actor=head, user_id=user_id).uid)

    assert verify_password(session, username="newcomer", password=SECRET) is not None


def test_a_password_that_was_replaced_in_between_stays(session: Session, plant: Plant):
    new = prepare_change(session, actor=plant.driver, present=PASSWORD, password="a late secret")
    give(session, plant)

    with pytest.raises(PasswordReplaced) as refused:
        change_password(session, actor=plant.driver, password=new)

    assert "Nothing was written" in refused.value.message
    assert verify_password(session, username="driver", password=SECRET) is not None


def test_nothing_is_hashed_or_compared_where_it_is_written(
    session: Session, plant: Plant, monkeypatch
):
    link = issue_password_reset(session, actor=plant.admin, user_id=plant.keeper.user_id)
    changed = prepare_change(session, actor=plant.driver, present=PASSWORD, password=SECRET)
    linked = prepare_reset(session, uid=link.uid, password=SECRET)
    first = prepare_registration(session, username="new", password=SECRET, key=None)
    key = uuid.uuid4()

    def slow(*_words):
        raise AssertionError("hashed inside the transaction")

    for module in (password_commands, request_commands):
        monkeypatch.setattr(module, "is_password", slow)
    monkeypatch.setattr(password_commands, "hash_password", slow)
    monkeypatch.setattr("app.domain.accounts.commands.users.hash_password", slow)
    change_password(session, actor=plant.driver, password=changed)
    use_password_reset(session, uid=link.uid, password=linked, origin=None)
    wish = request_commands.Wish("operator", plant.hot_rolling.id, key=key)
    request_commands.register_user(session, username="new", name="New", password=first, wish=wish)

    for name in ("driver", "keeper", "new"):
        assert verify_password(session, username=name, password=SECRET) is not None


def test_a_name_is_looked_at_before_its_password_is_hashed(session: Session, plant: Plant):
    with pytest.raises(Invalid) as refused:
        prepare_registration(session, username="<b>", password=SECRET, key=None)

    assert refused.value.field == "username"


def newcomer(session: Session, plant: Plant) -> int:
    user = create_user(
        session,
        actor=plant.admin,
        username="newcomer",
        name="Newcomer",
        home_department_id=plant.finishing.id,
    )
    return user.id
