"""Urging: a village or unit is given a day by which something is to be mended, and the task is closed with a result."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.domain.grid_care.words import Gap, GridTaskState
from app.domain.msgids import N_
from app.extensions import clock
from app.models import GridNode, GridTask
from app.queries.scope import current_access, today
from app.security import audit


class TaskError(ValueError):
    """Why the task cannot be so. The message is an English msgid."""


def urge(session: Any, nodes: Iterable[GridNode], gap: Gap, due_on: date, text: str = "") -> int:
    """Open a task at each unit that has none of this kind open. The number of new ones. Raises TaskError."""
    if due_on < today():
        raise TaskError(N_("The day lies in the past."))
    return sum(_open(session, node, gap, due_on, text) for node in nodes)


def _open(session: Any, node: GridNode, gap: Gap, due_on: date, text: str) -> bool:
    known = select(GridTask.id).where(GridTask.node_id == node.id, GridTask.gap == gap,
                                      GridTask.state == GridTaskState.OPEN)  # fmt: skip
    if session.scalar(known) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(GridTask(node_id=node.id, gap=gap, due_on=due_on, text=text.strip()[:400],
                                 created_at=clock.now(), created_by_id=current_access().user_id))  # fmt: skip
    except IntegrityError:  # somebody else urged at the same moment
        return False
    return True


def close(session: Any, task: GridTask, result: str, *, dropped: bool = False) -> None:
    """Raises TaskError for one that is closed already or without a result."""
    session.refresh(task, with_for_update=True)
    if task.state is not GridTaskState.OPEN:
        raise TaskError(N_("This is settled already."))
    if not result.strip():
        raise TaskError(N_("Say what was done."))
    task.state = GridTaskState.DROPPED if dropped else GridTaskState.DONE
    task.result, task.closed_at, task.closed_by_id = result.strip()[:400], clock.now(), current_access().user_id
    session.flush()
    audit.record("task_closed", "grid_task", task.id, node_id=task.node_id, reason=result)
