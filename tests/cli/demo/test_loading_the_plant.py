"""`flask demo load`."""

import pytest
import sqlalchemy as sa
from flask import Flask
from pydantic import SecretStr

from app.core.clock import now
from app.core.database import Database
from app.domain.accounts.models import User
from app.domain.accounts.queries import verify_password
from app.domain.ledger.models import Balance, Movement, Posting
from app.domain.locations.models import Location
from app.domain.units.models import Unit, UnitState
from config import Settings
from tests.factories.plant import Plant


@pytest.fixture
def app_settings(app_settings: Settings) -> Settings:
    return app_settings.model_copy(update={"demo_password": SecretStr("first password")})


def load(app: Flask):
    return app.test_cli_runner().invoke(args=["demo", "load"])


def test_the_plant_is_believable_and_its_books_add_up(app: Flask, database: Database):
    result = load(app)

    assert result.exit_code == 0, result.output
    for username in ("admin", "manager", "keeper", "driver", "operator", "deptsk", "viewer"):
        assert username in result.stdout
    with database.reader() as session:
        states = {
            row[0]: row[1]
            for row in session.execute(sa.select(Unit.state, sa.func.count()).group_by(Unit.state))
        }
        assert sum(states.values()) > 120
        assert min(states[UnitState.STORED], states[UnitState.DISPATCHED]) > 30
        assert states[UnitState.PRODUCED] >= 5
        assert session.scalar(sa.select(sa.func.max(Movement.occurred_at))) < now()
        assert _sum_of_postings(session) == session.scalar(sa.select(sa.func.sum(Balance.on_hand)))
        assert verify_password(session, username="driver", password="first password")


def _sum_of_postings(session):
    """What came into real places less what left them."""
    real = sa.select(Location.id).where(~Location.is_virtual)
    into, out = (
        sa.select(sa.func.coalesce(sa.func.sum(Posting.quantity), 0)).where(column.in_(real))
        for column in (Posting.to_location_id, Posting.from_location_id)
    )
    return session.scalar(into) - session.scalar(out)


def test_loading_again_only_gives_the_password_of_the_settings(app: Flask, database: Database):
    load(app)
    with database.reader() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Movement))
    app.extensions["settings"] = app.extensions["settings"].model_copy(
        update={"demo_password": SecretStr("second password")}
    )

    result = load(app)

    assert result.exit_code == 0
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Movement)) == before
        assert verify_password(session, username="driver", password="second password")
        assert not verify_password(session, username="driver", password="first password")


def test_another_plant_is_left_alone(app: Flask, database: Database, plant: Plant):
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE sites SET code = 'PUN'"))

    result = load(app)

    assert result.exit_code == 3
    with database.reader() as session:
        assert session.scalar(sa.select(User.id).where(User.username == "deptsk")) is None


def test_without_a_password_nothing_is_loaded(app: Flask, database: Database):
    app.extensions["settings"] = app.extensions["settings"].model_copy(
        update={"demo_password": None}
    )

    result = load(app)

    assert result.exit_code == 1
    assert "DEMO_PASSWORD" in result.output
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(User)) == 0
