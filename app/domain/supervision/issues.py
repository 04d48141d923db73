"""Where an issue may go next, and whether it counts against a unit (D4-17, D4-29)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from app.domain.policy.kinds import FoundBy
from app.domain.supervision.words import IssueState, Verdict

MOVES: dict[IssueState, frozenset[IssueState]] = {
    IssueState.TO_LOOK_AT: frozenset({IssueState.OPEN, IssueState.DISMISSED}),
    IssueState.OPEN: frozenset({IssueState.RECTIFIED, IssueState.DISMISSED}),
    IssueState.RECTIFIED: frozenset({IssueState.CLOSED, IssueState.OPEN, IssueState.DISMISSED}),
    IssueState.CLOSED: frozenset(),
    IssueState.DISMISSED: frozenset(),
}
UNSOLVED = (IssueState.OPEN, IssueState.RECTIFIED)


def may_move(old: IssueState, new: IssueState) -> bool:
    return new in MOVES[old]


def verdict(
    found_by: FoundBy, exempt: Collection[FoundBy], state: IssueState, deadline_on: date, rectified_on: date | None,
    on: date,
) -> Verdict:  # fmt: skip
    """Does it count, as things stand on the civil date `on`? `exempt`: what the rules of the place do not count.

    What was found by oneself is not counted when it was rectified by the deadline and the re-check agreed; while that
    is still possible it is not counted yet (D4-29).
    """
    if state is IssueState.DISMISSED:
        return Verdict.DISMISSED
    if state is IssueState.TO_LOOK_AT:
        return Verdict.UNDECIDED
    if found_by not in exempt:
        return Verdict.COUNTED
    in_time = rectified_on is not None and rectified_on <= deadline_on
    if state is IssueState.CLOSED:
        return Verdict.EXEMPT if in_time else Verdict.COUNTED
    if state is IssueState.RECTIFIED:
        return Verdict.NOT_YET if in_time else Verdict.COUNTED
    return Verdict.NOT_YET if on <= deadline_on else Verdict.COUNTED


def is_overdue(state: IssueState, deadline_on: date, on: date) -> bool:
    """Nothing was reported by the deadline; what waits for its re-check is not the unit's delay."""
    return state is IssueState.OPEN and on > deadline_on
