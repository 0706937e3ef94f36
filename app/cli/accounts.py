"""`flask accounts …`: the first account, for whoever holds the machine."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.core.errors import DomainError
from app.domain.accounts import commands
from app.web.database import get_database
from app.web.rights_table import rights_document

group = AppGroup("accounts", help="People who may log in.")


@group.command("create-admin")
@click.argument("username")
@click.option("--name", required=True, help="The person's name, as others see it.")
@click.password_option(help="At least 8 characters; asked for when it is left out.")
def create_admin(username: str, name: str, password: str) -> None:
    """Make an account with every right."""
    try:
        get_database().unit_of_work(
            lambda session: commands.create_admin(
                session, username=username, name=name, password=password, origin="command line"
            )
        )
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{username.strip().lower()} may log in and has every right.")


@group.command("rights")
def rights() -> None:
    """Print which role has which right, and which route asks for it, as `docs/rights.md` shows."""
    click.echo(rights_document(current_app), nl=False)
