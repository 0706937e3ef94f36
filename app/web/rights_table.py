"""The table of rights for the papers: role by right, and the routes that ask for each right.

It is made from the seeds of the roles and from the guards of the routes, so it cannot say
anything else than the application does.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask

from app.core.rights import Permission
from app.domain.accounts.rules import ROLE_SEEDS
from app.web.guards import guard_of

_HEAD = """# Who may do what

Made by `flask --app wsgi accounts rights`; a test compares it with the application.
Roles are data: this is how they are when a plant is new. A right holds where its grant says:
everywhere, in a site, or in a department. A transfer asks only where the stock comes from.

## Roles
"""
_WORDS = {
    "public": "anybody",
    "machine": "anybody, without a page's token",
    "signed_in": "whoever is signed in",
    "bearer": "a device with a submit grant",
}


def rights_document(app: Flask) -> str:
    """The whole document, in Markdown."""
    return "\n".join([_HEAD, *_roles(), "\n## Routes\n", *_routes(app), ""])


def _roles() -> Iterable[str]:
    yield f"| right | {' | '.join(role.name for role in ROLE_SEEDS)} |"
    yield f"|---|{'---|' * len(ROLE_SEEDS)}"
    for permission in Permission:
        held = ("✓" if permission in role.permissions else "" for role in ROLE_SEEDS)
        yield f"| `{permission}` | {' | '.join(held)} |"


def _routes(app: Flask) -> Iterable[str]:
    yield "| route | who may call it |"
    yield "|---|---|"
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        guard = guard_of(app.view_functions[rule.endpoint])
        assert guard is not None
        words = " or ".join(f"`{right}`" for right in guard.permissions) or _WORDS[guard.caller]
        methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        yield f"| `{methods} {rule.rule}` | {words} |"
