"""信息比对 (D0-41): which households are to be compared with other registers, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.casework.words import CaseState
from app.domain.msgids import N_
from app.domain.policy.kinds import WorkflowKind
from app.extensions import clock
from app.models import Case, ComparisonResult, Household, Member
from app.services.clues import history
from app.services.clues.problems import ClueError

NOTHING = "无"  # asked, and nothing was found


@dataclass(frozen=True, slots=True)
class Candidate:
    case: Case
    household: Household
    member: Member


@dataclass(frozen=True, slots=True)
class Entered:
    """`unknown`: rows whose household code the reader's area does not know."""

    fresh: int
    same: int
    unknown: tuple[int, ...]


def list_candidates(session: Session) -> list[Candidate]:
    """监测对象初选名单: everybody of the households whose recognition is under way, in the reader's area."""
    query = (
        select(Case, Household, Member)
        .join(Household, Household.id == Case.household_id)
        .join(Member, Member.household_id == Household.id)
        .where(Case.state == CaseState.OPEN, Case.kind == WorkflowKind.RECOGNITION)
        .order_by(Household.code, Member.id)
    )
    return [Candidate(*row) for row in session.execute(query)]


def enter(
    session: Session, lines: Sequence[tuple[int, str, Mapping[str, str]]], *, checked_on: date, user_id: int | None
) -> Entered:
    """`lines`: (row number, household code, item code → finding). Each finding of a day is kept once; the same file
    again changes nothing, a corrected one corrects. ClueError for a day in the future."""
    if checked_on > history.civil(clock.now()):
        raise ClueError(N_("The day of the comparison lies in the future."), "checked_on")
    fresh = same = 0
    unknown: list[int] = []
    for number, code, findings in lines:
        home = session.scalars(select(Household).where(Household.code == code)).first()
        if home is None:
            unknown.append(number)
            continue
        for item, finding in findings.items():
            changed = _enter_one(session, home, item, finding, checked_on, user_id)
            fresh, same = fresh + changed, same + (not changed)
    session.flush()
    return Entered(fresh, same, tuple(unknown))


def _enter_one(session: Session, home: Household, item: str, finding: str, day: date, user_id: int | None) -> bool:
    query = select(ComparisonResult).where(
        ComparisonResult.household_id == home.id, ComparisonResult.item_code == item,
        ComparisonResult.checked_on == day,
    )  # fmt: skip
    known = session.scalars(query).first()
    if known is not None and known.finding == finding:
        return False
    if known is None:
        known = ComparisonResult(household_id=home.id, household=home, item_code=item, checked_on=day,
                                 is_demo=home.is_demo)  # fmt: skip
        session.add(known)
    known.finding, known.is_found = finding, finding != NOTHING
    known.entered_at, known.entered_by_id = clock.now(), user_id
    session.flush()
    return True


def latest_for(session: Session, household_id: int) -> list[ComparisonResult]:
    """The latest answer to each item, for the case page and the 核查表."""
    query = select(ComparisonResult).where(ComparisonResult.household_id == household_id)
    found = {row.item_code: row for row in session.scalars(query.order_by(ComparisonResult.checked_on))}
    return sorted(found.values(), key=lambda row: (not row.is_found, row.item_code))
