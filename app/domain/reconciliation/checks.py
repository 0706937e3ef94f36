"""The checks themselves: what each reads, in one snapshot, and what it finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.commit_order import horizon
from app.domain.ledger.models import Balance, Movement, SiteBalance
from app.domain.locations.models import Site
from app.domain.reconciliation import balance_checks as balances
from app.domain.reconciliation.balance_checks import Key
from app.domain.reconciliation.differences import Difference
from app.domain.reconciliation.models import DifferenceKind
from app.domain.reconciliation.promise_checks import (
    find_wrong_promises,
    find_wrong_promises_touched,
)
from app.domain.reconciliation.tile_checks import find_wrong_tiles
from app.domain.reconciliation.unit_checks import find_wrong_units
from app.domain.reconciliation.verifying import Verification, verify_ledger
from app.domain.units.models import Unit


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to."""

    checked: int
    differences: list[Difference]
    root: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedTouched:
    """What a check of what was touched came to, and how the proven balances move on."""

    low: int
    high: int
    delta: dict[Key, int]
    result: Checked


@dataclass(frozen=True, slots=True)
class CheckedAll:
    """A check of everything. `unproven` is read from the same snapshot, so read it to its end."""

    position: int
    unproven: Iterator[tuple[Key, int]]
    result: Checked


def check_touched(session: Session, *, low: int) -> CheckedTouched:
    """Compare what movements touched since `low`; costs as much as was touched."""
    high = max(low, horizon(session, Movement.id))
    touched = balances.read_touched(session, low=low, high=high)
    books = balances.touched_books(session, touched)
    of_sites = balances.touched_site_books(session, touched)
    lacking, sites_lacking = balances.lacking_of(books), balances.lacking_of(of_sites)
    wrong_units = find_wrong_units(session, unit_ids=touched.unit_ids)
    differences = [
        *balances.balance_differences(session, lacking),
        *balances.site_differences(session, sites_lacking),
        *find_wrong_promises_touched(session, low=low, high=high),
        *(one.difference for one in wrong_units),
    ]
    checked = len(books.expected) + len(of_sites.expected) + len(touched.unit_ids)
    return CheckedTouched(low, high, touched.delta, Checked(checked, differences))


def check_day(session: Session, *, site_id: int) -> Checked:
    """Compare what a site's dashboard says with the ledger, and the daily identity."""
    wrong = find_wrong_units(session, site_id=site_id)
    tiles = find_wrong_tiles(session, site_id=site_id, wrong_units=wrong)
    units = sa.select(sa.func.count()).select_from(Unit).where(Unit.site_id == site_id)
    return Checked(session.scalar(units) or 0, [*(one.difference for one in wrong), *tiles])


def check_all(session: Session) -> CheckedAll:
    """Compare every balance, unit, tile and seal with the ledger."""
    position = horizon(session, Movement.id)
    lacking = balances.find_wrong_balances(session)
    of_sites = balances.find_wrong_site_balances(session, lacking)
    wrong = find_wrong_units(session)
    differences = [
        *balances.balance_differences(session, lacking),
        *balances.site_differences(session, of_sites),
        *find_wrong_promises(session),
        *(one.difference for one in wrong),
    ]
    for site_id in session.scalars(sa.select(Site.id).order_by(Site.id)):
        of_site = [one for one in wrong if one.difference.site_id == site_id]
        differences += find_wrong_tiles(session, site_id=site_id, wrong_units=of_site)
    verification = verify_ledger(session)
    differences += _of_seals(verification)
    tail = balances.read_tail(session, high=position)
    return CheckedAll(
        position,
        balances.unproven(session, lacking=lacking, tail=tail),
        Checked(_rows(session), differences, verification.root),
    )


def _of_seals(verification: Verification) -> list[Difference]:
    return [
        Difference(
            DifferenceKind.SEAL,
            f"seal {finding.seal_number}",
            expected="as it was sealed",
            found=finding.sentence[:200],
            suspect_movement_id=finding.movement_id,
        )
        for finding in verification.findings
    ]


def _rows(session: Session) -> int:
    counts = [
        sa.select(sa.func.count()).select_from(model).scalar_subquery()
        for model in (Balance, SiteBalance, Unit)
    ]
    return sum(session.execute(sa.select(*counts)).one())
