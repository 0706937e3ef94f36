"""Errors that a person can act on: a code for programs, a sentence for people, the facts."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """An act that was refused. Nothing of it was written.

    `code` names the cause for programs, `message` is a sentence for people, `field` names the
    input at fault where there is one, `facts` are the numbers in the message.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.facts = facts


class Invalid(DomainError):
    """The input cannot be understood or breaks a rule of form."""

    code = "invalid"
    status = 422


class NotFound(DomainError):
    """There is no such thing, or none that the caller may know of."""

    code = "not_found"
    status = 404


class Forbidden(DomainError):
    """The caller has no right to do this here."""

    code = "forbidden"
    status = 403


class Busy(DomainError):
    """The database could not take the write in time; nothing was written, try again."""

    code = "busy"
    status = 503
