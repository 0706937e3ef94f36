"""Verifying: everything that was sealed, recomputed from the rows as they are now."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.domain.reconciliation.models import Seal, SealLeaf
from app.domain.reconciliation.rules import NOTHING, first_changed, leaf_of, root_of, tree_of
from app.domain.reconciliation.sealing_queries import hash_movements, leaves_of, uids_of

SEALS_AT_ONCE = 500
FOUND_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed, in a sentence."""

    seal_number: int
    sentence: str
    movement_id: int | None = None
    movement_uid: uuid.UUID | None = None
    line_no: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying came to. `root` is the latest one; findings are in the order of the seals."""

    seals: int
    movements: int
    postings: int
    root: str | None
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether everything is as it was sealed."""
        return not self.findings


def verify_ledger(
    session: Session,
    *,
    known_root: str | None = None,
    on_seal: Callable[[Seal], object] | None = None,
) -> Verification:
    """Recompute all seals. `known_root` is one that was kept elsewhere: it must be among them.

    Read it in a snapshot: a seal that is made meanwhile is none of its business.
    """
    seals = movements = postings = 0
    previous, roots = NOTHING, set()
    findings: list[Finding] = []
    for seal in _all_seals(session):
        seals += 1
        movements += seal.movement_count
        postings += seal.posting_count
        roots.add(seal.root)
        findings.extend(islice(_check(session, seal, seals, previous), FOUND_AT_MOST))
        previous = seal.root
        if on_seal is not None:
            on_seal(seal)
        if len(findings) >= FOUND_AT_MOST:
            break
    if known_root is not None and known_root.lower() not in roots and not findings:
        findings.append(Finding(seals, "The root that was kept elsewhere is not among the seals."))
    root = previous if seals else None
    return Verification(seals, movements, postings, root, tuple(findings[:FOUND_AT_MOST]))


def _all_seals(session: Session) -> Iterator[Seal]:
    after = 0
    while True:
        query = sa.select(Seal).where(Seal.number > after).order_by(Seal.number)
        seals = session.scalars(query.limit(SEALS_AT_ONCE)).all()
        yield from seals
        if len(seals) < SEALS_AT_ONCE:
            return
        after = seals[-1].number


def _check(session: Session, seal: Seal, expected: int, previous: str) -> Iterator[Finding]:
    """What is wrong with one seal: its rows first, then its tree and its place in the chain."""
    leaves = leaves_of(session, seal.id)
    yield from _check_rows(session, seal, list(leaves))
    if seal.number != expected:
        yield Finding(seal.number, f"Seal {expected} is missing.")
    if tree_of([one.leaf for one in leaves]) != seal.tree:
        yield Finding(seal.number, f"The hashes kept under seal {seal.number} were changed.")
    root = root_of(
        previous=previous,
        tree=seal.tree,
        number=seal.number,
        epoch=seal.epoch_id,
        movements=seal.movement_count,
    )
    if root != seal.root:
        yield Finding(seal.number, f"Seal {seal.number} does not follow from the one before it.")


def _check_rows(session: Session, seal: Seal, leaves: list[SealLeaf]) -> Iterator[Finding]:
    ids = [one.movement_id for one in leaves]
    now = {one.movement_id: one.row_hashes for one in hash_movements(session, ids)}
    for kept in leaves:
        found = now.get(kept.movement_id)
        if found is None:
            yield Finding(seal.number, f"Movement {kept.movement_id} is gone.", kept.movement_id)
        elif leaf_of(found) != kept.leaf:
            yield _changed(session, seal, kept, found)


def _changed(session: Session, seal: Seal, kept: SealLeaf, found: tuple[str, ...]) -> Finding:
    row = first_changed(kept.row_marks, found)
    uid = uids_of(session, [kept.movement_id]).get(kept.movement_id)
    what = f"Line {row} of movement" if row else "Movement"
    gone = "is gone" if row >= len(found) else "was changed"
    return Finding(
        seal.number,
        f"{what} {kept.movement_id} ({uid}) {gone} after it was sealed.",
        kept.movement_id,
        uid,
        row or None,
    )
