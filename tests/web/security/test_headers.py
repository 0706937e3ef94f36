"""What every answer carries, and whom the application believes."""

import secrets

import pytest
import sqlalchemy as sa

from app import create_app
from app.web.guards import guard_of
from app.web.security import HEADERS
from tests.support.web import log_in


def test_every_answer_carries_the_headers(client, plant, routes):
    log_in(client, "admin")

    for route in routes:
        answer = client.open(route.path, method=route.method, buffered=True)
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (route, name)
        assert answer.headers["Cache-Control"], route
        assert answer.headers["X-Request-ID"], route


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    policy = HEADERS["Content-Security-Policy"]

    assert "unsafe-inline" not in policy
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy.replace("https://", "http")


def test_pages_of_people_are_not_kept_by_browsers(client, plant):
    log_in(client, "manager")

    assert client.get("/").headers["Cache-Control"] == "no-store"
    assert client.get("/login/").headers["Cache-Control"] == "no-store"


def test_files_are_kept_for_ever(client, app):
    url = app.extensions["assets"].url("css/tokens.css")

    with client.get(url) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_https_is_insisted_on_where_it_is_used(client):
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    answer = client.get("/healthz", base_url="https://localhost")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_over_https_the_cookie_is_for_https_only(app_settings):
    app = create_app(app_settings.model_copy(update={"session_cookie_secure": True}))

    cookie = app.test_client().get("/login/", base_url="https://localhost").headers["Set-Cookie"]

    assert "Secure" in cookie


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:8000@evil"])
def test_an_unknown_host_name_is_refused(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 400


def test_forwarded_headers_are_believed_only_behind_proxies(app_settings):
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    straight = create_app(app_settings)
    behind = create_app(app_settings.model_copy(update={"trusted_proxies": 1}))

    assert (
        "Strict-Transport-Security"
        not in straight.test_client().get("/healthz", headers=headers).headers
    )
    assert (
        "Strict-Transport-Security" in behind.test_client().get("/healthz", headers=headers).headers
    )


def test_a_request_keeps_a_sensible_id_and_gets_one_instead_of_a_strange_one(client):
    kept = client.get("/healthz", headers={"X-Request-ID": "caddy-0123456789"})
    replaced = client.get("/healthz", headers={"X-Request-ID": 'a b"c'})

    assert kept.headers["X-Request-ID"] == "caddy-0123456789"
    assert len(replaced.headers["X-Request-ID"]) == 32


def test_a_report_of_a_browser_is_logged_and_thrown_away(client, caplog):
    answer = client.post("/csp-reports", data='{"csp-report": {"blocked-uri": "inline"}}')

    assert answer.status_code == 204
    assert "blocked-uri" in caplog.text


def test_building_the_application_asks_the_database_nothing(app_settings):
    broken = app_settings.model_copy(
        update={"database_url": "sqlite:////nowhere/at/all.sqlite3", "redis_url": "unix:///no"}
    )

    app = create_app(broken)

    assert guard_of(app.view_functions["health.healthz"]).caller == "public"
    assert app.test_client().get("/healthz").status_code == 200
    with pytest.raises(sa.exc.OperationalError):
        app.extensions["database"].engine.connect()


def test_a_cookie_of_another_key_opens_nothing(client, plant, app_settings):
    other = create_app(
        app_settings.model_copy(
            update={"secret_key": type(app_settings.secret_key)(secrets.token_urlsafe(48))}
        )
    ).test_client()
    log_in(other, "admin")
    stolen = other.get_cookie("rollcall_session").value

    client.set_cookie("rollcall_session", stolen)

    assert client.get("/").status_code == 303
