"""The verbs. Each builds drafts, has them posted, and raises what refused them."""

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
from app.domain.ledger.commands.reversing import reverse, reverse_many

__all__ = [
    "Described",
    "Details",
    "NewStock",
    "Placement",
    "Posted",
    "adjust",
    "describe_units",
    "dispatch",
    "produce",
    "produce_many",
    "putaway",
    "putaway_many",
    "receive",
    "reverse",
    "reverse_many",
    "transfer",
]
