"""The table of GS1 identifiers is made from the dictionary, and is the one in the repository."""

from pathlib import Path

import pytest
from flask import Flask

from app.cli import codes
from app.domain.codes import gs1_table

EXCERPT = """# AI    Flags  Specification                     Attributes
00         *?  N18,csum,gcppos2                  dlpkey                          # SSCC
01         *?  N14,csum,gcppos2                  ex=255,37 dlpkey=22,10,21|235   # GTIN
3100-3105  *?  N6                                req=01,02 ex=310n               # NET WEIGHT (kg)
8008        ?  N6,yymmdd N2,hh [N2],mi [N2],ss   req=01,02,03                    # PROD TIME
8020           X..25                             req=415                         # REF No.
"""


def test_a_line_of_the_dictionary_becomes_form_and_key():
    formats, keys = codes.read_dictionary(EXCERPT)

    assert formats == {
        "*N18,csum": ["00"],
        "*N14,csum": ["01"],
        "*N6": ["3100-3105"],
        "N6,yymmdd N2 [N2] [N2]": ["8008"],
        "X..25": ["8020"],
    }
    assert keys == {"00": "", "01": "22,10,21|235"}


def test_both_languages_have_the_same_table():
    formats = {form: text.split() for form, text in gs1_table.FORMATS.items()}

    assert codes.PYTHON.read_text() == codes.as_python(formats, gs1_table.LINK_KEYS)
    assert codes.SCRIPT.read_text() == codes.as_script(formats, gs1_table.LINK_KEYS)


def test_the_command_writes_both(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(codes, "PYTHON", tmp_path / "table.py")
    monkeypatch.setattr(codes, "SCRIPT", tmp_path / "table.js")
    (tmp_path / "dictionary.txt").write_text(EXCERPT)

    answer = app.test_cli_runner().invoke(
        args=["codes", "generate-gs1-table", str(tmp_path / "dictionary.txt")]
    )

    assert answer.exit_code == 0, answer.output
    assert "Wrote 5 forms" in answer.output
    assert '"*N14,csum": "01"' in (tmp_path / "table.py").read_text()
    assert '"*N14,csum": "01"' in (tmp_path / "table.js").read_text()
