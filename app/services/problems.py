"""Why something cannot be done, in words for whoever tried."""

from __future__ import annotations

from typing import Any


class Problem(ValueError):
    """`message`: English msgid that names the remedy; `values` fill its placeholders; `field`: the form's field meant,
    "" for the whole form."""

    def __init__(self, message: str, field: str = "", **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message, self.field, self.values = message, field, values
