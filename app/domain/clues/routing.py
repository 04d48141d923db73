"""Whose inbox a clue lies in, and how long each state may last. Depth 1 is the root of the tree (D0-31, DOMAIN 3.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.enums import ClueState, Urgency
from app.domain.policy.kinds import LevelKind, TimeUnit

# State → code of the policy's time limit; a clue under watch has none, and an ended one needs none.
LIMITS: dict[ClueState, str] = {
    ClueState.PENDING: "clue_intake",
    ClueState.ASSIGNED: "household_check",
    ClueState.VERIFYING: "household_check",
    ClueState.TRANSFERRED: "warning_response",
}
EMERGENCY_LIMIT = "event_visit"
# Where no profile says how long: the product's own choice, shown as such.
SILENT: dict[str, tuple[int, TimeUnit]] = {
    "clue_intake": (2, TimeUnit.WORKDAY),
    "household_check": (2, TimeUnit.WORKDAY),
    "warning_response": (5, TimeUnit.WORKDAY),
    "event_visit": (24, TimeUnit.HOUR),
}
_ORDER = list(LevelKind)


def limit_code(state: ClueState, urgency: Urgency) -> str | None:
    """Which time limit a state has; an emergency is looked into within hours, whatever else is on the table."""
    code = LIMITS.get(state)
    return EMERGENCY_LIMIT if code is not None and urgency is Urgency.EMERGENCY else code


def inbox_depth(kinds: Sequence[LevelKind], level: LevelKind = LevelKind.VILLAGE) -> int:
    """The depth whose inbox is `level`'s, at a unit whose ancestors are of these `kinds`, root first; the unit's own
    depth where the tree has no such level above it."""
    return kinds.index(level) + 1 if level in kinds else len(kinds)


def passable(kinds: Sequence[LevelKind], depth: int, *, up: bool) -> int | None:
    """The depth a clue goes to when it is handed on (up) or back (down); None at the end of the grid. Above the county
    nobody works in this product."""
    to = depth - 1 if up else depth + 1
    if not 1 <= to <= len(kinds) or _ORDER.index(kinds[to - 1]) < _ORDER.index(LevelKind.COUNTY):
        return None
    return to


def covers(levels: Iterable[LevelKind], holder: LevelKind) -> bool:
    """May somebody of these levels act on what lies with `holder`? Their own inbox, and those below it."""
    return any(_ORDER.index(level) <= _ORDER.index(holder) for level in levels)
