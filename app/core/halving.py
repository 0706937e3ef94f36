"""Doing a batch although one of its members makes the writer fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from app.core.errors import Busy

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def in_halves(
    items: Sequence[Item],
    attempt: Callable[[Sequence[Item]], list[Answer]],
    give_up: Callable[[Item, Exception], Answer],
) -> list[Answer]:
    """Attempt all items at once; on a failure each half on its own, down to one.

    `attempt` is one transaction that writes everything or nothing. An item that fails alone is
    given to `give_up`; the rest is done. Busy is no fault of an item and passes through.
    """
    try:
        return attempt(items)
    except Busy:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the other items must not suffer
        if len(items) == 1:
            return [give_up(items[0], error)]
    middle = len(items) // 2
    return in_halves(items[:middle], attempt, give_up) + in_halves(items[middle:], attempt, give_up)
