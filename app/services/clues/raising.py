"""线索: a risk that was seen or said, and what becomes of it (DOMAIN 3.6)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.domain.clues.words import ClueAct
from app.domain.enums import ClueKind, ClueSource, ClueState, Urgency, WorkTaskKind
from app.domain.policy.kinds import LevelKind
from app.domain.transitions import is_terminal, require_move, successors
from app.domain.urgency import ReasonCode
from app.extensions import clock
from app.models import Absence, Clue, Contact, Household, Visit
from app.services import worklist
from app.services.clues import history, limits, notices

_EMERGENCY = frozenset({ClueKind.MAJOR_ILLNESS, ClueKind.ACCIDENT_DISASTER})
_HIGH = frozenset({ClueKind.EMPLOYMENT_LOST, ClueKind.HOUSING, ClueKind.DRINKING_WATER, ClueKind.LARGE_EXPENSE})


def urgency_of(kind: ClueKind) -> Urgency:
    """Illness and accident cannot wait; loss of work, house, water or savings comes next."""
    if kind in _EMERGENCY:
        return Urgency.EMERGENCY
    return Urgency.HIGH if kind in _HIGH else Urgency.NORMAL


def raise_clue(
    session: Session,
    household: Household,
    kind: ClueKind,
    source: ClueSource,
    *,
    visit: Visit | None = None,
    contact: Contact | None = None,
    detail: str | None = None,
    urgency: Urgency | None = None,
    user_id: int | None = None,
    source_code: str = "",
    observed_at: datetime | None = None,
    level: LevelKind = LevelKind.VILLAGE,
) -> Clue:
    """Raise a clue into the inbox of `level`, with a follow-up task for the grid worker. Idempotent per (visit, kind);
    without a visit, per contact and kind; without either, per household and kind while an earlier one is open.
    `source_code`: of the policy's list `clue_sources`; `observed_at`: when it was seen, for the time it took to report
    it (D0-31). A clue of a household with somebody away is marked for good: whoever works in another county is heeded
    before the others of the same urgency (D2-15)."""
    known = _find_same(session, household, kind, visit, contact)
    if known is not None:
        return known
    clue = Clue(household_id=household.id, household=household, visit=visit,
                contact_id=contact.id if contact else None, kind=kind, source=source, detail=detail,
                urgency=urgency or urgency_of(kind), raised_by_id=user_id, is_demo=household.is_demo,
                state=ClueState.PENDING, source_code=source_code, observed_at=observed_at,
                is_away=_is_away(session, household))  # fmt: skip
    limits.lay_down(session, clue, household.node_id, clock.now(), level)
    try:
        with session.begin_nested():
            session.add(clue)
    except IntegrityError:  # the same visit was settled by two callbacks at once: the other one's clue stands
        known = _find_same(session, household, kind, visit, contact)
        if known is None:
            raise
        return known
    worklist.open_task(session, household, WorkTaskKind.CLUE_FOLLOWUP, ReasonCode.CLUE, contact=contact,
                             detail={"clue": kind.value}, clue=clue, urgency=clue.urgency)  # fmt: skip
    return clue


def _is_away(session: Session, household: Household) -> bool:
    query = select(Absence.id).where(Absence.household_id == household.id, Absence.ended_on.is_(None))
    return session.scalars(query.limit(1)).first() is not None


def _find_same(
    session: Session, household: Household, kind: ClueKind, visit: Visit | None, contact: Contact | None
) -> Clue | None:
    query = select(Clue).where(Clue.household_id == household.id, Clue.kind == kind)
    if visit is not None:
        return session.scalars(query.where(Clue.visit_id == visit.id)).first()
    if contact is not None:
        return session.scalars(query.where(Clue.contact_id == contact.id, Clue.visit_id.is_(None))).first()
    earlier = session.scalars(query.order_by(Clue.id.desc()))
    return next((clue for clue in earlier if not is_terminal(clue.state)), None)


def move(
    session: Session,
    clue_id: int,
    state: ClueState,
    *,
    user_id: int | None,
    result: str = "",
    at: datetime | None = None,
) -> Clue:
    """Take a clue to `state` (assign, verify, settle …). `result`: what was found, up to 400 characters; required for
    an end. Raises InvalidTransition, LookupError for an unknown clue, ValueError for an end without a result."""
    at = at or clock.now()
    clue = session.get(Clue, clue_id, with_for_update=True)
    if clue is None:
        raise LookupError(f"no clue {clue_id}")
    require_move(clue.state, state)
    before, in_time = clue.state, history.is_in_time(clue, at)
    ends = not successors(state)
    if ends and not result.strip():
        raise ValueError("result: say what was found")
    clue.state = state
    if result:
        clue.result = result.strip()[:400]
    if ends:
        clue.settled_at, clue.settled_by_id = at, user_id
    if ends or state is ClueState.WATCH:
        _close_followup(session, clue, user_id, at)
    limits.start_clock(session, clue, at)
    history.note(session, clue, ClueAct.MOVED, user_id, at, reason=result, in_time=in_time, from_state=before,
                 to_state=state)  # fmt: skip
    if ends or state in (ClueState.WATCH, ClueState.TRANSFERRED):
        notices.owe_outcome(session, clue, at)
    session.flush()
    return clue


def _close_followup(session: Session, clue: Clue, user_id: int | None, at: datetime) -> None:
    """The follow-up task ends with the household's last open clue, not with its first. One that is only watched asks
    for nothing just now: it stays open in the register, and the household's regular contacts go on."""
    query = select(Clue).where(Clue.household_id == clue.household_id, Clue.id != clue.id)
    if all(is_terminal(other.state) or other.state is ClueState.WATCH for other in session.scalars(query)):
        worklist.close_if_open(session, clue.household_id, WorkTaskKind.CLUE_FOLLOWUP,
                                     result=clue.state.value, user_id=user_id, at=at)  # fmt: skip
