"""A browser's habits without a browser: forms with their token, logging in."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories.plant import PASSWORD

_TOKEN = re.compile(r'name="csrf[_-]token" (?:value|content)="([^"]+)"')


def csrf_of(page: TestResponse) -> str:
    """The token that a page carries, in its form or its head."""
    return csrf_in(page.text)


def csrf_in(text: str) -> str:
    """The token in the text of a page."""
    found = _TOKEN.search(text)
    assert found, "the page has no CSRF token"
    return found.group(1)


def send_form(client: FlaskClient, path: str, page: str = "/login/", **fields: str) -> TestResponse:
    """POST a form with the token of a page."""
    token = csrf_of(client.get(page))
    return client.post(path, data={"csrf_token": token, **fields})


def log_in(client: FlaskClient, username: str, password: str = PASSWORD) -> TestResponse:
    """Log one of the plant's people in."""
    answer = send_form(client, "/login/", username=username, password=password)
    assert answer.status_code == 303, answer.text
    return answer
