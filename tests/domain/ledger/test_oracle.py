"""The engine agrees with a slow and obvious second implementation on random batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.core.database import Database
from app.domain.ledger.drafts import Key, LineDraft, MovementDraft
from app.domain.ledger.models import Balance, Posting, SiteBalance, Verb
from app.domain.ledger.posting import post_batch
from app.domain.units.models import Unit
from tests.factories.plant import Plant
from tests.factories.stock import assert_sums_agree, produce_coils
from tests.support.databases import Databases
from tests.support.oracle import post_sequentially

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
UNITS = 4
LOOSE = ("0.1", "0.2", "0.3", "5")

act = st.fixed_dictionaries(
    {
        "verb": st.sampled_from(["putaway", "transfer", "dispatch", "find", "lose", "shift"]),
        "unit": st.integers(0, UNITS),  # one of them does not exist
        "place": st.integers(0, 3),
        "quantity": st.sampled_from(LOOSE),
        "key": st.one_of(st.none(), st.integers(1, 4)),
        "payload": st.integers(0, 1),
        "linked": st.sampled_from([None, None, None, "pair"]),
    }
)


def draft_of(plant: Plant, coils: list[int], chosen: dict) -> MovementDraft:
    places = [plant.hot_staging, *plant.bins[:3]]
    place = places[chosen["place"]].id
    line = LineDraft(plant.item.id, plant.lot.id, place, unit_id=coils[chosen["unit"]])
    draft = MovementDraft(Verb.PUTAWAY, plant.site.id, (line,), AT, linked=chosen["linked"])
    count = plant.virtual["count"]  # type: ignore[index]
    loose = LineDraft(
        plant.other_item.id, plant.other_lot.id, place, count, Decimal(chosen["quantity"])
    )
    lost = replace(loose, to_location_id=count, from_location_id=place)
    shifted = replace(loose, from_location_id=plant.bins[0].id)
    away = replace(line, to_location_id=plant.virtual["customer"])  # type: ignore[index]
    draft = {
        "putaway": draft,
        "transfer": replace(draft, verb=Verb.TRANSFER),
        "dispatch": replace(draft, verb=Verb.DISPATCH, lines=(away,), partner_id=plant.customer.id),
        "find": replace(draft, verb=Verb.ADJUST, lines=(loose,)),
        "lose": replace(draft, verb=Verb.ADJUST, lines=(lost,)),
        "shift": replace(draft, lines=(shifted,)),
    }[chosen["verb"]]
    if chosen["key"] is not None and chosen["linked"] is None:
        draft = replace(draft, key=Key.of("d", str(chosen["key"]), chosen["payload"]))
    return draft


def state_of(session: Session) -> dict:
    stock = [
        (row.location_id, row.item_id, row.lot_id, row.on_hand)
        for row in session.scalars(sa.select(Balance))
        if row.on_hand
    ]
    of_site = [
        (row.item_id, row.on_hand) for row in session.scalars(sa.select(SiteBalance)) if row.on_hand
    ]
    units = session.execute(
        sa.select(Unit.location_id, Unit.department_id, Unit.state, Unit.partner_id).order_by(
            Unit.id
        )
    )
    lines = session.execute(
        sa.select(
            Posting.unit_id,
            Posting.from_location_id,
            Posting.to_location_id,
            Posting.quantity,
        ).order_by(Posting.id)
    )
    return {
        "balances": sorted(stock),
        "site": sorted(of_site),
        "units": [tuple(row) for row in units],
        "postings": sorted((tuple(row) for row in lines), key=repr),
    }


def outcome_of(result) -> str:
    return result.error.code if result.error else result.status


@pytest.fixture
def twin(databases: Databases, built_plant: tuple[str, Plant]) -> Iterator[Database]:
    """A second database with the same plant, for the oracle."""
    url = databases.create(like=built_plant[0])
    opened = Database(url)
    yield opened
    opened.dispose()
    databases.drop(url)


@contextmanager
def forgotten(database: Database) -> Iterator[Session]:
    """A writing session whose work is rolled back, so that the next example starts afresh."""
    writer = database.engine.execution_options(sqlite_begin="IMMEDIATE")
    with Session(writer) as session:
        yield session
        session.rollback()


def test_the_engine_equals_the_oracle_on_random_batches(
    database: Database, twin: Database, plant: Plant
):
    coils = [*produce_coils(database, plant, UNITS), 999_999]
    produce_coils(twin, plant, UNITS)

    @given(batches=st.lists(st.lists(act, min_size=1, max_size=8), min_size=1, max_size=4))
    def agree(batches):
        with forgotten(database) as engine, forgotten(twin) as oracle:
            for batch in batches:
                drafts = [draft_of(plant, coils, chosen) for chosen in batch]
                results = post_batch(engine, drafts, actor=plant.admin)
                expected = post_sequentially(oracle, drafts, plant.admin.user_id)
                assert [outcome_of(result) for result in results] == expected
            oracle.flush()
            engine.expire_all()
            assert state_of(engine) == state_of(oracle)
            assert_sums_agree(engine)

    agree()
