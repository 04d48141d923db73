"""A clue on its way through the grid: given to a person, handed on and back, verified and ended."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain.clues.routing import covers, inbox_depth, passable
from app.domain.clues.words import ClueAct, NoticeTarget
from app.domain.enums import ClueState
from app.domain.msgids import N_
from app.domain.policy.kinds import LevelKind
from app.domain.transitions import can_move, is_terminal
from app.extensions import clock
from app.models import Assignment, Clue, Department, GridWorker
from app.queries.access import mark
from app.queries.policy.chains import place_of
from app.queries.scope import today
from app.services.casework.actors import Actor
from app.services.clues import history, limits, notices
from app.services.clues.problems import ClueError, NotYoursError
from app.services.clues.raising import move

_OPEN = (ClueState.PENDING, ClueState.ASSIGNED, ClueState.VERIFYING, ClueState.WATCH, ClueState.TRANSFERRED)


def held_by(session: Session, clue: Clue) -> tuple[int, tuple[LevelKind, ...]]:
    """(depth of the inbox the clue lies in, the levels from the root down to its unit)."""
    kinds = place_of(session, clue.node_id).kinds
    return min(clue.held_depth or inbox_depth(kinds), len(kinds)), kinds


def may_act(session: Session, clue: Clue, actor: Actor) -> bool:
    """Whoever it was given to, and everybody of the level it lies with or above. The row scope says whose rows."""
    if is_terminal(clue.state):
        return False
    depth, kinds = held_by(session, clue)
    return clue.assignee_id == actor.user_id or covers(actor.levels, kinds[depth - 1])


def _locked(session: Session, clue_id: int, seen: int | None, actor: Actor) -> Clue:
    clue = history.locked(session, clue_id, seen)
    if is_terminal(clue.state):
        raise ClueError(N_("This clue has been settled already."))
    if not may_act(session, clue, actor):
        raise NotYoursError(N_("This clue lies with another level of the grid."))
    return clue


def hand(session: Session, clue_id: int, actor: Actor, *, up: bool, reason: str, seen: int | None = None) -> Clue:
    """Up to the next inbox or back down to the one below, with a reason; it waits there to be taken up. A clue that
    comes down to the village from above tells the village, with this date (D2-16, D2-19, D4-32)."""
    clue = _locked(session, clue_id, seen, actor)
    reason, at = history.need_words(reason), clock.now()
    depth, kinds = held_by(session, clue)
    to = passable(kinds, depth, up=up)
    if to is None:
        raise ClueError(N_("There is no level of the grid to hand it to."))
    if clue.state is not ClueState.PENDING and not can_move(clue.state, ClueState.PENDING):
        raise ClueError(N_("A clue under watch is looked at again before it is handed on."))
    before, in_time = clue.state, history.is_in_time(clue, at)
    clue.state, clue.held_depth, clue.assignee_id = ClueState.PENDING, to, None
    limits.start_clock(session, clue, at)
    history.note(session, clue, ClueAct.HANDED_ON if up else ClueAct.HANDED_BACK, actor.user_id, at, reason=reason,
                 from_state=before, to_state=clue.state, from_depth=depth, to_depth=to, in_time=in_time)  # fmt: skip
    if not up and kinds[to - 1] is LevelKind.VILLAGE:
        notices.told_through_system(session, clue, NoticeTarget.VILLAGE, at, actor.user_id, reason)
    return clue


def appoint(
    session: Session, clue_id: int, actor: Actor, *, person_id: int, reason: str = "", seen: int | None = None
) -> Clue:
    """Give it to one of the people who serve the units it lies in; they find it first in their inbox."""
    clue, at = _locked(session, clue_id, seen, actor), clock.now()
    if person_id not in {key for key, _name in people_for(session, clue)}:
        raise ClueError(N_("Choose somebody who serves this household's units."), "person")
    before, in_time = clue.state, history.is_in_time(clue, at)
    if before is not ClueState.ASSIGNED:
        if not can_move(before, ClueState.ASSIGNED):
            raise ClueError(N_("A clue in this state is not given to anybody. Verify it again first."))
        clue.state = ClueState.ASSIGNED
    clue.assignee_id = person_id
    limits.start_clock(session, clue, at)
    history.note(session, clue, ClueAct.APPOINTED, actor.user_id, at, reason=reason[: history.LONGEST],
                 from_state=before, to_state=clue.state, person_id=person_id, in_time=in_time)  # fmt: skip
    return clue


def settle(
    session: Session, clue_id: int, actor: Actor, state: ClueState, *, result: str, seen: int | None = None,
    department_id: int | None = None, duplicate_of_id: int | None = None,
) -> Clue:  # fmt: skip
    """Take it to `state` with what was found. A transfer names the department, which has to be told; a duplicate names
    the other clue. A true one is confirmed by opening its case, not here."""
    clue = _locked(session, clue_id, seen, actor)
    if state is ClueState.CONFIRMED:
        raise ClueError(N_("A clue that proved true leads to a case: open the case."), "state")
    words = history.need_words(result) if state is not ClueState.VERIFYING else result
    if state is ClueState.TRANSFERRED:
        if department_id is None or session.get(Department, department_id) is None:
            raise ClueError(N_("Choose the department it goes to."), "department")
        clue.department_id = department_id
    if state is ClueState.DUPLICATE:
        other = session.get(Clue, duplicate_of_id) if duplicate_of_id else None
        if other is None or other.id == clue.id or other.household_id != clue.household_id:
            raise ClueError(N_("Choose the clue that says the same already."), "duplicate")
        clue.duplicate_of_id = other.id
    if not can_move(clue.state, state) and can_move(clue.state, ClueState.VERIFYING):
        move(session, clue.id, ClueState.VERIFYING, user_id=actor.user_id)  # found out at once
    if not can_move(clue.state, state):
        raise ClueError(N_("This is no longer possible: the record has changed in the meantime."), "state")
    move(session, clue.id, state, user_id=actor.user_id, result=words)
    if state is ClueState.TRANSFERRED:
        notices.owe(session, clue, NoticeTarget.DEPARTMENT, clock.now(), department_id)
    return clue


def people_for(session: Session, clue: Clue) -> list[tuple[int, str]]:
    """(user id, name) of those with a log-in who serve the clue's unit or one above it today, nearest first."""
    worker, duty = GridWorker.__table__, Assignment.__table__
    ids = [key for key in (clue.l5_id, clue.l4_id, clue.l3_id, clue.l2_id, clue.l1_id) if key is not None]
    day = today()
    query = (
        select(worker.c.user_id, worker.c.name, worker.c.title, duty.c.node_id)
        .join_from(worker, duty, duty.c.worker_id == worker.c.id)
        .where(duty.c.node_id.in_(ids), worker.c.user_id.is_not(None), worker.c.is_active.is_(True))
        .where(duty.c.from_on <= day, (duty.c.to_on.is_(None)) | (duty.c.to_on >= day))
    )
    rows = sorted(session.execute(mark(query)).all(), key=lambda row: (ids.index(row.node_id), row.name))
    return list({row.user_id: f"{row.name} · {row.title}" for row in rows}.items())
