"""Asking for a role and deciding about it: once, by one person, with effect at once."""

import threading
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.database import Database
from app.core.errors import DomainError, Forbidden, Invalid, NotFound
from app.core.outbox import OutboxMessage
from app.core.rights import Actor, Permission
from app.domain.accounts.commands import (
    AccountClosed,
    AlreadyDecided,
    AlreadyHeld,
    TooManyRequests,
    UsernameTaken,
    Wish,
    approve_request,
    ask_for_role,
    close_user,
    create_user,
    decline_request,
    grant_role,
    prepare_registration,
    register_user,
)
from app.domain.accounts.models import Grant, RoleRequest, User
from app.domain.accounts.queries import load_actor, verify_password
from app.domain.accounts.request_queries import (
    addresses_of_deciders,
    count_open_requests,
    list_open_requests,
    request_by_uid,
)
from app.domain.audit.models import AuditEntry
from tests.factories.plant import Plant, user_named

SECRET = "a long enough secret"


def count(session: Session, model) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def actor_of(session: Session, user_id: int) -> Actor:
    session.flush()
    actor = load_actor(session, user_id)
    assert actor is not None
    return actor


def wish(plant: Plant, role: str = "operator", **more) -> Wish:
    return Wish(role, more.pop("department_id", plant.hot_rolling.id), **more)


def register(session: Session, plant: Plant, username: str = "newbie", **more) -> User:
    named = {"name": "New Person", "password": SECRET, "wish": wish(plant)} | more
    named["password"] = prepare_registration(
        session, username=username, password=named["password"], key=named["wish"].key
    )
    return register_user(session, username=username, **named)


def request_of(session: Session, user: User) -> RoleRequest:
    return session.scalars(sa.select(RoleRequest).where(RoleRequest.user_id == user.id)).one()


def head_of(session: Session, plant: Plant, department_id: int, name: str = "head") -> Actor:
    """Somebody who manages accounts in one department only."""
    user = create_user(session, actor=plant.admin, username=name, name=f"The {name}")
    grant_role(
        session,
        actor=plant.admin,
        user_id=user.id,
        role_code="factory_admin",
        department_id=department_id,
    )
    return actor_of(session, user.id)


def test_whoever_registers_may_log_in_and_do_nothing(session: Session, plant: Plant):
    user = register(session, plant, " NewBie ", email="new@plant.example", origin="10.0.0.7")

    assert verify_password(session, username="newbie", password=SECRET) is not None
    assert actor_of(session, user.id).scopes == ()
    assert request_of(session, user).decided_at is None
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions[-2:] == ["user.created", "role.asked_for"]
    jobs = session.scalars(sa.select(OutboxMessage.job)).all()
    assert jobs == ["accounts.mail_request"]


def test_a_registration_that_is_sent_twice_is_one(session: Session, plant: Plant):
    sent = {"wish": wish(plant, key=uuid.uuid4())}

    first, second = (register(session, plant, **sent) for _ in range(2))

    assert first.id == second.id
    assert count(session, RoleRequest) == 1


