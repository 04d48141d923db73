"""What a plan or a measure refuses."""

from __future__ import annotations

from app.services.problems import Problem


class PlanError(Problem):
    """It cannot be done with this plan or measure."""


class NotYourTurnError(PlanError):
    """The check belongs to another level, or to somebody else than who handed the plan in: 403."""
