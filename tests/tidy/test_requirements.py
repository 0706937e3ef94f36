"""The lists of packages name no place to fetch them from, and every package has its reason."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LISTS = sorted(ROOT.glob("requirements*"))
PLACES = re.compile(r"https?://|file://|--(extra-)?index-url|--find-links|--trusted-host|@ ")


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.name)
def test_no_list_names_a_place_to_fetch_from(path):
    assert PLACES.findall(path.read_text()) == []


@pytest.mark.parametrize("path", [p for p in LISTS if p.suffix == ".txt"], ids=lambda p: p.name)
def test_every_pinned_package_has_hashes(path):
    pins = re.split(r"\n(?=\S)", path.read_text())

    assert [pin.split()[0] for pin in pins if "==" in pin and "--hash=sha256:" not in pin] == []


def asked_for(name):
    lines = (ROOT / name).read_text().splitlines()
    return {re.split(r"[\[<>=]", line)[0] for line in lines if line and not line.startswith("-")}


def test_every_package_that_is_asked_for_has_its_reason():
    explained = re.findall(r"^\| \*?\*?([\w.-]+)", documentation("dependencies"), re.MULTILINE)

    wanted = asked_for("requirements.in") | asked_for("requirements-dev.in")

    assert wanted - set(explained) == set()


def test_every_package_with_a_reason_is_asked_for():
    explained = re.findall(r"^\| ([a-z][\w.-]+) \|", documentation("dependencies"), re.MULTILINE)

    wanted = asked_for("requirements.in") | asked_for("requirements-dev.in") | {"uv", "package"}

    assert set(explained) - wanted == set()


def documentation(name):
    return (ROOT / "docs" / f"{name}.md").read_text()
