"""Search, scanned labels and their drawings. Nothing here writes."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request

from app.blueprints.codes.search import address_of, find_exactly, find_groups
from app.core.rights import Permission
from app.domain.codes.queries import MistypedCode, find_code
from app.domain.codes.rules import is_token, parse
from app.web import stock
from app.web.commands import refuse_command
from app.web.current import current_actor
from app.web.database import reading
from app.web.guards import allow, signed_in
from app.web.labels import draw_qr, label_url
from app.web.responses import page


@allow(Permission.STOCK_VIEW)
def search() -> Response:
    """The thing itself for an exact code; else what begins like it."""
    text = request.args.get("q", "")
    found = find_exactly(reading(), text)
    if len(found.targets) == 1:
        _warn(found.warning)
        return make_response(redirect(found.targets[0].href, 303))
    typed = stock.typed()
    return page(
        "codes/search.html",
        text=typed,
        found=found,
        groups=find_groups(reading(), typed) if typed and not found.targets else [],
    )


@signed_in
def follow(token: str) -> Response:
    """From a scanned label to the page of what it stands for."""
    refuse_command(token)
    matches = find_code(reading(), token, None if current_actor().is_superuser else stock.site_id())
    if len(matches) > 1:
        return make_response(redirect(f"/search/?q={token}", 303))
    address = address_of(reading(), matches[0])
    _warn(matches[0].warning)
    return make_response(redirect(address, 303))


def _warn(warning: str | None) -> None:
    """Say on the page of the thing that its label was replaced."""
    if warning:
        flash(warning, "ask")


@signed_in
def drawing(token: str) -> Response:
    """The QR code of a label that exists."""
    candidates = [one.value for one in parse(token).candidates if is_token(one.value)]
    if not candidates:
        raise MistypedCode("This is not a label code.", field="code")
    find_code(reading(), candidates[0], None)
    qr = draw_qr(label_url(candidates[0]))
    response = make_response(render_template("codes/_drawing.svg", qr=qr, token=candidates[0]))
    response.content_type = "image/svg+xml"
    response.cache_control.private = True
    response.cache_control.max_age = 3600
    return response
