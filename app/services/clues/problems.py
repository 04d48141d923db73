"""What a clue, a report or a warning refuses: a message with its remedy, at the field it is about."""

from __future__ import annotations

from typing import Any


class ClueError(ValueError):
    """`message`: English msgid with `values` to fill in; `field`: name of the form's field, "" for the whole form."""

    def __init__(self, message: str, field: str = "", **values: Any) -> None:
        super().__init__(message)
        self.message, self.field, self.values = message, field, values


class NotYoursError(ClueError):
    """It lies with another level of the grid."""
