"""The verbs. Each builds drafts, has them posted, and raises what refused them."""

from app.domain.ledger.commands.details import Details, Posted
from app.domain.ledger.commands.entry import (
    NewStock,
    adjust,
    produce,
    produce_many,
    receive,
)
from app.domain.ledger.commands.moving import Placement, dispatch, putaway, putaway_many, transfer
from app.domain.ledger.commands.reversing import reverse

__all__ = [
    "Details",
    "NewStock",
    "Placement",
    "Posted",
    "adjust",
    "dispatch",
    "produce",
    "produce_many",
    "putaway",
    "putaway_many",
    "receive",
    "reverse",
    "transfer",
]
