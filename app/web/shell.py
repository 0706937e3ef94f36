"""What every template may use: the actor, the rail, addresses, and the strictness of Jinja."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app
from jinja2 import StrictUndefined

from app.core.rights import Permission
from app.extensions import login_manager
from app.web.addresses import has_path, here_with, with_filters
from app.web.assets import Assets
from app.web.current import current_actor, is_signed_in, workplace
from app.web.navigation import bell, may_open, navigation

# In the order of the cascade: tokens fix the layers, so they come first. What only some pages
# need is linked by those pages in their block `styles` (base.html).
DESK_SHEETS = (
    "tokens.css",
    "base.css",
    "components/desk.css",
    *(
        f"components/{name}.css"
        for name in (
            "button", "field", "table", "tile", "badge", "nav", "progress", "dialog", "notice",
            "toast", "page",
        )
    ),
)  # fmt: skip
STATES = ("ok", "pending", "ask", "already", "refused", "quality")
HTMX = {
    # Nothing that the content security policy would refuse, and nothing kept on shared tablets.
    "allowEval": False,
    "includeIndicatorStyles": False,
    "historyCacheSize": 0,
    "selfRequestsOnly": True,
    "timeout": 8000,
    "responseHandling": [
        {"code": "204|304", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


def init_app(app: Flask) -> None:
    """Set Jinja up. Names that are not there are errors, not blanks."""
    # Sessions slide on roaming phones, so a changed address must not log anybody out.
    login_manager.session_protection = None
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = True
    environment.lstrip_blocks = True
    environment.globals.update(
        desk_sheets=DESK_SHEETS,
        states=STATES,
        htmx_config=HTMX,
        Permission=Permission,
        has_path=has_path,
        may_open=may_open,
        here_with=here_with,
        with_filters=with_filters,
        bell=bell,
        navigation=navigation,
        ui_modules=ui_modules,
    )
    app.context_processor(_who_is_there)


def ui_modules() -> list[str]:
    """The shell's own modules, to be fetched together instead of one import after another."""
    assets: Assets = current_app.extensions["assets"]
    entries = ("js/ui/boot.js", "js/ui/theme_first.js")
    # The search box tells a scanner from fingers as the floor does.
    shared = ("js/scan/burst.js", "js/scan/fields.js")
    return [url for url in assets.under("js/ui/", *shared) if not url.endswith(entries)]


def _who_is_there() -> dict[str, Any]:
    return {"actor": current_actor(), "workplace": workplace()} if is_signed_in() else {}
