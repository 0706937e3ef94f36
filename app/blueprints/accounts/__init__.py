"""Logging in and out, registering, one's own account; for administrators requests and people."""

from __future__ import annotations

from flask import Blueprint

from app.blueprints.accounts import own, people, registering, requests, resetting, rights, views

blueprint = Blueprint("accounts", __name__)
_add = blueprint.add_url_rule

_add("/login/", "login", views.login)
_add("/login/", "log_in", views.log_in, methods=["POST"])
_add("/logout/", "logout", views.log_out, methods=["POST"])

_add("/register/", "register", registering.register)
_add("/register/", "send_registration", registering.send_registration, methods=["POST"])

_add("/password/<token>/", "new_password", resetting.new_password)
_add("/password/<token>/", "set_password", resetting.set_password, methods=["POST"])

_add("/account/", "own", own.show)
_add("/account/requests", "ask", own.ask, methods=["POST"])
_add("/account/password", "change_password", own.change_password, methods=["POST"])

_add("/requests/roles/", "requests", requests.index)
_add("/requests/roles/<uuid:uid>/", "request", requests.show)
_add("/requests/roles/<uuid:uid>/approval", "approve", requests.approve, methods=["POST"])
_add("/requests/roles/<uuid:uid>/refusal", "decline", requests.decline, methods=["POST"])

_PERSON = "/administration/users/<uuid:uid>/"
_add("/administration/users/", "people", people.index)
_add("/administration/users/new/", "new_person", people.new)
_add("/administration/users/new/", "add_person", people.add, methods=["POST"])
_add(_PERSON, "person", people.show)
_add(f"{_PERSON}rights/", "rights", rights.explain)
_add(f"{_PERSON}grants", "grant", people.grant, methods=["POST"])
_add(f"{_PERSON}revocation", "revoke", people.revoke, methods=["POST"])
_add(f"{_PERSON}closing", "close", people.close, methods=["POST"])
_add(f"{_PERSON}reopening", "reopen", people.reopen, methods=["POST"])
_add(f"{_PERSON}password-link", "password_link", people.password_link, methods=["POST"])
