"""What a device may still do with a grant whose owner lost the right to scan, or the password."""

import uuid

import pytest
import sqlalchemy as sa

from app.core.clock import now
from app.core.database import Database
from app.domain.accounts.commands import close_user, set_password
from app.domain.accounts.models import Grant
from tests.factories.plant import Plant
from tests.factories.stock import movement_count
from tests.support.deliveries import bearer, send

READS = (
    "/api/v1/sync/snapshot",
    f"/api/v1/sync/units/{uuid.UUID(int=1)}",
    "/api/v1/sync/outcomes?since=0",
)


def take_the_role(database: Database, plant: Plant) -> None:
    database.unit_of_work(
        lambda session: session.execute(
            sa.update(Grant).where(Grant.user_id == plant.driver.user_id).values(revoked_at=now())
        )
    )


@pytest.mark.parametrize("path", READS)
def test_whoever_may_not_scan_any_more_reads_nothing(client, database, plant, phone, path):
    assert client.get(path, headers=bearer(phone)).status_code in (200, 404)

    take_the_role(database, plant)

    answer = client.get(path, headers=bearer(phone))
    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


def test_what_the_device_still_holds_is_delivered_and_not_booked(
    client, database, plant, phone, coil, rack
):
    event = phone.message("putaway", coil, rack)
    before = movement_count(database)
    take_the_role(database, plant)

    answer = send(client, phone, event)

    assert answer.status_code == 200
    assert answer.json["results"][0]["verdict"] != "applied"
    assert movement_count(database) == before


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("end", ["a new password", "a closed account"])
def test_a_grant_that_has_ended_opens_nothing(client, database, plant, phone, path, end):
    driver = plant.driver.user_id
    database.unit_of_work(
        lambda session: (
            set_password(session, actor=plant.admin, user_id=driver, password="another secret")
            if end == "a new password"
            else close_user(session, actor=plant.admin, user_id=driver)
        )
    )

    assert client.get(path, headers=bearer(phone)).status_code == 401
