"""An event that makes the writer fail is kept for review; the rest of its batch is booked."""

import pytest
import sqlalchemy as sa

from app.core.database import Database
from app.core.errors import Busy
from app.core.halving import in_halves
from app.domain.alerts.models import Alert
from app.domain.codes.rules import CodeKind
from app.domain.ledger import posting
from app.domain.sync.booking import Delivery
from app.domain.sync.commands import apply_scan_events, record_failure
from tests.factories.plant import Plant
from tests.factories.scans import Phone, token_of
from tests.factories.stock import assert_books_agree, movement_count, produce_coils

BATCH = 5


@pytest.mark.parametrize("position", range(BATCH))
def test_a_failing_event_at_any_position_fails_alone(
    database: Database, plant: Plant, monkeypatch, position: int
):
    phone = Phone(database, plant.driver)
    coils = [
        token_of(database, CodeKind.UNIT, one) for one in produce_coils(database, plant, BATCH)
    ]
    rack = token_of(database, CodeKind.LOCATION, plant.bin.id)
    events = [phone.event("putaway", coil, rack) for coil in coils]
    delivery = Delivery(phone.device_id, plant.driver.user_id, events[-1].client_time, 0)
    fold = posting.fold

    def failing_fold(books, drafts, actor):
        acts = {draft.act_id for draft in drafts if draft is not None}
        if events[position].act_id in acts:
            raise ZeroDivisionError
        return fold(books, drafts, actor)

    monkeypatch.setattr(posting, "fold", failing_fold)

    outcomes = in_halves(
        events,
        lambda some: database.unit_of_work(
            lambda session: apply_scan_events(session, delivery=delivery, events=some)
        ),
        lambda event, _error: database.unit_of_work(
            lambda session: record_failure(session, delivery=delivery, event=event)
        ),
    )

    verdicts = [outcome.verdict for outcome in outcomes]
    assert verdicts.pop(position) == "review"
    assert verdicts == ["applied"] * (BATCH - 1)
    assert outcomes[position].code == "internal"
    assert movement_count(database) == BATCH
    with database.reader() as session:
        assert session.scalar(sa.select(sa.func.count(Alert.id))) == 1
    assert_books_agree(database)


def test_busy_is_no_fault_of_an_event():
    def attempt(_some):
        raise Busy("try again")

    with pytest.raises(Busy):
        in_halves([1, 2], attempt, lambda item, _error: item)
