"""The papers say what the code does: tables are compared with what they print."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from app.core.rights import Permission
from app.domain.accounts.rules import ROLE_SEEDS
from app.domain.ledger.models import Verb
from app.domain.sync.models import Verdict

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = (ROOT / "docs/offline.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def table_after(text: str, mark: str) -> list[list[str]]:
    """The cells of the table that follows a mark, without its head."""
    rows = [line for line in text.split(mark, 1)[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def test_the_decision_table_is_printed_as_it_is():
    path = ROOT / "app/static/js/scan/decision-table.json"
    rows = json.loads(path.read_text())["rows"]

    printed = table_after(OFFLINE, "<!-- decision table")

    assert printed == [
        [
            row["scanned"],
            ", ".join(row["pending"]),
            row.get("when", ""),
            row.get("mode", ""),
            row["act"],
            row["verb"] or "",
            row["next"],
        ]
        for row in rows
    ]


@pytest.mark.parametrize("verdict", [*Verdict, "duplicate", "conflict"])
def test_every_verdict_is_explained(verdict: str):
    assert f"| `{verdict}` |" in OFFLINE


@pytest.mark.parametrize("verb", Verb)
def test_every_verb_is_a_word_of_the_glossary(verb: Verb):
    assert re.search(rf"\b{verb}\b", (ROOT / "docs/glossary.md").read_text())


def test_every_area_stands_in_the_architecture_in_its_order():
    described = [row[0] for row in table_after(ARCHITECTURE, "Areas, bottom up.")]
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(
        contract["layers"]
        for contract in contracts["contracts"]
        if contract.get("containers") == ["app.domain"]
    )
    areas = [sorted(layer.split(" | ")) for layer in reversed(layers)]

    not_areas = {"reference", "models"}
    assert described == [name for layer in areas for name in layer if name not in not_areas]


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_part_of_a_role(permission: Permission):
    assert any(permission in seed.permissions for seed in ROLE_SEEDS)


@pytest.mark.parametrize("paper", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_a_paper_names_only_files_that_exist(paper: str):
    text = (ROOT / paper).read_text()

    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", text)

    assert [link for link in links if not (ROOT / link).exists()] == []
