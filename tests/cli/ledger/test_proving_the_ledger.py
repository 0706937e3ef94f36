"""`flask ledger`: sealing, verifying, and a new epoch after a restore."""

from tests.factories.stock import stored_coils
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
