"""Rules of the grid's own upkeep: what a unit is made of, what is published of it, what goes to the platform."""

from __future__ import annotations

from app.domain.grid_care.words import LABELS

__all__ = ["LABELS"]
