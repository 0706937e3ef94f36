"""Templates: nothing inline, nothing unescaped, fragments with one root, small enough to read."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

TEMPLATES = Path("app/templates")
LONGEST = 150
VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
}  # fmt: skip
BANNED = {
    r"<script(?![^>]*\bsrc=)": "an inline script",
    r"<style\b": "an inline style sheet",
    r"\sstyle\s*=": "a style attribute",
    r"\son[a-z]+\s*=": "an event attribute",
    r"\bhx-on\b": "hx-on",
    r"\bhx-vals\s*=\s*['\"]?js:": "JavaScript in hx-vals",
    r"hx-trigger\s*=\s*\"[^\"]*\[": "a filter in hx-trigger: htmx 2 fires anyway under our policy",
    r"user-scalable\s*=\s*no": "a page that cannot be zoomed",
    r"href\s*=\s*\"javascript:": "a script as an address",
    r"https?://(?!localhost|www\.w3\.org/)": "another host",
}
BANNED_IN_STATEMENTS = {
    r"\|\s*safe\b": "an unescaped value",
    r"autoescape\s+false": "escaping switched off",
}


def templates():
    return sorted(TEMPLATES.rglob("*.html"))


def name(path):
    return path.relative_to(TEMPLATES).as_posix()


def fragments():
    """What a view sends alone; other files with an underscore are only parts of a page."""
    sources = "\n".join(path.read_text() for path in Path("app").rglob("*.py"))
    return [
        path for path in templates() if path.name.startswith("_") and f'"{name(path)}"' in sources
    ]


def without_comments(text):
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("path", templates(), ids=name)
def test_a_template_holds_nothing_that_is_banned(path):
    text = without_comments(path.read_text())
    markup = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    found = [why for pattern, why in BANNED.items() if re.search(pattern, markup, re.IGNORECASE)]
    found += [why for pattern, why in BANNED_IN_STATEMENTS.items() if re.search(pattern, text)]

    assert found == []


@pytest.mark.parametrize("path", templates(), ids=name)
def test_a_template_fits_on_two_screens(path):
    assert len(path.read_text().splitlines()) <= LONGEST


def test_nothing_in_python_calls_a_text_safe():
    found = [
        str(path)
        for path in Path("app").rglob("*.py")
        if re.search(r"\bMarkup\(|\|safe\b|render_template_string", path.read_text())
    ]

    assert found == []


class Roots(HTMLParser):
    """The outermost elements of a template, its statements left out."""

    def __init__(self, text):
        super().__init__()
        self.depth = 0
        self.roots = []
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "x", without_comments(text), flags=re.DOTALL)
        self.feed(re.sub(r"<(\w+)([^>]*)/>", r"<\1\2></\1>", text))

    def handle_starttag(self, tag, attrs):
        if self.depth == 0:
            self.roots.append((tag, dict(attrs)))
        if tag not in VOID:
            self.depth += 1

    def handle_endtag(self, tag):
        if tag not in VOID:
            self.depth -= 1


@pytest.mark.parametrize("path", fragments(), ids=name)
def test_a_fragment_has_one_root_that_can_be_named(path):
    roots = Roots(path.read_text()).roots

    assert len(roots) == 1, [tag for tag, _ in roots]
    assert roots[0][1].get("id"), "the root has no id"


@pytest.mark.parametrize("path", templates(), ids=name)
def test_every_form_that_writes_carries_the_token(path):
    text = without_comments(path.read_text())
    for form in re.findall(r"(?si)<form\b[^>]*method=\"post\".*?</form>", text):
        assert "csrf()" in form or "csrf_token" in form, form[:120]


def test_every_template_has_a_reader():
    sources = [path.read_text() for path in Path("app").rglob("*.py")]
    sources += [path.read_text() for path in templates()]
    everything = "\n".join(sources)

    unread = [name(path) for path in templates() if f'"{name(path)}"' not in everything]
    assert unread == []


def test_macros_say_how_they_are_used():
    for path in (TEMPLATES / "macros").glob("*.html"):
        text = path.read_text()
        usage, _, code = text.partition("#}")
        macros = [
            one.name for one in Environment(autoescape=True).parse(text).find_all(nodes.Macro)
        ]
        for macro in macros:
            is_private = len(re.findall(rf"\b{macro}\(", code)) > 1
            shown = re.search(rf"\b{macro}\(", usage)
            assert is_private or shown, f"{name(path)}: {macro} is not in its usage"
