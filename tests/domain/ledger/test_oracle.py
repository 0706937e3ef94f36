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
from app.domain.ledger.drafts import Key, LineDraft, MovementDraft, NewUnit
from app.domain.ledger.models import Balance, Posting, SiteBalance, Verb
from app.domain.ledger.posting import post_batch
from app.domain.reservations.models import Reservation
from app.domain.units.models import Unit
from tests.factories.plant import Plant
from tests.factories.stock import assert_sums_agree, produce_coils
from tests.support.databases import Databases
from tests.support.oracle import post_sequentially

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
UNITS = 4
LOOSE = ("0.1", "0.2", "0.3", "5")

VERBS = (
    "putaway", "transfer", "dispatch", "find", "lose", "shift", "issue", "use_part", "bring_back",
    "scrap", "reserve", "reserve_unit", "unreserve", "weigh_more", "weigh_less", "split",
)  # fmt: skip
act = st.fixed_dictionaries(
    {
        "verb": st.sampled_from(VERBS),
        "unit": st.integers(0, UNITS),  # one of them does not exist
        "place": st.integers(0, 3),
        "quantity": st.sampled_from(LOOSE),
        "key": st.one_of(st.none(), st.integers(1, 4)),
        "payload": st.integers(0, 1),
        "linked": st.sampled_from([None, None, None, "pair"]),
        "order": st.sampled_from([None, "A", "B"]),
    }
)


def draft_of(plant: Plant, coils: list[int], chosen: dict) -> MovementDraft:
    draft = _drafts(plant, coils, chosen)[chosen["verb"]]
    if chosen["key"] is not None and chosen["linked"] is None:
        draft = replace(draft, key=Key.of("d", str(chosen["key"]), chosen["payload"]))
    return draft


def _drafts(plant: Plant, coils: list[int], chosen: dict) -> dict[str, MovementDraft]:
    places = [plant.hot_staging, *plant.bins[:3]]
    place, virtual = places[chosen["place"]].id, plant.virtual
    quantity = Decimal(chosen["quantity"])
    line = LineDraft(plant.item.id, plant.lot.id, place, unit_id=coils[chosen["unit"]])
    draft = MovementDraft(Verb.PUTAWAY, plant.site.id, (line,), AT, linked=chosen["linked"])
    loose = LineDraft(
        plant.other_item.id, plant.other_lot.id, place, virtual["count"], Decimal(quantity)
    )

    def to(kind: str, of=loose, **changes) -> LineDraft:
        origin = place if of is loose else None
        return replace(of, to_location_id=virtual[kind], from_location_id=origin, **changes)

    def book(verb: Verb, *lines: LineDraft, **details) -> MovementDraft:
        if chosen["order"]:
            details |= {"reference_type": "order", "reference_id": chosen["order"]}
        return replace(draft, verb=verb, lines=lines, **details)

    promised = replace(loose, to_location_id=virtual["customer"])
    promised = replace(promised, from_location_id=virtual["customer"])
    gained = replace(line, from_location_id=virtual["measurement"], quantity=quantity)
    child = LineDraft(
        line.item_id, line.lot_id, place, virtual["transformation"], new_unit=NewUnit(quantity)
    )
    for_order = {"reference_type": "order", "reference_id": chosen["order"] or "A"}
    away = {"partner_id": plant.customer.id}
    return {
        "putaway": book(Verb.PUTAWAY, line),
        "transfer": book(Verb.TRANSFER, line),
        "dispatch": book(Verb.DISPATCH, to("customer", line), **away),
        "find": book(Verb.ADJUST, loose),
        "lose": book(Verb.ADJUST, to("count")),
        "shift": book(Verb.PUTAWAY, replace(loose, from_location_id=plant.bins[0].id)),
        "issue": book(Verb.ISSUE, to("production"), to("production")),
        "use_part": book(Verb.CONSUME, to("production", line, quantity=quantity)),
        "bring_back": book(Verb.RETURN, line),
        "scrap": book(Verb.SCRAP, to("scrap", line)),
        "reserve": replace(draft, verb=Verb.RESERVE, lines=(promised,), **for_order),
        "reserve_unit": replace(draft, verb=Verb.RESERVE, lines=(line,), **for_order),
        "unreserve": replace(draft, verb=Verb.UNRESERVE, lines=(promised,), **for_order),
        "weigh_more": book(Verb.TRANSFORM, gained),
        "weigh_less": book(Verb.TRANSFORM, to("measurement", line, quantity=quantity)),
        "split": book(Verb.TRANSFORM, to("transformation", line, quantity=quantity), child),
    }


def state_of(session: Session) -> dict:
    stock = [
        (row.location_id, row.item_id, row.lot_id, row.on_hand)
        for row in session.scalars(sa.select(Balance))
        if row.on_hand
    ]
    of_site = [
        (row.item_id, row.on_hand, row.reserved)
        for row in session.scalars(sa.select(SiteBalance))
        if row.on_hand
    ]
    columns = (Unit.location_id, Unit.department_id, Unit.state, Unit.partner_id, Unit.quantity)
    promised = sa.exists().where(Reservation.id == Unit.reservation_id)
    units = session.execute(sa.select(*columns, promised).order_by(Unit.id))
    promises = session.execute(
        sa.select(Reservation.item_id, Reservation.reference_id, Reservation.open).where(
            Reservation.open > Decimal(0)
        )
    )
    lines = session.execute(
        sa.select(
            Posting.unit_id.is_(None),
            Posting.from_location_id,
            Posting.to_location_id,
            Posting.quantity,
            Posting.reserved_delta,
        ).order_by(Posting.id)
    )
    return {
        "balances": sorted(stock),
        "site": sorted(of_site),
        "units": sorted((tuple(row) for row in units), key=repr),
        "promises": sorted(tuple(row) for row in promises),
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
