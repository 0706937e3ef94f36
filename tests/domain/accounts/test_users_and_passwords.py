"""Accounts and their passwords."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Forbidden, Invalid
from app.domain.accounts import queries
from app.domain.accounts.commands import (
    UsernameTaken,
    create_admin,
    create_user,
    set_password,
)
from app.domain.accounts.models import User
from app.domain.accounts.queries import verify_password
from app.domain.audit.models import AuditEntry
from tests.factories.plant import PASSWORD, Plant, user_named


def test_the_right_password_opens_the_account_whatever_the_case_of_the_name(
    session: Session, plant: Plant
):
    user = verify_password(session, username=" Keeper", password=PASSWORD)

    assert user is not None
    assert user.id == plant.keeper.user_id


@pytest.mark.parametrize(
    "username, password",
    [("keeper", "wrong"), ("nobody", PASSWORD), ("", ""), ("keeper", ""), ("\x00", PASSWORD)],
)
def test_anything_else_does_not(session: Session, plant: Plant, username: str, password: str):
    assert verify_password(session, username=username, password=password) is None


def test_a_closed_account_and_one_without_a_password_stay_shut(session: Session, plant: Plant):
    user_named(session, "driver").is_active = False
    create_user(session, actor=plant.admin, username="new", name="New")
    session.flush()

    assert verify_password(session, username="driver", password=PASSWORD) is None
    assert verify_password(session, username="new", password="nobody has this password") is None


def test_an_unknown_name_is_hashed_like_a_known_one(
    session: Session, plant: Plant, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    monkeypatch.setattr(queries, "is_password", lambda password, kept: asked.append(kept) or False)

    verify_password(session, username="nobody", password=PASSWORD)

    assert asked == [None]


def test_a_new_password_replaces_the_old_one_and_is_nowhere_in_clear(
    session: Session, plant: Plant
):
    set_password(
        session, actor=plant.driver, user_id=plant.driver.user_id, password="a new long one"
    )

    session.flush()
    assert verify_password(session, username="driver", password=PASSWORD) is None
    assert verify_password(session, username="driver", password="a new long one") is not None
    kept = session.scalars(sa.select(User.password_hash).where(User.username == "driver")).one()
    assert "a new long one" not in (kept or "")
    entries = session.scalars(sa.select(AuditEntry)).all()
    assert not any("a new long one" in f"{entry.after}{entry.before}" for entry in entries)


def test_nobody_sets_somebody_elses_password_without_the_right(session: Session, plant: Plant):
    with pytest.raises(Forbidden):
        set_password(
            session, actor=plant.keeper, user_id=plant.driver.user_id, password="a new long one"
        )


@pytest.mark.parametrize("password", ["short", "x" * 201, "newuser-01"])
def test_weak_passwords_are_refused(session: Session, plant: Plant, password: str):
    with pytest.raises(Invalid) as refused:
        create_user(
            session, actor=plant.admin, username="newuser-01", name="New", password=password
        )

    assert refused.value.field == "password"
    assert session.scalar(sa.select(User.id).where(User.username == "newuser-01")) is None


@pytest.mark.parametrize("username", ["", "a", "with space", "<b>", "x" * 81, "-x"])
def test_some_texts_are_no_user_names(session: Session, plant: Plant, username: str):
    with pytest.raises(Invalid):
        create_user(session, actor=plant.admin, username=username, name="New")


def test_a_user_name_is_taken_whatever_its_case(session: Session, plant: Plant):
    with pytest.raises(UsernameTaken):
        create_user(session, actor=plant.admin, username="KEEPER", name="Another")


def test_only_whoever_manages_accounts_makes_users(session: Session, plant: Plant):
    with pytest.raises(Forbidden):
        create_user(session, actor=plant.manager, username="new", name="New")


def test_the_admin_of_the_command_line_has_every_right_and_is_in_the_audit_log(
    session: Session, plant: Plant
):
    user = create_admin(
        session, username="root", name="Root", password="a long password", origin="command line"
    )
    session.flush()

    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert user.is_superuser
    assert entry is not None
    assert (entry.action, entry.actor_id, entry.origin) == ("user.created", None, "command line")
