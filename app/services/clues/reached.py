"""A household that could not be reached was reached after all: its clue of being away and out of reach is over."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.domain.clues.reached import reached_code
from app.domain.clues.words import ClueAct
from app.domain.enums import ClueKind, ClueState
from app.domain.quarters import Quarter
from app.domain.transitions import OPEN_CLUES, is_terminal
from app.extensions import clock
from app.models import Clue, ClueEntry, Visit
from app.services.clues import history
from app.services.clues.raising import move

_UNTOUCHED = (ClueState.PENDING, ClueState.ASSIGNED)


def out_of_reach(household_id: int, *columns: ColumnElement[Any]) -> Select[Any]:
    """`columns` and the ids of the household's open clues of this kind."""
    clue = Clue.__table__
    of_this_kind = clue.c.household_id == household_id, clue.c.kind == ClueKind.UNREACHABLE_AWAY
    return select(*columns, clue.c.id).where(*of_this_kind, clue.c.state.in_(OPEN_CLUES))


def end_by_contact(session: Session, clue_id: int, visit: Visit, *, user_id: int | None) -> None:
    """`visit` is a valid contact with the household. Nobody has verified the clue yet: it is settled, and the contact
    is the reason. Somebody has: it stays theirs, and its history says once that the household was reached.

    A contact that is entered late and belongs to a quarter before the clue proves nothing. Runs again without effect.
    """
    clue = history.locked(session, clue_id, None)
    if is_terminal(clue.state) or Quarter.at(visit.happened_at) < Quarter.at(clue.raised_at):
        return
    code = reached_code(visit.channel, history.civil(visit.happened_at))
    if clue.state in _UNTOUCHED:
        move(session, clue.id, ClueState.RESOLVED_ON_SITE, user_id=user_id, result=code)
    elif not _is_noted(session, clue):
        history.note(session, clue, ClueAct.REACHED, user_id, clock.now(), reason=code)


def _is_noted(session: Session, clue: Clue) -> bool:
    query = select(ClueEntry.id).where(ClueEntry.clue_id == clue.id, ClueEntry.act == ClueAct.REACHED)
    return session.scalars(query.limit(1)).first() is not None
