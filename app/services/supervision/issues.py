"""问题: handed out with a deadline, rectified with evidence, checked again by somebody else, struck off (D4-17)."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.domain.grid_care.photos import PhotoError, clean
from app.domain.msgids import N_
from app.domain.policy.kinds import FoundBy
from app.domain.supervision.issues import may_move
from app.domain.supervision.words import IssueSeverity, IssueState, IssueStepKind, Verdict
from app.domain.transitions import InvalidTransition
from app.extensions import clock
from app.models import Case, Evaluation, GridNode, Household, Inspection, Issue, IssueStep, Visit
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.supervision.inspections import CATEGORIES
from app.queries.supervision.issues import is_taken_off, judge
from app.services.worker_files import evaluations
from app.services.worker_files.refusals import Refused, Trouble, refuse

LONGEST = 1000
OWN_FINDINGS = (FoundBy.SELF_CHECK, FoundBy.APPLICATION)
UPPER_DEPTH = 2  # the county and its townships


@dataclass(frozen=True, slots=True)
class Raised:
    """What is needed to hand an issue out. A household, case or visit decides where it lies; else `node` does."""

    category: str
    severity: str
    found_by: str
    words: str
    found_on: date | None
    deadline_on: date | None
    node: GridNode | None = None
    household: Household | None = None
    case: Case | None = None
    visit: Visit | None = None
    inspection: Inspection | None = None


def raise_issue(session: Any, given: Raised, *, is_demo: bool = False) -> Issue:
    """Hand it out. Raises Refused with everything that is wrong, ScopeError outside the area."""
    household = _household_of(given)
    node_id = household.node_id if household is not None else given.node.id if given.node is not None else None
    troubles = _troubles(given, node_id)
    if troubles or node_id is None or given.found_on is None or given.deadline_on is None:
        raise Refused(troubles)
    row = Issue(node_id=node_id, household=household, household_id=household.id if household else None,
                case_id=given.case.id if given.case else None, visit_id=given.visit.id if given.visit else None,
                inspection=given.inspection, inspection_id=given.inspection.id if given.inspection else None,
                category=given.category, severity=IssueSeverity(given.severity), found_by=FoundBy(given.found_by),
                found_on=given.found_on, deadline_on=given.deadline_on, words=given.words.strip(),
                raised_by_id=current_access().user_id, is_demo=is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    row.number = f"WT{given.found_on.year}-{row.id:06d}"
    _note(session, row, IssueStepKind.RAISED, "")
    return row


def report(session: Any, visit: Visit, category: str, words: str, days: int) -> Issue:
    """A household said otherwise than the record. To be looked at by a person: until then it counts nowhere. For the
    hotline, whose calls have nobody to show a refusal to."""
    on = today()
    row = Issue(node_id=visit.node_id, household_id=visit.household_id, household=visit.household, visit_id=visit.id,
                category=category, severity=IssueSeverity.GENERAL, found_by=FoundBy.INSPECTION, found_on=on,
                deadline_on=on + timedelta(days=days), words=words, state=IssueState.TO_LOOK_AT,
                is_demo=visit.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    row.number = f"WT{on.year}-{row.id:06d}"
    _note(session, row, IssueStepKind.REPORTED, "")
    return row


def accept(session: Any, issue_id: int, seen: int, words: str) -> Issue:
    """Somebody looked at what a household said: it is an issue, to be rectified. Raises InvalidTransition, Refused."""
    row = _at(session, issue_id, seen, IssueState.OPEN)
    if row.state is not IssueState.TO_LOOK_AT:
        raise InvalidTransition(row.state, IssueState.OPEN)
    if troubles := _words(words):
        raise Refused(troubles)
    row.state = IssueState.OPEN
    _note(session, row, IssueStepKind.ACCEPTED, words)
    return row


def _household_of(given: Raised) -> Household | None:
    for other in (given.visit, given.case):
        if other is not None:
            return other.household
    return given.household


def _troubles(given: Raised, node_id: int | None) -> dict[str, Trouble]:
    troubles: dict[str, Trouble] = {}
    if node_id is None:
        troubles["unit"] = Trouble(N_("Choose the unit that is to rectify it."))
    known = rules_for(node_id, today()).codes.get(CATEGORIES, ()) if node_id is not None else ()
    if node_id is not None and given.category not in {code.code for code in known}:
        troubles["category"] = Trouble(N_("Choose one from the list."))
    if given.severity not in set(IssueSeverity):
        troubles["severity"] = Trouble(N_("Choose one from the list."))
    if given.found_by not in set(FoundBy):
        troubles["found_by"] = Trouble(N_("Choose one from the list."))
    elif given.found_by not in OWN_FINDINGS and not inspects():
        troubles["found_by"] = Trouble(N_("A village enters what it found itself or what people applied for."))
    troubles |= _words(given.words)
    if given.found_on is None or given.found_on > today():
        troubles["found_on"] = Trouble(N_("Choose the day it was found, today or before."))
    if given.deadline_on is None or (given.found_on is not None and given.deadline_on < given.found_on):
        troubles["deadline_on"] = Trouble(N_("Choose a deadline that is not before the day it was found."))
    return troubles


def inspects() -> bool:
    """Serves a township or the county."""
    access = current_access()
    return access.everything or any(depth <= UPPER_DEPTH for depth, _ in access.grants)


def _words(given: str, field: str = "words") -> dict[str, Trouble]:
    fits = 0 < len(given.strip()) <= LONGEST
    return {} if fits else {field: Trouble(N_("Write 1 to 1000 characters."))}


def get_issue(session: Any, issue_id: int) -> Issue:
    """The row, locked. Raises LookupError."""
    row: Issue | None = session.get(Issue, issue_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no issue {issue_id}")
    return row


def rectify(session: Any, issue_id: int, seen: int, words: str, photo: bytes = b"") -> Issue:
    """What was done, with evidence: words, and a photo where there is one. `seen`: steps the page showed, so that a
    double click reports once. Raises InvalidTransition, Refused."""
    row = _at(session, issue_id, seen, IssueState.RECTIFIED)
    troubles = _words(words)
    picture = ("", "")
    if photo:
        try:
            content, kind = clean(photo)
            picture = b64encode(content).decode(), kind
        except PhotoError as error:
            troubles["photo"] = Trouble(str(error))
    if troubles:
        raise Refused(troubles)
    row.state, row.rectified_on, row.rectified_by_id = IssueState.RECTIFIED, today(), current_access().user_id
    _note(session, row, IssueStepKind.RECTIFIED, words, picture)
    return row


def recheck(session: Any, issue_id: int, seen: int, passes: bool, words: str) -> Issue:
    """复核: struck off, or back to the unit with what is still missing. Never by who reported it rectified."""
    row = _at(session, issue_id, seen, IssueState.CLOSED if passes else IssueState.OPEN)
    if row.state is not IssueState.RECTIFIED:
        raise InvalidTransition(row.state, IssueState.CLOSED)
    if row.rectified_by_id is not None and row.rectified_by_id == current_access().user_id:
        raise refuse("", N_("You reported it rectified: somebody else checks it again."))
    if troubles := _words(words):
        raise Refused(troubles)
    row.state = IssueState.CLOSED if passes else IssueState.OPEN
    row.closed_at = clock.now() if passes else None
    _note(session, row, IssueStepKind.CLOSED if passes else IssueStepKind.SENT_BACK, words)
    return row


def dismiss(session: Any, issue_id: int, seen: int, words: str) -> Issue:
    """Looked into and found to be no problem; the reason stays on record."""
    row = _at(session, issue_id, seen, IssueState.DISMISSED)
    if row.rectified_by_id is not None and row.rectified_by_id == current_access().user_id:
        raise refuse("", N_("You reported it rectified: somebody else decides about it."))
    if troubles := _words(words):
        raise Refused(troubles)
    row.state, row.closed_at = IssueState.DISMISSED, clock.now()
    _note(session, row, IssueStepKind.DISMISSED, words)
    return row


def _at(session: Any, issue_id: int, seen: int, state: IssueState) -> Issue:
    row = get_issue(session, issue_id)
    if row.steps != seen or not may_move(row.state, state):
        raise InvalidTransition(row.state, state)
    return row


def _note(session: Any, row: Issue, kind: IssueStepKind, words: str, picture: tuple[str, str] = ("", "")) -> None:
    row.steps += 1
    session.add(IssueStep(issue=row, node_id=row.node_id, number=row.steps, kind=kind, words=words.strip() or None,
                          photo=picture[0] or None, photo_type=picture[1], user_id=current_access().user_id,
                          is_demo=row.is_demo))  # fmt: skip
    session.flush()


# ---------------------------------------------------------------- into the evaluation


def take_off(session: Any, issue_id: int, evaluation_id: int, points: str) -> Evaluation:
    """Points off an evaluation for an issue that counts (D0-60, D4-29). Raises Refused for one that does not."""
    issue, evaluation = _countable(session, issue_id, evaluation_id)
    if is_taken_off(evaluation, issue):
        raise refuse("", N_("Points were taken off for this issue already."))
    return evaluations.deduct(session, evaluation_id, points, _reason(issue), issue.found_on)


def veto(session: Any, issue_id: int, evaluation_id: int) -> Evaluation:
    """一票否决 for a serious issue that counts, where the rules know it (D4-31). Raises Refused."""
    issue, _evaluation = _countable(session, issue_id, evaluation_id)
    if issue.severity is not IssueSeverity.SERIOUS:
        raise refuse("", N_("Only a serious issue decides an evaluation alone."))
    return evaluations.set_veto(session, evaluation_id, True, _reason(issue))


def _countable(session: Any, issue_id: int, evaluation_id: int) -> tuple[Issue, Evaluation]:
    issue = get_issue(session, issue_id)
    evaluation: Evaluation | None = session.get(Evaluation, evaluation_id, with_for_update=True)
    if evaluation is None or getattr(issue, f"l{evaluation.node.depth}_id") != evaluation.node_id:
        raise LookupError(f"no evaluation {evaluation_id} of the unit of issue {issue_id}")
    if not evaluation.from_on <= issue.found_on <= evaluation.to_on:
        raise refuse("", N_("The issue was not found in the period of this evaluation."))
    if judge(issue).verdict is not Verdict.COUNTED:
        raise refuse("", N_("By the rules of this place the issue does not count."))
    return issue, evaluation


def _reason(issue: Issue) -> str:
    category = rules_for(issue.node_id, issue.found_on).code_label(CATEGORIES, issue.category)
    return f"{issue.number} {category}"
