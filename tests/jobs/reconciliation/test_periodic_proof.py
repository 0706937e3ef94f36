"""What the schedule does for proof."""

import sqlalchemy as sa

from app.domain.reconciliation.models import Seal
from app.jobs import reconciliation
from app.jobs.schedule import SCHEDULE
from tests.factories.stock import stored_coils


def test_the_schedule_seals_what_was_booked(database, plant, relay):
    stored_coils(database, plant)

    reconciliation.seal(relay)
    reconciliation.seal(relay)

    with database.reader() as session:
        assert session.scalars(sa.select(Seal.movement_count)).all() == [2]


def test_sealing_is_on_the_list_every_few_minutes():
    entry = next(one for one in SCHEDULE if one.name == "reconciliation.seal")

    assert entry.work is reconciliation.seal
    assert entry.every.total_seconds() == 180
