"""`flask ledger`: sealing, verifying, and a new epoch after a restore."""

import sqlalchemy as sa

from tests.factories.stock import assert_books_agree, stored_coils
from tests.support.tampering import behind_the_triggers


def run(app, *words):
    return app.test_cli_runner().invoke(args=["ledger", *words])


def test_a_clean_ledger_is_verified_and_its_root_is_printed(app, database, plant):
    stored_coils(database, plant, 2)

    assert run(app, "seal").output == "2 movements sealed.\n"
    result = run(app, "verify")

    assert result.exit_code == 0
    assert "1 seals, 2 movements, 4 postings." in result.output
    root = result.output.split("Root: ")[1].strip()
    assert run(app, "verify", "--root", root).exit_code == 0
    assert run(app, "verify", "--root", f"{root[:8]} {root[8:]}").exit_code == 0
    assert run(app, "verify", "--root", "ab" * 32).exit_code == 1


def test_a_changed_row_is_named_and_the_command_fails(app, database, plant):
    stored_coils(database, plant)
    run(app, "seal")
    behind_the_triggers(database, "UPDATE postings SET quantity = 7 WHERE movement_id = 2")

    result = run(app, "verify")

    assert result.exit_code == 1
    assert "Seal 1: Line 1 of movement 2" in result.output


def test_a_new_epoch_wants_a_reason(app, database, plant):
    assert run(app, "begin-epoch").exit_code == 2

    result = run(app, "begin-epoch", "--reason", "restored from Tuesday's dump")

    assert result.exit_code == 0
    assert "A new epoch has begun." in result.output


def test_balances_are_rebuilt_beside_and_written_when_asked(app, database, plant):
    stored_coils(database, plant)
    database.unit_of_work(
        lambda session: session.execute(sa.text("UPDATE balances SET on_hand = 0"))
    )

    shown = run(app, "rebuild-balances")

    assert "0 must be 4820.5" in shown.output
    assert "1 balances differ from the ledger." in shown.output
    assert "2 were written" not in shown.output
    assert "1 were written." in run(app, "rebuild-balances", "--apply", "restored").output
    assert_books_agree(database)
    assert "0 balances differ" in run(app, "rebuild-balances").output
