"""A household was reached: whatever waited for that is over, in the transaction of the contact itself."""

from __future__ import annotations

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from app.domain.enums import WorkTaskKind, WorkTaskState
from app.models import Visit, WorkTask
from app.queries.scope import vouched
from app.services import worklist
from app.services.clues import reached

_OWED_VISITS = (WorkTaskKind.MISSED_CONTACT, WorkTaskKind.OPTED_OUT_VISIT)
_TASK, _CLUE = 1, 2


def close_duty(
    session: Session, visit: Visit, *, user_id: int | None = None, state: WorkTaskState = WorkTaskState.DROPPED
) -> None:
    """By the valid contact `visit` (flushed): nobody need visit the household for having been missed or refusing calls,
    and it is no longer out of reach. `state` of the tasks: DONE by the worker's own visit, DROPPED where another
    contact overtook it. Most households have neither, and one statement says so: calls wait for it."""
    task = WorkTask.__table__
    tasks = select(literal(_TASK).label("what"), task.c.id).where(
        task.c.household_id == visit.household_id, task.c.kind.in_(_OWED_VISITS), task.c.state == WorkTaskState.OPEN
    )
    clues = reached.out_of_reach(visit.household_id, literal(_CLUE))
    waiting = union_all(tasks, clues)
    for what, key in sorted(session.execute(vouched(waiting)).all()):
        if what == _TASK:
            worklist.close_task(session, key, result="reached", user_id=user_id, visit_id=visit.id, state=state)
        else:
            reached.end_by_contact(session, key, visit, user_id=user_id)
