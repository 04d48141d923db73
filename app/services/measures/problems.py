"""Why something cannot be done with a plan or a measure, in words for whoever tried."""

from __future__ import annotations

from typing import Any


class PlanError(ValueError):
    """`message`: English msgid that names the remedy; `values` fill its placeholders; `field`: the form field meant,
    "" for the plan as a whole."""

    def __init__(self, message: str, field: str = "", **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message, self.field, self.values = message, field, values


class NotYourTurnError(PlanError):
    """The check belongs to another level, or to somebody else than who handed the plan in: 403."""
