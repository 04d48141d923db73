"""Issues: lists by state and finder, what is overdue, and what counts in the assessment (D4-17, D4-29)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.domain.policy.basis import Source
from app.domain.policy.kinds import FoundBy
from app.domain.supervision import issues as rules_of_issues
from app.domain.supervision.words import IssueState, Verdict
from app.extensions import db
from app.models import Evaluation, GridNode, Issue
from app.queries.policy import rules_for
from app.queries.scope import today

OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Judged:
    """`source`: the clause that exempts what one finds oneself, shown beside the verdict."""

    verdict: Verdict
    source: Source


@dataclass(frozen=True, slots=True)
class Filter:
    """`state`: an IssueState, "overdue" or "" for all; `node`: this unit and those below it."""

    state: str = ""
    found_by: FoundBy | None = None
    node: GridNode | None = None
    inspection_id: int | None = None
    household_id: int | None = None


def judge(issue: Issue, on: date | None = None) -> Judged:
    """Does it count, by the rules that hold where it was found on the day it was found?"""
    rule = rules_for(issue.node_id, issue.found_on).assessment
    found = rules_of_issues.verdict(
        issue.found_by, rule.exempt_found_by, issue.state, issue.deadline_on, issue.rectified_on, on or today()
    )
    return Judged(found, rule.source_of("exempt_found_by"))


def list_issues(wanted: Filter, most: int | None = None) -> list[Issue]:
    """The most urgent first: what is open by its deadline, then the rest, the newest first."""
    is_over = Issue.state.in_((IssueState.CLOSED, IssueState.DISMISSED))
    query = select(Issue).where(*_conditions(wanted)).order_by(is_over, Issue.deadline_on, Issue.id.desc())
    return list(db.session.scalars(query if most is None else query.limit(most)))


def count_by_state(wanted: Filter) -> dict[str, int]:
    """{state or "overdue": issues} for the same filter without its state."""
    plain = Filter("", wanted.found_by, wanted.node, wanted.inspection_id, wanted.household_id)
    query = select(Issue.state, func.count(Issue.id)).where(*_conditions(plain)).group_by(Issue.state)
    counts = {state.value: number for state, number in db.session.execute(query)}
    late = select(func.count(Issue.id)).where(*_conditions(plain), *_overdue())
    return {**counts, OVERDUE: db.session.scalar(late) or 0}


def count_overdue() -> int:
    return db.session.scalar(select(func.count(Issue.id)).where(*_overdue())) or 0


def _overdue() -> tuple[ColumnElement[bool], ...]:
    """As domain.supervision.issues.is_overdue says it of one."""
    return Issue.state == IssueState.OPEN, Issue.deadline_on < today()


def _conditions(wanted: Filter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.state == OVERDUE:
        conditions += _overdue()
    elif wanted.state:
        conditions.append(Issue.state == IssueState(wanted.state))
    if wanted.found_by is not None:
        conditions.append(Issue.found_by == wanted.found_by)
    if wanted.node is not None:
        conditions.append(getattr(Issue, f"l{wanted.node.depth}_id") == wanted.node.id)
    if wanted.inspection_id is not None:
        conditions.append(Issue.inspection_id == wanted.inspection_id)
    if wanted.household_id is not None:
        conditions.append(Issue.household_id == wanted.household_id)
    return conditions


def list_for_evaluation(evaluation: Evaluation) -> list[tuple[Issue, Judged]]:
    """Issues found in the evaluated unit within the period, with what the rules make of each (D0-60, D4-29)."""
    query = select(Issue).where(getattr(Issue, f"l{evaluation.node.depth}_id") == evaluation.node_id)
    query = query.where(Issue.found_on >= evaluation.from_on, Issue.found_on <= evaluation.to_on)
    found = db.session.scalars(query.order_by(Issue.found_on, Issue.id))
    return [(issue, judge(issue)) for issue in found]


def is_taken_off(evaluation: Evaluation, issue: Issue) -> bool:
    """The number of the issue stands in the deduction's reason: what is taken back there may be taken off again."""
    return any(str(one.get("reason", "")).startswith(f"{issue.number} ") for one in evaluation.deductions)
