"""Every route of the application with a path that can be called."""

import re
import uuid
from dataclasses import dataclass

import pytest
from flask import Flask

NOBODY = uuid.UUID("01931f00-0000-7000-8000-000000000000")


@dataclass(frozen=True)
class Route:
    """One method of one rule, with invented values in its path."""

    endpoint: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: Flask) -> list[Route]:
    found = []
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<uuid:\w+>", str(NOBODY), rule.rule)
        path = re.sub(r"<(?:\w+:)?\w+>", "x", path)
        found.extend(
            Route(rule.endpoint, method, path)
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        )
    return found


@pytest.fixture
def routes(app: Flask) -> list[Route]:
    return routes_of(app)
