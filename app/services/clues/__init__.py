"""线索: raised, passed on, verified and settled (DOMAIN 3.6)."""

from app.services.clues.raising import move, raise_clue, urgency_of

__all__ = ["move", "raise_clue", "urgency_of"]
