"""Every route says who may call it, and holds to it."""

import pytest
from flask import Flask

from app.core.rights import Permission
from app.domain.accounts.rules import ROLE_SEEDS
from app.web.guards import SAFE_METHODS, allow, guard_of, init_app, public, signed_in
from tests.support.web import csrf_of, log_in

# Routes that answer before anybody has logged in. Adding one is a decision, so it is made here.
PUBLIC = {
    "static_file", "accounts.login", "accounts.log_in", "accounts.logout",
    "accounts.register", "accounts.send_registration",
    "accounts.new_password", "accounts.set_password",
    "health.healthz", "health.readyz", "health.csp_reports",
}  # fmt: skip
# The floor's shell knows nobody and reads nothing.
PUBLIC_AREAS = ("scan.",)
PEOPLE = {
    "manager": "plant_manager",
    "keeper": "stock_keeper",
    "operator": "operator",
    "driver": "forklift_driver",
    "viewer": "view_only",
}


def guards_of(app, routes):
    return [(route, guard_of(app.view_functions[route.endpoint])) for route in routes]


def test_every_route_says_who_may_call_it(app, routes):
    silent = [str(route) for route, guard in guards_of(app, routes) if guard is None]

    assert silent == []


def test_only_the_known_routes_are_open_to_everybody(app, routes):
    open_to_all = {
        route.endpoint
        for route, guard in guards_of(app, routes)
        if guard.caller in ("public", "machine")
    }

    unexpected = {
        endpoint for endpoint in open_to_all - PUBLIC if not endpoint.startswith(PUBLIC_AREAS)
    }
    assert unexpected == set()


def test_without_a_session_every_page_leads_to_the_log_in(client, app, routes):
    for route, guard in guards_of(app, routes):
        if guard.caller != "signed_in" or route.method != "GET":
            continue
        answer = client.get(route.path, headers={"Accept": "text/html"})
        if route.path.startswith("/api/"):
            assert answer.status_code == 401, route
        else:
            assert answer.status_code == 303, route
            assert answer.location.startswith("/login/"), route


def test_without_a_grant_no_device_is_let_in(client, app, routes):
    bearers = [route for route, guard in guards_of(app, routes) if guard.caller == "bearer"]

    for route in bearers:
        for headers in ({}, {"Authorization": "Bearer made-up"}, {"Authorization": "Basic YTpi"}):
            answer = client.open(route.path, method=route.method, headers=headers)
            assert answer.status_code == 401, route
            assert answer.content_type == "application/problem+json", route
            assert "bearer" in answer.headers["WWW-Authenticate"].lower(), route


def test_everything_that_writes_wants_the_token_of_the_page(client, plant, app, routes):
    log_in(client, "admin")

    for route, guard in guards_of(app, routes):
        if route.method in SAFE_METHODS or guard.caller in ("bearer", "machine"):
            continue
        answer = client.open(route.path, method=route.method)
        assert answer.status_code == 400, route
        assert "This page was open for too long" in answer.text, route


@pytest.mark.parametrize("username", sorted(PEOPLE))
def test_a_role_is_refused_exactly_where_it_lacks_the_right(client, plant, app, routes, username):
    role = next(seed for seed in ROLE_SEEDS if seed.code == PEOPLE[username])
    log_in(client, username)
    token = csrf_of(client.get("/nothing-here"))

    for route, guard in guards_of(app, routes):
        if guard.caller != "signed_in" or not guard.permissions:
            continue
        headers = {} if route.method in SAFE_METHODS else {"X-CSRFToken": token}
        answer = client.open(route.path, method=route.method, headers=headers, buffered=True)
        may = bool(role.permissions & set(guard.permissions))
        assert (answer.status_code != 403) is may, (route, answer.status_code)


def test_an_administrator_is_let_in_everywhere(client, plant, app, routes):
    log_in(client, "admin")

    for route, guard in guards_of(app, routes):
        if guard.caller == "signed_in" and route.method == "GET":
            assert client.get(route.path, buffered=True).status_code not in (401, 403, 500), route


def bare_app(view):
    app = Flask(__name__)
    app.config.update(SECRET_KEY="x" * 40, WTF_CSRF_CHECK_DEFAULT=False)
    app.add_url_rule("/", "view", view)
    init_app(app)
    return app


def test_a_view_that_says_nothing_is_shut():
    app = bare_app(lambda: "open")

    app.testing = True

    with pytest.raises(RuntimeError, match="view does not say who may call it"):
        app.test_client().get("/")


def test_a_guard_is_the_last_word_of_a_view():
    @allow(Permission.STOCK_VIEW, Permission.IMPORTS_RUN)
    def view():
        return ""

    assert guard_of(view).permissions == (Permission.STOCK_VIEW, Permission.IMPORTS_RUN)
    assert guard_of(signed_in(lambda: "")).permissions == ()
    assert guard_of(public(lambda: "")).caller == "public"
