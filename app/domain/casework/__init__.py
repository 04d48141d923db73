"""A case from its opening to its outcome: the ways through a workflow template and the time each step has."""

from app.domain.casework.flow import FAIL, PASS, RETURN, FlowError, Way, find_way, is_outcome, ways
from app.domain.casework.limits import Limit, LimitState, due_at, limit_of

__all__ = [
    "FAIL", "PASS", "RETURN", "FlowError", "Limit", "LimitState", "Way", "due_at", "find_way", "is_outcome", "limit_of",
    "ways",
]  # fmt: skip
