"""A key has one effect, and one answer for ever."""

from dataclasses import replace

import pytest

from app.core.clock import now
from app.core.database import Database
from app.domain.ledger import errors
from app.domain.ledger.commands import putaway
from app.domain.ledger.commands.details import Details
from app.domain.ledger.drafts import Key, LineDraft, MovementDraft
from app.domain.ledger.models import Verb
from app.domain.ledger.posting import post_batch
from tests.factories.plant import Plant
from tests.factories.stock import movement_count, produce_coils, stored_coils


def draft(plant: Plant, unit_id: int, location_id: int, key: Key | None = None) -> MovementDraft:
    line = LineDraft(plant.item.id, plant.lot.id, location_id, unit_id=unit_id)
    return MovementDraft(Verb.PUTAWAY, plant.site.id, (line,), now(), key=key)


def test_the_same_request_twice_has_one_effect_and_one_answer(database: Database, plant: Plant):
    coils = produce_coils(database, plant)
    details = Details(key=Key.of("user:1", "form-7", {"coils": coils}))

    def act(session):
        return putaway(
            session,
            actor=plant.driver,
            unit_ids=coils,
            location_id=plant.bin.id,
            details=details,
        )

    first, second = database.unit_of_work(act), database.unit_of_work(act)

    assert (second.movement_id, second.is_replay) == (first.movement_id, True)
    assert movement_count(database) == 2


def test_the_same_key_with_another_payload_is_refused(database: Database, plant: Plant):
    coils = produce_coils(database, plant, 2)

    def act(payload, coil):
        details = Details(key=Key.of("user:1", "form-7", payload))
        return database.unit_of_work(
            lambda session: putaway(
                session,
                actor=plant.driver,
                unit_ids=[coil],
                location_id=plant.bin.id,
                details=details,
            )
        )

    act("one", coils[0])

    with pytest.raises(errors.KeyReused):
        act("another", coils[1])
    assert movement_count(database) == 2


def test_the_same_key_of_another_caller_is_another_key(database: Database, plant: Plant):
    coils = produce_coils(database, plant, 2)
    drafts = [
        draft(plant, coil, plant.bin.id, Key.of(scope, "1", "same"))
        for coil, scope in zip(coils, ("device:1", "device:2"), strict=True)
    ]

    results = database.unit_of_work(lambda session: post_batch(session, drafts, actor=plant.driver))

    assert [result.status for result in results] == ["posted", "posted"]


def test_a_batch_answers_by_index_also_where_a_key_stands_twice(database: Database, plant: Plant):
    coils = produce_coils(database, plant, 2)
    same, other = Key.of("d", "1", "x"), Key.of("d", "1", "y")
    drafts = [
        draft(plant, coils[0], plant.bin.id, same),
        draft(plant, coils[0], plant.bin.id, same),
        draft(plant, coils[1], plant.bin.id, other),
        draft(plant, coils[1], plant.bin.id),
    ]

    results = database.unit_of_work(lambda session: post_batch(session, drafts, actor=plant.driver))

    assert [result.status for result in results] == ["posted", "replayed", "refused", "posted"]
    assert results[0].movement_id == results[1].movement_id
    assert isinstance(results[2].error, errors.KeyReused)
    assert movement_count(database) == 3


def test_a_refusal_is_kept_with_its_key(database: Database, plant: Plant):
    coils = stored_coils(database, plant)
    key = Key.of("d", "1", "x")
    blocked = draft(plant, coils[0], plant.virtual["customer"], key)  # type: ignore[index]

    def act(session):
        return post_batch(session, [blocked], actor=plant.driver)[0]

    first, second = database.unit_of_work(act), database.unit_of_work(act)

    assert first.error is not None
    assert second.error is not None
    assert (second.error.code, second.error.message) == (first.error.code, first.error.message)


def test_a_refused_draft_does_not_stop_the_others(database: Database, plant: Plant):
    coils = produce_coils(database, plant, 2)
    drafts = [
        draft(plant, coils[0], plant.bin.id),
        draft(plant, 999_999, plant.bin.id),
        draft(plant, coils[1], plant.bin.id),
    ]

    results = database.unit_of_work(lambda session: post_batch(session, drafts, actor=plant.driver))

    assert [result.status for result in results] == ["posted", "refused", "posted"]


def test_linked_drafts_are_booked_together_or_not_at_all(database: Database, plant: Plant):
    coils = produce_coils(database, plant, 2)
    drafts = [
        replace(draft(plant, coils[0], plant.bin.id), linked="a"),
        replace(draft(plant, 999_999, plant.bin.id), linked="a"),
        draft(plant, coils[1], plant.bin.id),
    ]

    results = database.unit_of_work(lambda session: post_batch(session, drafts, actor=plant.driver))

    assert [result.status for result in results] == ["refused", "refused", "posted"]
    assert movement_count(database) == 2
