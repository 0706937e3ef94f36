"""The papers say who may call what, and they say what the application does."""

from pathlib import Path

from app.web.rights_table import rights_document


def test_the_printed_table_of_rights_is_that_of_the_application(app):
    printed = Path("docs/rights.md").read_text()

    assert printed == rights_document(app), "Run: flask --app wsgi accounts rights > docs/rights.md"


def test_the_command_prints_the_table(app):
    result = app.test_cli_runner().invoke(args=["accounts", "rights"])

    assert result.exit_code == 0
    assert result.output == rights_document(app)
