"""An area has one name, in the domain, the pages, the jobs, the commands, and the tests."""

from pathlib import Path

import pytest

# What is about the product as a whole and belongs to no area of the trade.
WEB_ONLY = {"dashboard", "health", "api", "scan", "security", "search", "stock", "shell"}
MACHINERY = {"core", "database", "demo", "jobs", "outbox", "schedule"}
SHARED_TEMPLATES = {"errors", "macros", "mail", "print"}
SHARED_SCRIPTS = {"lib", "ui", "scan", "offline"}


def names_in(folder, *, suffix=""):
    path = Path(folder)
    if not path.is_dir():
        return set()
    children = (
        path.glob(f"*{suffix}") if suffix else (one for one in path.iterdir() if one.is_dir())
    )
    return {child.stem for child in children} - {"__init__", "__pycache__", "conftest"}


AREAS = names_in("app/domain")
KNOWN = AREAS | WEB_ONLY | MACHINERY


@pytest.mark.parametrize(
    "folder",
    ["app/blueprints", "tests/domain", "tests/web", "tests/jobs", "tests/cli", "tests/api"],
)
def test_folders_are_named_after_areas(folder):
    assert names_in(folder) - KNOWN == set()


def test_templates_are_sorted_by_area():
    assert names_in("app/templates") - KNOWN - SHARED_TEMPLATES == set()


def test_scripts_are_sorted_by_area():
    assert names_in("app/static/js") - KNOWN - SHARED_SCRIPTS == set()


def test_commands_of_the_shell_are_sorted_by_area():
    assert names_in("app/cli", suffix=".py") - KNOWN == set()


def test_every_area_has_models_and_tests():
    for area in AREAS:
        assert Path("app/domain", area, "models.py").exists(), area
