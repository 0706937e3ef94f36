"""Ratchets: files, functions, views and modules that one can read in a sitting."""

import ast
from pathlib import Path

import pytest

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGEST_VIEW = 25
LONGEST_MODULE = 150
PYTHON = [*Path("app").rglob("*.py"), *Path("runner").rglob("*.py"), *Path().glob("*.py")]
TESTS = list(Path("tests").rglob("*.py"))
VIEWS = list(Path("app/blueprints").rglob("views.py"))
SCRIPTS = list(Path("app/static/js").rglob("*.js"))


def functions_of(path):
    """(name, lines) of each function; a docstring and a decorator are not counted."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            if ast.get_docstring(node) and len(node.body) > 1:
                first = node.body[1]
            yield node.name, node.end_lineno - first.lineno + 1


@pytest.mark.parametrize("path", [*PYTHON, *TESTS], ids=str)
def test_a_file_is_not_a_book(path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_a_function_fits_on_a_screen(path):
    assert [name for name, lines in functions_of(path) if lines > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", VIEWS, ids=str)
def test_a_view_loads_asks_acts_and_answers(path):
    views = [(name, lines) for name, lines in functions_of(path) if not name.startswith("_")]

    assert [name for name, lines in views if lines > LONGEST_VIEW] == []


def test_most_functions_are_short():
    lengths = sorted(lines for path in PYTHON for _, lines in functions_of(path))

    assert lengths[len(lengths) // 2] <= 8
    assert lengths[len(lengths) * 9 // 10] <= 20


@pytest.mark.parametrize("path", PYTHON, ids=str)
def test_a_module_says_what_it_is(path):
    text = path.read_text()

    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", SCRIPTS, ids=str)
def test_a_script_is_a_page_long_and_checked(path):
    lines = path.read_text().splitlines()

    assert len(lines) <= LONGEST_MODULE
    assert any("@ts-check" in line for line in lines[:12])


@pytest.mark.parametrize("path", TESTS, ids=str)
def test_a_test_has_a_name_that_pytest_finds(path):
    """A function with `assert` that is neither test, fixture nor helper is a dead test."""
    if not path.name.startswith("test_"):
        return
    tree = ast.parse(path.read_text())
    called = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute)
    }
    dead = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("test_")
        and not node.decorator_list
        and node.name not in called
    ]

    assert dead == []
