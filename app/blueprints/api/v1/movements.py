"""Movements that programs book: up to 1,000 at once, each answered at its index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import structlog
from flask import Response, jsonify, request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from app.core.clock import now
from app.core.errors import DomainError, Invalid
from app.core.halving import in_halves
from app.core.rights import Permission
from app.domain.ledger.commands import Details, TypedEntry, book_typed
from app.domain.ledger.commands.typed import TypedResult
from app.domain.ledger.drafts import Key, Result
from app.domain.ledger.entry_queries import EntryText, LineText
from app.domain.ledger.entry_rules import ENDS
from app.domain.ledger.rules import PERMISSION_OF
from app.web.current import current_actor
from app.web.database import unit_of_work
from app.web.guards import allow

log = structlog.get_logger(__name__)
MOST = 1_000
MOST_LINES = 100
LARGEST_BODY = 4 * 1024 * 1024
ENTRY_RIGHTS: tuple[Permission, ...] = tuple(PERMISSION_OF[verb] for verb in ENDS)


def _as_text(value: Any) -> Any:
    """Numbers as they were written; a binary float is its shortest decimal."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


Code = Annotated[str, Field(max_length=8_192)]
Number = Annotated[str, BeforeValidator(_as_text), Field(max_length=40)]


class LineIn(BaseModel):
    """One line: codes as scanned or typed, quantities as text or number."""

    model_config = ConfigDict(extra="forbid")

    unit: Code = ""
    item: Code = ""
    lot: Code = ""
    quantity: Number = ""
    unit_of_measure: Annotated[str, Field(max_length=12)] = ""
    origin: Annotated[Code, Field(alias="from")] = ""
    target: Annotated[Code, Field(alias="to")] = ""
    unit_cost: Number = ""


class MovementIn(BaseModel):
    """One movement. `key` makes a repeat harmless; `linked` ones pass together or not at all."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(min_length=1, max_length=180)]
    verb: Annotated[str, Field(max_length=40)]
    lines: Annotated[list[LineIn], Field(min_length=1, max_length=MOST_LINES)]
    partner: Code = ""
    reference_type: Annotated[str | None, Field(max_length=40)] = None
    reference_id: Annotated[str | None, Field(max_length=80)] = None
    reason: Annotated[str | None, Field(max_length=200)] = None
    note: Annotated[str | None, Field(max_length=1_000)] = None
    occurred_at: AwareDatetime | None = None
    linked: Annotated[str | None, Field(max_length=80)] = None


class MovementsIn(BaseModel):
    """The body: movements in the order in which they happened."""

    model_config = ConfigDict(extra="forbid")

    movements: Annotated[list[MovementIn], Field(min_length=1, max_length=MOST)]


@allow(*ENTRY_RIGHTS)
def book_batch() -> Response:
    """Book movements of the caller's site; one answer each, at the same index."""
    wanted = _read()
    actor = current_actor()
    if actor.site_id is None:
        raise Invalid("Your account belongs to no site, so nothing can be booked there.")
    site_id = actor.site_id

    def attempt(chunk: Sequence[MovementIn]) -> list[TypedResult]:
        entries = [_entry(one, actor.user_id) for one in chunk]
        return unit_of_work(
            lambda session: book_typed(session, actor=actor, site_id=site_id, entries=entries)
        )

    results = in_halves(wanted.movements, attempt, _give_up)
    return jsonify({"results": [_answer(n, one) for n, one in enumerate(results)]})


def _read() -> MovementsIn:
    request.max_content_length = LARGEST_BODY
    try:
        return MovementsIn.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"{place or 'body'}: {first['msg']}.", field=place or None) from error


def _entry(wanted: MovementIn, user_id: int) -> TypedEntry:
    key = Key.of(f"user:{user_id}", wanted.key, wanted.model_dump(mode="json"))
    lines = [LineText(**line.model_dump()) for line in wanted.lines]
    details = Details(
        occurred_at=_not_later_than_now(wanted.occurred_at),
        reference_type=wanted.reference_type,
        reference_id=wanted.reference_id,
        reason=wanted.reason,
        note=wanted.note,
        key=key,
    )
    return TypedEntry(wanted.verb, EntryText(lines, wanted.partner), details, wanted.linked)


def _not_later_than_now(moment: datetime | None) -> datetime | None:
    """What has not happened yet is not booked as if it had."""
    return min(moment, now()) if moment is not None else None


def _give_up(wanted: MovementIn, error: Exception) -> TypedResult:
    """One that makes the writer fail is told alone; nothing of it was written."""
    log.error("movement failed", key=wanted.key, exc_info=error)
    failure = DomainError("This movement could not be booked. Nothing of it was written.")
    failure.code = "internal"
    return TypedResult(Result("refused", error=failure))


def _answer(index: int, typed: TypedResult) -> dict[str, Any]:
    result = typed.result
    status: Literal["posted", "replayed", "unchanged", "refused"] = result.status
    answer: dict[str, Any] = {"index": index, "status": status}
    if result.movement_uid is not None:
        answer["movement"] = str(result.movement_uid)
    if result.error is not None:
        answer |= {
            "code": result.error.code,
            "message": result.error.message,
            "field": result.error.field,
            "line": typed.line,
            "facts": result.error.facts,
        }
    return answer
