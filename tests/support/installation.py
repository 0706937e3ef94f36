"""The demo plant as `./run` serves it: its people at their browsers, its books, its codes."""

from __future__ import annotations

import secrets
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy.orm import Session

from app.core.database import Database
from app.domain.accounts.queries import load_actor
from app.domain.catalog.models import Item
from app.domain.codes.models import LabelCode
from app.domain.codes.rules import CodeKind
from app.domain.ledger.commands import NewStock, produce
from app.domain.ledger.drafts import NewUnit
from app.domain.locations.models import Department, Location
from app.domain.lots.commands import register_lot
from app.domain.partners.models import Partner
from app.domain.units.models import Unit
from tests.factories.plant import token_of, user_named
from tests.support.server import DEMO_PASSWORD, Server
from tests.support.watch import Watch

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}


class Installation:
    """A server that may be killed and started again, and browsers that are signed in to it."""

    def __init__(self, browser: Browser, data: Path) -> None:
        self.server = Server(data)
        self.server.start(patience_seconds=120)
        self.database = Database(f"sqlite:///{data / 'rollcall.sqlite3'}")
        self._browser = browser
        self._signed_in: dict[str, Any] = {}

    def close(self) -> None:
        self.database.dispose()
        self.server.close()

    def context(
        self, username: str | None, size: dict[str, int], **options: Any
    ) -> tuple[BrowserContext, Watch]:
        """A browser of its own for this person, and what goes wrong in it."""
        state = self._state_of(username) if username else None
        context = self._browser.new_context(
            base_url=self.server.url,
            viewport=size,
            storage_state=state,
            locale="en-GB",
            has_touch=size == PHONE,
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(15_000)
        return context, Watch(context)

    def address(self, token: str) -> str:
        """What a scanner reads from the label."""
        return f"{self.server.url}/q/{token}"

    def place(self, code: str) -> str:
        """What a scanner reads at this location."""
        return self._label(CodeKind.LOCATION, Location, code)

    def department(self, code: str) -> str:
        return self._label(CodeKind.DEPARTMENT, Department, code)

    def customer(self, code: str) -> str:
        return self._label(CodeKind.PARTNER, Partner, code)

    def new_rolls(self, count: int) -> list[str]:
        """Tokens of new rolls in the arrivals of hot rolling, from today's work."""
        return self.database.unit_of_work(lambda session: _produce(session, count))

    def place_of(self, token: str) -> str:
        """The location where the books have this roll."""
        with self.database.reader() as session:
            unit = sa.select(LabelCode.subject_id).where(LabelCode.token == token)
            place = sa.select(Unit.location_id).where(Unit.id == unit.scalar_subquery())
            code = sa.select(Location.code).where(Location.id == place.scalar_subquery())
            return session.scalars(code).one()

    def _label(self, kind: CodeKind, model: Any, code: str) -> str:
        with self.database.reader() as session:
            subject_id = session.scalars(sa.select(model.id).where(model.code == code)).one()
            return self.address(token_of(session, kind, subject_id))

    def _state_of(self, username: str) -> Any:
        """Log in once for each person: every further browser starts with that cookie."""
        if username not in self._signed_in:
            context = self._browser.new_context(base_url=self.server.url)
            page = context.new_page()
            page.goto("/login/")
            page.get_by_label("User name").fill(username)
            page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/login" not in url)
            self._signed_in[username] = context.storage_state()
            context.close()
        return self._signed_in[username]


def _produce(session: Session, count: int) -> list[str]:
    admin = load_actor(session, user_named(session, "admin").id)
    assert admin is not None
    home_id = session.scalars(sa.select(Department.id).where(Department.code == "HR")).one()
    item_id = session.scalars(sa.select(Item.id).order_by(Item.id).limit(1)).one()
    number = f"T-{secrets.token_hex(4).upper()}"
    lot = register_lot(session, actor=admin, item_id=item_id, number=number)
    stock = NewStock(home_id, item_id, lot.id, [NewUnit(Decimal(4000 + n)) for n in range(count)])
    made = produce(session, actor=admin, stock=stock)
    return [token_of(session, CodeKind.UNIT, unit_id) for unit_id in made.unit_ids]
