"""`flask demo load`: a small believable steel plant, through the public commands only.

`flask demo generate`: one of any size, to measure and to try.
"""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from app.cli.demo import generating
from app.cli.demo.history import book_history
from app.cli.demo.people import PEOPLE, give_password, hire_admin, hire_people
from app.cli.demo.places import SITE_CODE, build_places
from app.core.clock import now
from app.core.errors import DomainError
from app.domain.locations.models import Site
from app.domain.reconciliation.commands import seal_ledger
from app.domain.reference import ensure_reference_rows
from app.web.database import get_database

# What `./run` understands as "there is another plant in this database".
NOT_EMPTY = 3

group = AppGroup("demo", help="A plant to look at.")


@group.command("load")
def load() -> None:
    """Load the demo plant into an empty database and print its log-ins.

    Where it is there already, its accounts get the password of the settings.
    """
    secret = current_app.extensions["settings"].demo_password
    if secret is None:
        raise click.ClickException("Set DEMO_PASSWORD to the password of the demo log-ins.")
    password = secret.get_secret_value()
    try:
        get_database().unit_of_work(lambda session: _load(session, password), deadline_seconds=60)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    for person in PEOPLE:
        click.echo(f"  {person.username:<10} {person.name:<16} {person.work}")


@group.command("generate")
@click.option("--units", default=10_000, show_default=True, type=click.IntRange(4, 5_000_000))
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3_650))
def generate(units: int, days: int) -> None:
    """Fill an empty database with a plant of any size: ten postings a roll, sealed."""
    secret = current_app.extensions["settings"].demo_password
    if secret is None:
        raise click.ClickException("Set DEMO_PASSWORD to the password of the demo log-ins.")
    password, database = secret.get_secret_value(), get_database()
    with database.reader() as session:
        if session.scalar(sa.select(sa.func.count(Site.id))):
            raise click.ClickException("This database holds a plant already.")
    counts = database.unit_of_work(
        lambda session: generating.generate(
            session, units=units, days=days, password=password, until=now()
        ),
        deadline_seconds=3_600,
    )
    for what, count in counts.items():
        click.echo(f"  {count:>12,} {what}")
    while database.unit_of_work(seal_ledger, deadline_seconds=60):
        pass
    click.echo("Everything is sealed.")


def _load(session: Session, password: str) -> None:
    sites = set(session.scalars(sa.select(Site.code)))
    if sites and SITE_CODE not in sites:
        click.echo("This database holds another plant; nothing was loaded.", err=True)
        raise click.exceptions.Exit(NOT_EMPTY)
    if sites:
        give_password(session, password)
        return
    load_plant(session, password=password)


def load_plant(session: Session, *, password: str) -> None:
    """Places, people, and what they did over the past days until now."""
    ensure_reference_rows(session)
    admin = hire_admin(session, password=password)
    places = build_places(session, admin)
    actors = hire_people(session, admin=admin, places=places, password=password)
    book_history(session, actors=actors, places=places, at=now())
