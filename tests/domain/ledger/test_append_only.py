"""Nobody changes or deletes what is booked or scanned, not even by SQL."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from app.core.database import Database
from app.domain.codes.commands import Labelled, record_reprint
from app.domain.codes.rules import CodeKind
from tests.factories.plant import Plant
from tests.factories.scans import token_of
from tests.factories.stock import assert_books_agree, movement_count, stored_coils

ATTEMPTS = (
    "UPDATE movements SET note = 'other'",
    "DELETE FROM movements",
    "UPDATE postings SET quantity = 1",
    "DELETE FROM postings",
    "UPDATE audit_entries SET action = 'other'",
    "DELETE FROM audit_entries",
    "UPDATE label_acts SET reason = 'other'",
    "DELETE FROM label_acts",
)


def print_again(database: Database, plant: Plant) -> None:
    """One act on a label: triggers look at rows, and an empty table has none."""
    thing = Labelled(CodeKind.LOCATION, plant.bin.id)
    token = token_of(database, thing.kind, thing.subject_id)
    database.unit_of_work(
        lambda session: record_reprint(
            session, actor=plant.keeper, thing=thing, token=token, reason="torn", key=uuid.uuid4()
        )
    )


@pytest.mark.parametrize("statement", ATTEMPTS)
def test_booked_rows_cannot_be_changed_or_deleted(database: Database, plant: Plant, statement: str):
    stored_coils(database, plant)
    print_again(database, plant)

    with pytest.raises(DBAPIError, match="append-only"):
        database.unit_of_work(lambda session: session.execute(sa.text(statement)))

    assert movement_count(database) == 2
    assert_books_agree(database)


def test_a_row_cannot_be_replaced_around_the_triggers(database: Database, plant: Plant):
    stored_coils(database, plant)
    replace = (
        "INSERT OR REPLACE INTO postings SELECT * FROM postings"
        if database.dialect == "sqlite"
        else "TRUNCATE postings"
    )

    with pytest.raises(DBAPIError, match="append-only"):
        database.unit_of_work(lambda session: session.execute(sa.text(replace)))


def test_no_posting_is_without_a_lot(database: Database, plant: Plant):
    stored_coils(database, plant)
    columns = sa.inspect(database.engine).get_columns("postings")

    assert [column["nullable"] for column in columns if column["name"] == "lot_id"] == [False]
