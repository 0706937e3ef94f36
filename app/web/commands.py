"""Command cards of the scan screen, read from the table that the screen itself reads.

Their codes are the same in every plant: a card works on a device that has no list yet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.core.errors import DomainError
from app.domain.codes.rules import token_in

_TABLE = Path(__file__).parent.parent / "static/js/scan/decision-table.json"


class CommandScanned(DomainError):
    """A command card says something to the scan screen and to nobody else."""

    code = "command_scanned"


@dataclass(frozen=True, slots=True)
class CommandCard:
    """One card: its code, the word that is read from afar, and what it does."""

    token: str
    sign: str
    words: str


@cache
def command_cards() -> tuple[CommandCard, ...]:
    """All of them, in the order in which they are printed."""
    cards = json.loads(_TABLE.read_text(encoding="utf-8"))["commands"]
    return tuple(CommandCard(card["token"], card["sign"], card["words"]) for card in cards)


def refuse_command(text: str) -> None:
    """Raise CommandScanned for the code of a command card."""
    token = token_in(text)
    card = next((card for card in command_cards() if card.token == token), None)
    if card is not None:
        raise CommandScanned(
            f"This is the command card “{card.sign}”. Scan it on the scan screen.", field="code"
        )
