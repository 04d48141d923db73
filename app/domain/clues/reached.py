"""The reason a clue of being away and out of reach ends with: a contact, as a code that every language can word."""

from __future__ import annotations

from datetime import date

from app.domain.enums import VisitChannel

_WORD = "reached"


def reached_code(channel: VisitChannel, on: date) -> str:
    """For `Clue.result` and the clue's history. `on`: the civil day in China."""
    return f"{_WORD} {channel.value} {on.isoformat()}"


def read_reached(text: str) -> tuple[VisitChannel, date] | None:
    """What `reached_code` wrote; None for words that somebody typed."""
    parts = text.split(" ")
    if len(parts) != 3 or parts[0] != _WORD:
        return None
    try:
        return VisitChannel(parts[1]), date.fromisoformat(parts[2])
    except ValueError:
        return None
