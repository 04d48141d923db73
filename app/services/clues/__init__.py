"""线索: raised, passed on, verified and settled (DOMAIN 3.6)."""

from app.services.clues.raising import move, raise_clue, urgency_of
from app.services.clues.routing import appoint, hand, may_act, settle

__all__ = ["appoint", "hand", "may_act", "move", "raise_clue", "settle", "urgency_of"]
