"""Accounts as administrators see them, and links for passwords."""

import re

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.domain.accounts.models import Grant, User
from tests.factories.plant import PASSWORD, Plant, user_named
from tests.support.statements import counting_statements
from tests.support.web import csrf_of, log_in, send_form

PEOPLE = "/administration/users/"
SECRET = "a long enough secret"


def path_of(database: Database, username: str) -> str:
    with database.reader() as session:
        return f"{PEOPLE}{user_named(session, username).uid}/"


def act(client, path: str, word: str, **fields: str):
    return send_form(client, f"{path}{word}", page=path, **fields)


@pytest.fixture
def admin(client, plant):
    log_in(client, "admin")
    return client


def test_people_are_found_by_name_and_by_user_name(admin, plant):
    everybody = admin.get(PEOPLE).text
    found = admin.get(f"{PEOPLE}?q=DRIVER").text

    assert "Manager of Hot rolling" in everybody
    assert "Driver of Hot rolling" in found
    assert "Manager of Hot rolling" not in found
    assert "Nobody fits" in admin.get(f"{PEOPLE}?q=nobody-has-this").text
    assert admin.get(f"{PEOPLE}?after=broken").status_code == 422


def test_the_list_costs_the_same_for_any_number_of_people(admin, app, plant, database):
    engine = app.extensions["database"].engine
    with counting_statements(engine) as few:
        admin.get(PEOPLE)
    database.unit_of_work(
        lambda session: session.add_all(
            User(username=f"person{number}", name=f"Person {number:03}") for number in range(60)
        )
    )

    with counting_statements(engine) as many:
        first = admin.get(PEOPLE)

    assert few.count == many.count == 8
    following = re.search(r'href="([^"]+)" rel="next"', first.text).group(1)
    assert "Viewer of Hot rolling" in admin.get(following.replace("&amp;", "&")).text


def test_a_role_is_given_and_ended_with_effect_at_once(app, admin, plant, database):
    viewer = app.test_client()
    log_in(viewer, "viewer")
    path = path_of(database, "viewer")

    given = act(
        admin,
        path,
        "grants",
        role="stock_keeper",
        department=str(plant.hot_rolling.uid),
        valid_until="",
    )
    assert given.location == path
    assert viewer.get("/material-entry/").status_code == 200
    assert "Ada Admin" in admin.get(path).text

    with database.reader() as session:
        grant_id = session.scalar(sa.select(sa.func.max(Grant.id)))
    assert act(admin, path, "revocation", grant=str(grant_id)).location == path
    assert viewer.get("/material-entry/").status_code == 403
    assert "Ended" in admin.get(path).text


def test_a_plant_role_everywhere_is_refused_beside_its_field(admin, plant, database):
    path = path_of(database, "viewer")

    answer = act(admin, path, "grants", role="operator", department="everywhere", valid_until="")

    assert answer.status_code == 422
    assert "The role Operator is given for a department." in answer.text


@pytest.mark.parametrize("grant", ["", "x", "1", "999999"])
def test_only_a_grant_of_this_person_can_be_ended(admin, plant, database, grant):
    with database.reader() as session:
        others = session.scalars(
            sa.select(Grant.id).where(Grant.user_id != plant.viewer.user_id)
        ).all()
    if grant == "1":
        grant = str(others[0])

    answer = act(admin, path_of(database, "viewer"), "revocation", grant=grant)

    assert answer.status_code == 404


def test_a_closed_account_is_out_with_the_next_page(app, admin, plant, database):
    viewer = app.test_client()
    log_in(viewer, "viewer")
    path = path_of(database, "viewer")

    act(admin, path, "closing")
    assert viewer.get("/account/").location.startswith("/login/")
    assert send_form(viewer, "/login/", username="viewer", password=PASSWORD).status_code == 422

    act(admin, path, "reopening")
    log_in(viewer, "viewer")


def test_one_cannot_close_ones_own_account(admin, plant, database):
    path = path_of(database, "admin")

    assert "closing" not in admin.get(path).text
    assert act(admin, path, "closing").status_code == 409
    assert admin.get("/account/").status_code == 200


def test_a_new_person_gets_a_link_sets_a_password_and_logs_in(app, admin, plant, database):
    made = send_form(
        admin,
        f"{PEOPLE}new/",
        page=f"{PEOPLE}new/",
        name="New Person",
        username="newbie",
        email="",
        department=str(plant.hot_rolling.uid),
    )
    shown = act(admin, made.location, "password-link")
    link = re.search(r">http://localhost:8000(/password/[\w-]+/)<", shown.text).group(1)
    person = app.test_client()

    assert shown.headers["Cache-Control"] == "no-store"
    assert link not in admin.get(made.location).text
    for _ in "12":
        page = person.get(link)
        assert "user name <b>newbie</b>" in page.text
    weak = send_form(person, link, page=link, password="newbie", again="newbie")
    assert weak.status_code == 422
    done = send_form(person, link, page=link, password=SECRET, again=SECRET)
    assert (done.status_code, done.location) == (303, "/login/")
    assert "Your password is set." in person.get("/login/").text
    log_in(person, "newbie", SECRET)


def test_a_link_works_once_and_says_so(app, admin, plant, database):
    shown = act(admin, path_of(database, "viewer"), "password-link")
    link = re.search(r"(/password/[\w-]+/)", shown.text).group(1)
    first, second = app.test_client(), app.test_client()
    token = csrf_of(second.get(link))
    send_form(first, link, page=link, password=SECRET, again=SECRET)

    late = second.post(
        link, data={"csrf_token": token, "password": "another one", "again": "another one"}
    )

    assert (late.status_code, second.get(link).status_code) == (404, 404)
    assert "This link was used" in late.text
    log_in(first, "viewer", SECRET)


@pytest.mark.parametrize("token", ["x", "A" * 54, "%00", "é"])
def test_an_invented_link_opens_nothing(client, plant, token):
    answer = client.get(f"/password/{token}/")

    assert answer.status_code == 404
    assert "This link was used" in answer.text


def test_the_log_does_not_keep_links(client, plant, caplog):
    client.get("/password/a-secret-of-somebody/")

    assert "a-secret-of-somebody" not in caplog.text


def test_a_name_that_is_taken_is_refused(admin, plant: Plant):
    answer = send_form(
        admin,
        f"{PEOPLE}new/",
        page=f"{PEOPLE}new/",
        name="Another",
        username="Keeper",
        email="",
        department="",
    )

    assert answer.status_code == 422
    assert "There is a user “keeper” already." in answer.text
