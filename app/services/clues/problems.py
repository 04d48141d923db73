"""What a clue, a report or a warning refuses."""

from __future__ import annotations

from app.services.problems import Problem


class ClueError(Problem):
    """It cannot be done with this clue, report or warning."""


class NotYoursError(ClueError):
    """It lies with another level of the grid."""
