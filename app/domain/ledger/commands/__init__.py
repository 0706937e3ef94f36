"""The verbs. Each builds drafts, has them posted, and raises what refused them."""

from app.domain.ledger.commands.booking import (
    Entry,
    book,
    book_many,
    new_group,
    send_to_site,
)
from app.domain.ledger.commands.crossing import arrive, bring_back
from app.domain.ledger.commands.describing import Described, describe_units
from app.domain.ledger.commands.details import Details, Posted
from app.domain.ledger.commands.entry import (
    NewStock,
    adjust,
    produce,
    produce_many,
    receive,
)
from app.domain.ledger.commands.moving import Placement, dispatch, putaway, putaway_many, transfer
from app.domain.ledger.commands.reserving import Wish, release, release_expired, reserve
from app.domain.ledger.commands.reversing import reverse, reverse_many
from app.domain.ledger.commands.transforming import merge, split, take_part, weigh
from app.domain.ledger.commands.typed import TypedEntry, book_typed

__all__ = [
    "Described",
    "Details",
    "Entry",
    "NewStock",
    "Placement",
    "Posted",
    "TypedEntry",
    "Wish",
    "adjust",
    "arrive",
    "book",
    "book_many",
    "book_typed",
    "bring_back",
    "describe_units",
    "dispatch",
    "merge",
    "new_group",
    "produce",
    "produce_many",
    "putaway",
    "putaway_many",
    "receive",
    "release",
    "release_expired",
    "reserve",
    "reverse",
    "reverse_many",
    "send_to_site",
    "split",
    "take_part",
    "transfer",
    "weigh",
]
