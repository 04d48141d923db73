"""What a case refuses."""

from __future__ import annotations

from app.services.problems import Problem


class CaseError(Problem):
    """It cannot be done with this case."""


class NotYoursError(CaseError):
    """The step belongs to another level, or to somebody else than who submitted it: 403, not a form to mend."""
