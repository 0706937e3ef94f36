"""The demo plant's people: one for each of the seven plant roles."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.cli.demo.places import Places
from app.core.rights import Actor
from app.domain.accounts.commands import create_admin, create_user, grant_role, set_password
from app.domain.accounts.queries import load_actor, user_by_username, verify_password


@dataclass(frozen=True, slots=True)
class Person:
    """One log-in; the first department is home, the others are extra ones."""

    username: str
    name: str
    role_code: str
    departments: tuple[str, ...]
    work: str


ALL = ("HR", "PIC", "FIN", "DIS")
ADMIN = Person("admin", "Anna Brandt", "factory_admin", (), "every right")
PEOPLE = (
    ADMIN,
    Person("manager", "Priya Nair", "plant_manager", ALL, "plant manager, sees every department"),
    Person("keeper", "Mira Iyer", "stock_keeper", ("HR", "FIN", "DIS"), "stock keeper"),
    Person("driver", "Rob Okafor", "forklift_driver", ("HR",), "forklift driver, hot rolling"),
    Person("operator", "Kim Lindqvist", "operator", ("HR",), "operator, hot rolling"),
    Person("deptsk", "Sam Meyer", "dept_sk", ("PIC",), "stock keeper of pickling"),
    Person("viewer", "Jan Petersen", "view_only", ALL, "may look, not touch"),
)


def hire_admin(session: Session, *, password: str) -> Actor:
    """The first account, which makes everything else."""
    user = create_admin(
        session, username=ADMIN.username, name=ADMIN.name, password=password, origin="demo plant"
    )
    return _actor(session, user.id)


def hire_people(
    session: Session, *, admin: Actor, places: Places, password: str
) -> dict[str, Actor]:
    """An account with its role for everybody; returns the actors by user name."""
    grant_role(session, actor=admin, user_id=admin.user_id, role_code=ADMIN.role_code)
    actors = {ADMIN.username: _actor(session, admin.user_id)}
    for person in PEOPLE[1:]:
        home = places.departments[person.departments[0]]
        user = create_user(
            session,
            actor=admin,
            username=person.username,
            name=person.name,
            password=password,
            home_department_id=home.id,
        )
        for code in person.departments:
            grant_role(
                session,
                actor=admin,
                user_id=user.id,
                role_code=person.role_code,
                department_id=places.departments[code].id,
            )
        actors[person.username] = _actor(session, user.id)
    return actors


def give_password(session: Session, password: str) -> None:
    """Make sure that the demo log-ins have this password."""
    for person in PEOPLE:
        user = user_by_username(session, username=person.username)
        if user is None or verify_password(session, username=user.username, password=password):
            continue
        set_password(session, actor=_actor(session, user.id), user_id=user.id, password=password)


def _actor(session: Session, user_id: int) -> Actor:
    session.flush()
    actor = load_actor(session, user_id, origin="demo plant")
    assert actor is not None
    return actor
