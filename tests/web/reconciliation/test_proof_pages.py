"""The pages of proof: what differs, settling it, seals to keep elsewhere."""

import pytest
import sqlalchemy as sa

from app.domain.reconciliation.commands import seal_ledger
from app.domain.reconciliation.models import CheckPlan, CheckRun, Discrepancy
from tests.factories.proof import busy_plant, check_everything
from tests.factories.stock import assert_books_agree
from tests.support.statements import counting_statements
from tests.support.web import log_in, send_form


@pytest.fixture
def found(database, plant):
    """A balance that is 1 kg instead of 19,282, found by a check."""
    busy_plant(database, plant)
    database.unit_of_work(
        lambda session: session.execute(
            sa.text("UPDATE balances SET on_hand = 1000000 WHERE location_id = :p"),
            {"p": plant.bin.id},
        )
    )
    check_everything(database)
    return entry_of(database)


def entry_of(database):
    with database.reader() as session:
        return session.scalars(sa.select(Discrepancy)).one()


def test_what_differs_is_listed_with_what_was_expected(client, found):
    log_in(client, "manager")

    listed = client.get("/proof/")
    shown = client.get(f"/proof/{found.uid}/")

    assert "One number differs from the ledger" in listed.text
    assert "FM01A01" in listed.text
    for words in ("The ledger says", "19282", "Look first at", "Write what the ledger says"):
        assert words in shown.text


def test_a_manager_puts_a_number_right(client, database, found):
    log_in(client, "manager")
    path = f"/proof/{found.uid}/"

    answer = send_form(
        client, f"{path}correction", page=path, **{"correction-reason": "disk was full"}
    )

    assert (answer.status_code, answer.location) == (303, path)
    assert_books_agree(database)
    settled = client.get(path).text
    assert "Put right" in settled
    assert "Close it" not in settled
    assert "Nothing differs" in client.get("/proof/").text
    assert "FM01A01" in client.get("/proof/?show=settled").text


def test_a_reason_is_asked_for_beside_its_field(client, database, found):
    log_in(client, "manager")
    path = f"/proof/{found.uid}/"

    for act, field in (("end", "closing-reason"), ("explanation", "explanation")):
        empty = send_form(client, path + act, page=path, **{field: ""})
        short = send_form(client, path + act, page=path, **{field: "x"})
        assert (empty.status_code, short.status_code) == (422, 422)
        assert "Say why in 3 to 500 characters" in short.text

    assert entry_of(database).resolved_at is None


def test_an_explained_entry_is_closed_and_cannot_be_closed_again(client, database, found):
    log_in(client, "manager")
    path = f"/proof/{found.uid}/"
    send_form(client, f"{path}explanation", page=path, explanation="somebody had the console")
    assert "somebody had the console" in client.get(path).text

    send_form(client, f"{path}end", page=path, **{"closing-reason": "rebuilt tonight"})
    again = send_form(client, f"{path}end", page="/proof/", **{"closing-reason": "once more"})

    assert again.status_code == 409
    assert entry_of(database).reason == "rebuilt tonight"


def test_a_keeper_looks_and_does_not_settle(client, found):
    log_in(client, "keeper")

    assert "Write what the ledger says" not in client.get(f"/proof/{found.uid}/").text
    assert "Check everything now" not in client.get("/proof/").text


def test_a_check_is_asked_for_once_and_its_hour_is_changed(client, database, plant):
    log_in(client, "admin")

    for _ in range(2):
        assert send_form(client, "/proof/checks", page="/proof/").status_code == 303
    assert send_form(client, "/proof/plan", page="/proof/", daily_at="nine").status_code == 422
    assert send_form(client, "/proof/plan", page="/proof/", daily_at="06:30").status_code == 303

    assert 'value="06:30"' in client.get("/proof/").text
    with database.reader() as session:
        assert session.scalars(sa.select(CheckRun.kind)).all() == ["manual"]
        assert f"{session.scalar(sa.select(CheckPlan.daily_at)):%H:%M}" == "06:30"


def test_the_files_hold_what_is_shown(client, database, plant, found):
    database.unit_of_work(seal_ledger)
    log_in(client, "manager")

    discrepancies = client.get("/proof/discrepancies.csv", buffered=True).text
    seals = client.get("/proof/seals.csv", buffered=True).text

    assert "balance,on hand in a place,,FM01A01" in discrepancies
    assert ",19282,1," in discrepancies
    root = seals.strip().splitlines()[1].split(",")[-1]
    assert f"<code>{root[:8]}</code> <code>{root[8:16]}</code>" in client.get("/proof/").text


def test_the_page_asks_as_little_for_many_as_for_one(client, database, app, plant, found):
    log_in(client, "manager")
    client.get("/proof/")
    engine = app.extensions["database"].engine
    with counting_statements(engine) as of_one:
        client.get("/proof/")
    database.unit_of_work(lambda s: s.execute(sa.text("UPDATE balances SET on_hand = 7")))
    check_everything(database)
    with counting_statements(engine) as of_many:
        client.get("/proof/")

    assert of_one.count == of_many.count == 9
