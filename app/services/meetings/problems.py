"""What a meeting or a resolution refuses."""

from __future__ import annotations

from app.services.problems import Problem


class MeetingError(Problem):
    """It cannot be done with this meeting or resolution."""


class NotYoursError(MeetingError):
    """Another level writes this record, or somebody else has to check: 403, not a form to mend."""


class StaleError(MeetingError):
    """Somebody else saved, locked or decided meanwhile: 409; nothing was written."""