def test_the_same_form_with_another_name_is_another_person(session: Session, plant: Plant):
    sent = {"wish": wish(plant, key=uuid.uuid4())}
    first = register(session, plant, "first", **sent)

    with pytest.raises(UsernameTaken):
        register(session, plant, "first", password="another password", **sent)
    second = register(session, plant, "second", **sent)

    assert first.id != second.id
    assert count(session, RoleRequest) == 2


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"username": "x"}, "username"),
        ({"name": " \x00 "}, "name"),
        ({"password": "short"}, "password"),
        ({"email": "not an address"}, "email"),
        ({"email": "a@b\r\nBcc: c@d"}, "email"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(
    session: Session, plant: Plant, changes, field
):
    before = count(session, User)

    with pytest.raises(Invalid) as refused:
        register(session, plant, **({"username": "newbie"} | changes))

    assert refused.value.field == field
    assert count(session, User) == before


def test_unknown_roles_and_departments_are_refused(session: Session, plant: Plant):
    for wanted in (wish(plant, "king"), wish(plant, department_id=99_999)):
        with pytest.raises(NotFound):
            ask_for_role(session, actor=plant.viewer, wish=wanted)
    with pytest.raises(Invalid):
        ask_for_role(session, actor=plant.viewer, wish=wish(plant, note="x" * 501))

    assert count(session, RoleRequest) == 0


def test_the_same_wish_stays_one_request(session: Session, plant: Plant):
    first, second = (
        ask_for_role(session, actor=plant.viewer, wish=wish(plant, note=note)) for note in "ab"
    )

    assert first.id == second.id
    assert first.note == "a"


def test_a_role_that_one_has_is_not_asked_for(session: Session, plant: Plant):
    with pytest.raises(AlreadyHeld):
        ask_for_role(session, actor=plant.driver, wish=wish(plant, "forklift_driver"))
    ask_for_role(
        session,
        actor=plant.driver,
        wish=wish(plant, "forklift_driver", department_id=plant.finishing.id),
    )

    assert count(session, RoleRequest) == 1


def test_nobody_asks_without_end(session: Session, plant: Plant):
    for role in ("operator", "stock_keeper", "dept_sk", "plant_manager", "staff"):
        ask_for_role(session, actor=plant.viewer, wish=wish(plant, role))

    with pytest.raises(TooManyRequests):
        ask_for_role(session, actor=plant.viewer, wish=wish(plant, "forklift_driver"))


def test_an_approval_gives_the_role_at_once_until_its_end(session: Session, plant: Plant):
    user = register(session, plant)
    until = now() + timedelta(days=3)

    request = approve_request(
        session,
        actor=plant.admin,
        request_uid=request_of(session, user).uid,
        department_id=plant.hot_rolling.id,
        valid_until=until,
    )

    actor = actor_of(session, user.id)
    assert actor.may(Permission.LEDGER_PRODUCE, department_id=plant.hot_rolling.id)
    assert not actor.may(Permission.LEDGER_PRODUCE, department_id=plant.finishing.id)
    assert actor.home_department_id == plant.hot_rolling.id
    grant = session.get_one(Grant, request.grant_id)
    assert (grant.valid_until, grant.granted_by_id) == (until, plant.admin.user_id)


def test_a_plant_role_is_not_given_everywhere_and_the_request_stays_open(
    session: Session, plant: Plant
):
    request = request_of(session, register(session, plant))

    with pytest.raises(Invalid):
        approve_request(session, actor=plant.admin, request_uid=request.uid, department_id=None)

    assert request.decided_at is None


def test_declining_needs_a_reason_and_gives_nothing(session: Session, plant: Plant):
    user = register(session, plant)
    request = request_of(session, user)

    with pytest.raises(Invalid):
        decline_request(session, actor=plant.admin, request_uid=request.uid, reason="  ")
    decline_request(session, actor=plant.admin, request_uid=request.uid, reason="Not of us.")

    assert (request.decision, request.reason) == ("declined", "Not of us.")
    assert actor_of(session, user.id).scopes == ()
    row = request_by_uid(session, uid=request.uid)
    assert (row.decided_by, row.decision) == ("Ada Admin", "declined")


def test_deciding_again_changes_nothing_and_another_decision_is_refused(
    session: Session, plant: Plant
):
    uid = request_of(session, register(session, plant)).uid
    here = plant.hot_rolling.id
    other = head_of(session, plant, here)
    grants = count(session, Grant)
    for _ in "12":
        approve_request(session, actor=plant.admin, request_uid=uid, department_id=here)

    assert count(session, Grant) == grants + 1
    with pytest.raises(AlreadyDecided, match="Ada Admin approved"):
        approve_request(session, actor=other, request_uid=uid, department_id=here)
    with pytest.raises(AlreadyDecided, match="You approved"):
        decline_request(session, actor=plant.admin, request_uid=uid, reason="No.")
    with pytest.raises(NotFound):
        decline_request(session, actor=plant.admin, request_uid=uuid.uuid4(), reason="No.")


def test_the_head_of_a_department_decides_there_and_nowhere_else(session: Session, plant: Plant):
    here, there = plant.hot_rolling.id, plant.finishing.id
    head = head_of(session, plant, here)
    inside = request_of(session, register(session, plant, "inside"))
    outside = request_of(
        session, register(session, plant, "outside", wish=wish(plant, department_id=there))
    )

    listed = list_open_requests(
        session, among=head.departments_for(Permission.ACCOUNTS_MANAGE), limit=9
    )
    assert [row.uid for row in listed] == [inside.uid]
    assert count_open_requests(session, among={here}) == 1
    assert count_open_requests(session, among=None) == 2
    for act in (
        lambda: approve_request(session, actor=head, request_uid=outside.uid, department_id=there),
        lambda: approve_request(session, actor=head, request_uid=inside.uid, department_id=there),
        lambda: decline_request(session, actor=head, request_uid=outside.uid, reason="No."),
        lambda: approve_request(
            session, actor=plant.manager, request_uid=inside.uid, department_id=here
        ),
    ):
        with pytest.raises(Forbidden):
            act()
    approve_request(session, actor=head, request_uid=inside.uid, department_id=here)
    assert outside.decided_at is None


def test_a_closed_account_gets_no_role(session: Session, plant: Plant):
    user = register(session, plant)
    close_user(session, actor=plant.admin, user_id=user.id)

    with pytest.raises(AccountClosed):
        approve_request(
            session,
            actor=plant.admin,
            request_uid=request_of(session, user).uid,
            department_id=plant.hot_rolling.id,
        )


def test_only_whoever_may_decide_is_written_to(session: Session, plant: Plant):
    here, there = plant.hot_rolling.id, plant.finishing.id
    for name, department in (("head", here), ("stranger", there)):
        head_of(session, plant, department, name)
        user_named(session, name).email = f"{name}@plant.example"
    user_named(session, "admin").email = "ada@plant.example"
    user_named(session, "keeper").email = "keeper@plant.example"
    session.flush()

    assert addresses_of_deciders(session, department_id=here) == [
        "ada@plant.example",
        "head@plant.example",
    ]


def at_once(*acts) -> list[object]:
    """Do all of it at the same time; what each came to, or what it raised."""
    gate = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(index: int) -> None:
        gate.wait()
        try:
            results[index] = acts[index]()
        except DomainError as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_who_decide_at_once_one_is_told(database: Database, plant: Plant):
    here = plant.hot_rolling.id
    uid, other = database.unit_of_work(
        lambda session: (
            request_of(session, register(session, plant)).uid,
            head_of(session, plant, here),
        )
    )

    results = at_once(
        lambda: database.unit_of_work(
            lambda session: approve_request(
                session, actor=plant.admin, request_uid=uid, department_id=here
            )
        ),
        lambda: database.unit_of_work(
            lambda session: decline_request(session, actor=other, request_uid=uid, reason="No.")
        ),
    )

    assert sorted(type(result).__name__ for result in results) == ["AlreadyDecided", "RoleRequest"]
    with database.reader() as session:
        request = session.scalars(sa.select(RoleRequest)).one()
        given = count(session, Grant)
    assert (request.decision == "approved") == (request.grant_id is not None)
    assert given == 7 + (request.decision == "approved")


def test_one_name_that_two_register_at_once_is_one_persons(database: Database, plant: Plant):
    results = at_once(
        *(
            lambda word=word: database.unit_of_work(
                lambda session: register(session, plant, password=f"secret of {word}")
            )
            for word in ("one", "two")
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["User", "UsernameTaken"]


def test_a_form_that_is_sent_twice_at_once_is_one_registration(database: Database, plant: Plant):
    sent = wish(plant, key=uuid.uuid4())

    results = at_once(
        *(
            lambda: database.unit_of_work(lambda session: register(session, plant, wish=sent))
            for _ in range(3)
        )
    )

    assert {result.username for result in results} == {"newbie"}
    with database.reader() as session:
        assert count(session, RoleRequest) == 1
