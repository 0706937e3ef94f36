"""Whoever works in one site sees no rows of another."""

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.ids import new_uid
from app.domain.accounts.commands import Wish, ask_for_role, create_user, grant_role
from app.domain.accounts.models import RoleRequest
from app.domain.imports.models import ImportKind, ImportRun
from app.domain.locations.commands import open_department, open_site
from tests.factories.plant import PASSWORD_HASH, Plant
from tests.support.web import log_in


def _run(plant: Plant, department, name: str) -> ImportRun:
    return ImportRun(
        kind=ImportKind.UNITS,
        site_id=department.site_id,
        department_id=department.id,
        filename=name,
        file_sha256=new_uid().hex * 2,
        file_bytes=1,
        storage_key=f"imports/{name}",
        created_by_id=plant.admin.user_id,
    )


@pytest.fixture
def east(database: Database, plant: Plant) -> dict[str, object]:
    """An import and a request in each of two sites; the head manages the eastern one."""

    def work(session):
        site = open_site(
            session, actor=plant.admin, code="OST", name="Plant Ostheim", time_zone="UTC"
        )
        hall = open_department(
            session, actor=plant.admin, site_id=site.id, code="OHR", name="Eastern hall"
        )
        user = create_user(session, actor=plant.admin, username="head", name="Head of the east")
        user.password_hash = PASSWORD_HASH
        grant_role(session, actor=plant.admin, user_id=user.id, role_code="admin", site_id=site.id)
        for department in (hall, plant.hot_rolling):
            wish = Wish("operator", department.id, note=f"Let me into {department.code}")
            ask_for_role(session, actor=plant.viewer, wish=wish)
        west, own = _run(plant, plant.hot_rolling, "west.csv"), _run(plant, hall, "east.csv")
        session.add_all([west, own])
        session.flush()
        asked = session.scalars(
            sa.select(RoleRequest.uid).where(RoleRequest.department_id == plant.hot_rolling.id)
        ).one()
        return {"west": west.uid, "east": own.uid, "asked": asked}

    return database.unit_of_work(work)


def test_the_imports_of_another_site_are_not_there(client, east):
    log_in(client, "head")

    page = client.get("/imports/").text

    assert "east.csv" in page
    assert "west.csv" not in page
    assert client.get(f"/imports/{east['east']}/log.csv").status_code == 200
    for path in ("", "log.csv", "progress"):
        assert client.get(f"/imports/{east['west']}/{path}").status_code == 404, path


def test_the_requests_of_another_site_are_decided_by_others(client, east):
    log_in(client, "head")

    page = client.get("/requests/roles/").text

    assert "Let me into OHR" in page
    assert "Let me into HR" not in page
    assert 'count--rail">1' in page
    assert client.get(f"/requests/roles/{east['asked']}/").status_code == 403


def test_a_new_account_is_offered_the_departments_of_ones_own_site(client, east):
    log_in(client, "head")

    page = client.get("/administration/users/new/").text

    assert "Eastern hall" in page
    assert "Finishing" not in page
