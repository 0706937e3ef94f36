"""Every test is in a layer of `./run test` or is a soak, and every layer has tests."""

from pathlib import Path

from runner.layers import TESTS
from runner.soak import SOAKS

ROOT = Path(__file__).resolve().parents[2]
TESTED = {part for options in TESTS.values() for part in options if part.startswith("tests/")}


def test_every_folder_with_tests_belongs_to_a_layer():
    folders = {
        "/".join(path.relative_to(ROOT).parts[:2]) for path in (ROOT / "tests").rglob("test_*.py")
    }

    assert folders - TESTED - {"tests/tidy", "tests/soak"} == set()


def test_every_layer_has_tests():
    assert [part for part in sorted(TESTED) if not list((ROOT / part).rglob("test_*.py"))] == []


def test_every_soak_is_on_the_list():
    named = {part for _, options in SOAKS.values() for part in options}

    files = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "soak").glob("test_*.py")}
    assert files - named == set()
