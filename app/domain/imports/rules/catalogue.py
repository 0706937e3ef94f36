"""What becomes of a row that names an item or a lot. Like the verdicts on rolls: exactly one."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping

from app.domain.imports.models import RowOutcome
from app.domain.imports.rules.cells import shown
from app.domain.imports.rules.columns import Meaning
from app.domain.imports.rules.rows import Layout, Problem, ReadRow
from app.domain.imports.rules.verdicts import (
    Change,
    Known,
    KnownItem,
    Verdict,
    changed_properties,
    refused,
    skipped,
)


def judge_items(
    rows: Iterable[ReadRow],
    *,
    layout: Layout,
    known: Known,
    first_seen: MutableMapping[str, int],
) -> list[Verdict]:
    """A verdict for every item, in the order of the file."""
    verdicts = []
    for row in rows:
        first = first_seen.setdefault(row.item, row.row_no) if row.item else row.row_no
        if first != row.row_no:
            verdicts.append(skipped(row, f"Item {row.item}", first))
        elif problems := (*row.problems, *_of_item(row, layout, known)):
            verdicts.append(refused(row, problems))
        elif row.item in known.items:
            verdicts.append(_compare(row, known.items[row.item]))
        else:
            verdicts.append(Verdict(row, RowOutcome.CREATED, "New item."))
    return verdicts


def judge_lots(
    rows: Iterable[ReadRow],
    *,
    known: Known,
    first_seen: MutableMapping[str, int],
) -> list[Verdict]:
    """A verdict for every lot, in the order of the file."""
    verdicts = []
    for row in rows:
        # No name has this character in it: a row that had is refused.
        key = f"{row.item}\x00{row.lot}"
        first = first_seen.setdefault(key, row.row_no) if row.item and row.lot else row.row_no
        what = f"Lot {row.lot} of {row.item}"
        if first != row.row_no:
            verdicts.append(skipped(row, what, first))
        elif row.problems:
            verdicts.append(refused(row, row.problems))
        elif (row.item, row.lot) in known.lots:
            lot_id = known.lots[row.item, row.lot]
            message = f"{what} is known already."
            verdicts.append(Verdict(row, RowOutcome.UNCHANGED, message, subject_id=lot_id))
        else:
            item = "" if row.item in known.items else ", and the item too"
            verdicts.append(Verdict(row, RowOutcome.CREATED, f"New lot{item}."))
    return verdicts


def _of_item(row: ReadRow, layout: Layout, known: Known) -> Iterable[Problem]:
    if not row.measure:
        return
    column = layout.name_of(Meaning.MEASURE)
    now = known.items.get(row.item)
    if row.measure.casefold() not in known.measures:
        expected = f"one of {', '.join(sorted(known.measures))}"
        yield Problem(column, expected, shown(row.measure))
    elif now is not None and row.measure.casefold() != now.measure:
        # What is in the books is in the measure that it was booked in.
        yield Problem(column, f"{now.measure}, in which it is kept", shown(row.measure))


def _compare(row: ReadRow, now: KnownItem) -> Verdict:
    facts = (
        ("name", now.name, row.name),
        ("usual weight", now.typical, row.typical),
        ("tolerance", now.tolerance, row.tolerance),
    )
    changes = [
        Change(name, "" if before is None else str(before), str(after))
        for name, before, after in facts
        if after not in ("", None) and after != before
    ]
    changes += changed_properties(now.properties, row.properties)
    if changes:
        message = f"Item {row.item} is known; it changes."
        return Verdict(row, RowOutcome.UPDATED, message, (), tuple(changes), now.item_id)
    message = f"Item {row.item} is known already."
    return Verdict(row, RowOutcome.UNCHANGED, message, subject_id=now.item_id)
