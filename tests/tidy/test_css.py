"""The style sheets: equal dark themes, colours only in the tokens, light enough to send."""

import re
from pathlib import Path

import pytest

from app.blueprints.scan.shell import FLOOR_STYLES
from app.web.shell import DESK_SHEETS

CSS = Path("app/static/css")
TEMPLATES = Path("app/templates")
SCRIPTS = Path("app/static/js")
HEAVIEST_FACE = 30 * 1024
FACES = {
    "desk": [CSS / sheet for sheet in DESK_SHEETS],
    "floor": [Path("app/static") / sheet for sheet in FLOOR_STYLES],
}
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab)a?\(", re.IGNORECASE)
LAYERS = {"tokens", "reset", "base", "layout", "components", "utilities"}


def sheets():
    return sorted(CSS.rglob("*.css"))


def weight(paths):
    return sum(sheet.stat().st_size for sheet in paths)


def desk_pages():
    return [
        path for path in sorted(TEMPLATES.rglob("*.html"))
        if '{% extends "base.html" %}' in path.read_text()
        and "{#  The desk shell" not in path.read_text()
    ]  # fmt: skip


def whole(path):
    """A template with what it includes and imports."""
    text = path.read_text()
    parts = re.findall(r'\{% (?:include|from|extends) "([^"]+)"', text)
    return text + "".join(
        whole(TEMPLATES / part) for part in parts if not part.startswith(("base", "macros/"))
    )


def own_sheets(path):
    """What the page links beside the desk's own sheets: its block `styles`, else the default."""
    text = whole(path)
    if "{% block styles %}" not in path.read_text():
        return [CSS / "components" / f"{name}.css" for name in ("rack", "timeline", "stock")]
    names = re.findall(r"asset\('css/([\w/]+\.css)'\)", text)
    return [CSS / name for name in dict.fromkeys(names)]


def declarations(text, opening):
    """What stands in the block that begins with `opening`, one declaration a line."""
    start = text.index(opening) + len(opening)
    block = text[start : text.index("}", start)]
    return sorted(part.strip() for part in re.split(r";\s*", block) if part.strip())


def test_both_dark_themes_hold_the_same_values():
    tokens = (CSS / "tokens.css").read_text()

    by_device = declarations(tokens, ':root:not([data-theme="light"]) {')
    by_choice = declarations(tokens, ':root[data-theme="dark"] {')

    assert len(by_device) > 20
    assert by_device == by_choice


def test_every_dark_value_has_a_light_one():
    tokens = (CSS / "tokens.css").read_text()
    light = declarations(re.sub(r"/\*.*?\*/", "", tokens, flags=re.DOTALL), "  :root {")
    names = {line.split(":")[0] for line in light}
    dark = {line.split(":")[0] for line in declarations(tokens, ':root[data-theme="dark"] {')}

    assert dark - names == set()


@pytest.mark.parametrize("sheet", sheets(), ids=lambda path: path.name)
def test_colours_are_named_only_among_the_tokens(sheet):
    if sheet.name == "tokens.css":
        return
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    # A label is black on white in every theme; scanners read nothing else.
    found = [hit for hit in COLOUR.findall(text) if hit.lower() not in ("#fff", "#000")]

    assert found == []


@pytest.mark.parametrize("sheet", sheets(), ids=lambda path: path.name)
def test_every_rule_lies_in_a_layer_and_none_shouts(sheet):
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)

    assert set(re.findall(r"@layer (\w+) \{", text)) <= LAYERS
    assert "@layer" in text
    assert "!important" not in text


@pytest.mark.parametrize("face", sorted(FACES))
def test_a_face_stays_light(face):
    assert weight(FACES[face]) <= HEAVIEST_FACE


@pytest.mark.parametrize("path", desk_pages(), ids=str)
def test_a_page_with_its_own_sheets_stays_light(path):
    assert weight(FACES["desk"] + own_sheets(path)) <= HEAVIEST_FACE


@pytest.mark.parametrize("path", desk_pages(), ids=str)
def test_a_page_links_the_sheets_of_what_it_draws(path):
    text = whole(path)
    needed = {"rack.css": "macros/racks.html", "timeline.css": 'class="timeline'}

    linked = {sheet.name for sheet in own_sheets(path)}
    assert {sheet for sheet, sign in needed.items() if sign in text} - linked == set()


def test_every_sheet_is_linked():
    linked = {path.resolve() for paths in FACES.values() for path in paths}
    linked |= {path.resolve() for page in desk_pages() for path in own_sheets(page)}
    pages = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    orphans = [
        sheet.name
        for sheet in sheets()
        if sheet.resolve() not in linked and sheet.relative_to(CSS).as_posix() not in pages
    ]

    assert orphans == []


def test_every_class_is_used():
    """A class that no page uses is weight on every page."""
    sources = [
        path.read_text()
        for folder, pattern in ((TEMPLATES, "*.html"), (SCRIPTS, "*.js"), (Path("app"), "*.py"))
        for path in folder.rglob(pattern)
    ]
    words = set(re.findall(r"[\w-]+", " ".join(sources)))
    defined = {
        name
        for sheet in sheets()
        for name in re.findall(
            r"\.([a-z][\w-]*)", re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        )
    }

    assert sorted(defined - words) == []
