"""Why something cannot be done with a meeting or a resolution, in words for whoever tried."""

from __future__ import annotations

from typing import Any


class MeetingError(ValueError):
    """`message`: English msgid that names the remedy, filled by `values`; `field`: the form field meant, "" for the
    whole."""

    def __init__(self, message: str, field: str = "", **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message, self.field, self.values = message, field, values


class NotYoursError(MeetingError):
    """Another level writes this record, or somebody else has to check: 403, not a form to mend."""


class StaleError(MeetingError):
    """Somebody else saved, locked or decided meanwhile: 409; nothing was written."""
