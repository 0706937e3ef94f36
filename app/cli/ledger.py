"""`flask ledger …`: proof that what is booked is as it was booked."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.reconciliation.balance_checks import (
    balance_differences,
    find_wrong_balances,
    find_wrong_site_balances,
    site_differences,
)
from app.domain.reconciliation.commands import begin_epoch, rebuild_balances, seal_ledger
from app.domain.reconciliation.verifying import verify_ledger
from app.web.database import get_database

SEAL_DEADLINE_SECONDS = 60
REBUILD_DEADLINE_SECONDS = 600

group = AppGroup("ledger", help="Seals, and what they prove.")


@group.command("seal")
def seal() -> None:
    """Seal everything that is committed, now."""
    database, movements = get_database(), 0
    while made := database.unit_of_work(seal_ledger, deadline_seconds=SEAL_DEADLINE_SECONDS):
        movements += made.movement_count
    click.echo(f"{movements} movements sealed.")


@group.command("verify")
@click.option("--root", default=None, help="A root that was kept elsewhere.")
def verify(root: str | None) -> None:
    """Recompute every seal from the rows as they are now; fails when one was changed."""
    with get_database().snapshot() as session:
        result = verify_ledger(session, known_root=root and "".join(root.split()))
    for finding in result.findings:
        click.echo(f"Seal {finding.seal_number}: {finding.sentence}")
    click.echo(
        f"{result.seals} seals, {result.movements} movements, {result.postings} postings. "
        f"Root: {result.root or 'none yet'}"
    )
    if not result.is_clean:
        raise click.ClickException("The ledger is not as it was sealed.")


@group.command("begin-epoch")
@click.option("--reason", required=True, help="Why, for example: restored from Tuesday's dump.")
def begin(reason: str) -> None:
    """After a restore: begin a new epoch, which seals by id whatever is not sealed."""
    get_database().unit_of_work(lambda session: begin_epoch(session, actor=None, reason=reason))
    click.echo("A new epoch has begun. The next seal takes whatever is not sealed.")


@group.command("rebuild-balances")
@click.option("--apply", "reason", default=None, metavar="REASON", help="Write it; says why.")
def rebuild(reason: str | None) -> None:
    """Add the whole ledger up beside the balances and show what differs; writes with --apply."""
    with get_database().snapshot() as session:
        lacking = find_wrong_balances(session)
        of_sites = find_wrong_site_balances(session, lacking)
        differences = [
            *balance_differences(session, lacking),
            *site_differences(session, of_sites),
        ]
    for one in differences:
        click.echo(f"{one.subject_key}: {one.found} must be {one.expected}")
    click.echo(f"{len(differences)} balances differ from the ledger.")
    if reason is None or not differences:
        return
    written = get_database().unit_of_work(
        lambda session: rebuild_balances(session, actor=None, reason=reason),
        deadline_seconds=REBUILD_DEADLINE_SECONDS,
    )
    click.echo(f"{sum(written.values())} were written.")
