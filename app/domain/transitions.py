"""Which state may follow which (HOUSE rule 7). A state without successors is terminal and never regresses.

Staying in a state is not a move: a duplicated callback is recognised before this table is asked, and kept, not applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from app.domain.enums import (
    AttemptState,
    CampaignState,
    ChangeRequestState,
    ClueState,
    ContactState,
    ImportState,
    WorkTaskState,
)
from app.domain.register.words import AppealState, ApplicationState

S = TypeVar("S", bound=StrEnum)
# A mapping is invariant in its key, so one type for all tables has to let the key class go.
Table = Mapping[Any, frozenset[Any]]


class InvalidTransition(ValueError):
    """A move the table does not allow. `old` and `new` are the enum members."""

    def __init__(self, old: StrEnum, new: StrEnum) -> None:
        super().__init__(f"{type(old).__name__}: {old.value} cannot become {new.value}")
        self.old = old
        self.new = new


_A = AttemptState
ATTEMPT: dict[AttemptState, frozenset[AttemptState]] = {
    _A.PLANNED: frozenset({_A.INTENT, _A.CANCELLED}),
    _A.INTENT: frozenset(
        {
            _A.PLANNED,  # given back: the request surely never left (window closed, no slot, refused with 429)
            _A.DISPATCHED,
            _A.RINGING,  # this and the next two: a callback overtook the answer to the create request
            _A.IN_DIALOGUE,
            _A.DONE,
            _A.FAILED,
            _A.CANCELLED,
            _A.UNKNOWN,  # timed out or the worker died after the commit: it may be ringing right now
        }
    ),
    _A.DISPATCHED: frozenset({_A.RINGING, _A.IN_DIALOGUE, _A.DONE, _A.FAILED, _A.CANCELLED, _A.UNKNOWN}),
    _A.RINGING: frozenset({_A.IN_DIALOGUE, _A.DONE, _A.FAILED, _A.CANCELLED, _A.UNKNOWN}),
    # A conversation cannot be cancelled, only ended; UNKNOWN when every callback was lost and the carrier is silent.
    _A.IN_DIALOGUE: frozenset({_A.DONE, _A.FAILED, _A.UNKNOWN}),
    # Reconciled: the carrier's list tells where the call really is. Never back to PLANNED: if it was not placed it
    # FAILED, and the retry matrix decides on a fresh attempt.
    _A.UNKNOWN: frozenset({_A.DISPATCHED, _A.RINGING, _A.IN_DIALOGUE, _A.DONE, _A.FAILED, _A.CANCELLED}),
    _A.DONE: frozenset(),
    _A.FAILED: frozenset(),
    _A.CANCELLED: frozenset(),
}

_C = ContactState
CONTACT: dict[ContactState, frozenset[ContactState]] = {
    # REACHED from everywhere: the worker's visit, a returned call or a text may come at any time and ends the rest.
    _C.PLANNED: frozenset({_C.CALLING, _C.WAITING, _C.REACHED, _C.MISSED, _C.EXCLUDED, _C.CLOSED}),
    _C.CALLING: frozenset({_C.WAITING, _C.REACHED, _C.MISSED, _C.EXCLUDED, _C.CLOSED}),
    _C.WAITING: frozenset({_C.CALLING, _C.REACHED, _C.MISSED, _C.EXCLUDED, _C.CLOSED}),
    # WAITING again: a new number or a chosen time was learnt. No edge to CLOSED: missed is a result, and stays one.
    _C.MISSED: frozenset({_C.WAITING, _C.REACHED, _C.EXCLUDED}),
    # PLANNED again: the exclusion was lifted (number added, opted in again) while the campaign runs.
    # REACHED: the worker visited an opted-out or visit-only household.
    _C.EXCLUDED: frozenset({_C.PLANNED, _C.REACHED}),
    # A text answered after the campaign was closed is still an answer of this quarter.
    _C.CLOSED: frozenset({_C.REACHED}),
    # MISSED: the record of the visit was a mistake and its author has withdrawn it. No event of a carrier does this.
    _C.REACHED: frozenset({_C.MISSED}),
}

_P = CampaignState
CAMPAIGN: dict[CampaignState, frozenset[CampaignState]] = {
    _P.DRAFT: frozenset({_P.PLANNED, _P.CLOSED}),
    _P.PLANNED: frozenset({_P.DRAFT, _P.RUNNING, _P.CLOSED}),  # DRAFT: the area or the policy changed, plan again
    _P.RUNNING: frozenset({_P.PAUSED, _P.CLOSED}),
    _P.PAUSED: frozenset({_P.RUNNING, _P.CLOSED}),
    _P.CLOSED: frozenset(),
}

_L = ClueState
CLUE: dict[ClueState, frozenset[ClueState]] = {
    # RESOLVED_ON_SITE before verification: an "away and unreachable" clue ends when the household is reached.
    _L.PENDING: frozenset({_L.ASSIGNED, _L.VERIFYING, _L.RESOLVED_ON_SITE, _L.DUPLICATE, _L.TRANSFERRED}),
    _L.ASSIGNED: frozenset({_L.PENDING, _L.VERIFYING, _L.RESOLVED_ON_SITE, _L.DUPLICATE, _L.TRANSFERRED}),
    _L.VERIFYING: frozenset(
        {
            _L.PENDING,  # handed to another level of the grid, with a reason
            _L.ASSIGNED,  # sent back to another worker, with a reason
            _L.CONFIRMED,
            _L.RESOLVED_ON_SITE,
            _L.UNFOUNDED,
            _L.DUPLICATE,
            _L.TRANSFERRED,
            _L.WATCH,
        }
    ),
    _L.WATCH: frozenset({_L.VERIFYING, _L.RESOLVED_ON_SITE}),  # looked at again, or the difficulty passed
    _L.TRANSFERRED: frozenset({_L.PENDING}),  # the department hands it back
    _L.CONFIRMED: frozenset(),
    _L.RESOLVED_ON_SITE: frozenset(),
    _L.UNFOUNDED: frozenset(),
    _L.DUPLICATE: frozenset(),
}

_T = WorkTaskState
WORK_TASK: dict[WorkTaskState, frozenset[WorkTaskState]] = {
    _T.OPEN: frozenset({_T.DONE, _T.DROPPED}),  # DROPPED: overtaken, e.g. the household was reached another way
    _T.DONE: frozenset(),
    _T.DROPPED: frozenset(),
}

_R = ChangeRequestState
CHANGE_REQUEST: dict[ChangeRequestState, frozenset[ChangeRequestState]] = {
    _R.PENDING: frozenset({_R.ACCEPTED, _R.REJECTED, _R.WITHDRAWN}),
    _R.ACCEPTED: frozenset(),
    _R.REJECTED: frozenset(),
    _R.WITHDRAWN: frozenset(),
}

_I = ImportState
IMPORT: dict[ImportState, frozenset[ImportState]] = {
    _I.UPLOADED: frozenset({_I.PREVIEWED, _I.FAILED, _I.CANCELLED}),
    _I.PREVIEWED: frozenset({_I.APPLYING, _I.FAILED, _I.CANCELLED}),
    # PREVIEWED again: a batch died half way; applying twice changes nothing, so it may be started again.
    _I.APPLYING: frozenset({_I.APPLIED, _I.FAILED, _I.PREVIEWED}),
    _I.APPLIED: frozenset({_I.UNDONE}),
    _I.FAILED: frozenset(),
    _I.CANCELLED: frozenset(),
    _I.UNDONE: frozenset(),
}

_Q = ApplicationState
APPLICATION: dict[ApplicationState, frozenset[ApplicationState]] = {
    _Q.RECEIVED: frozenset({_Q.ACCEPTED, _Q.ASKED_BACK, _Q.REFUSED}),
    _Q.ASKED_BACK: frozenset({_Q.RECEIVED, _Q.ACCEPTED, _Q.REFUSED}),  # answered, or the village found out itself
    _Q.ACCEPTED: frozenset({_Q.PASSED_ON, _Q.ASKED_BACK, _Q.REFUSED}),
    _Q.PASSED_ON: frozenset(),
    _Q.REFUSED: frozenset(),
}

_W = AppealState
APPEAL: dict[AppealState, frozenset[AppealState]] = {
    _W.OPEN: frozenset({_W.ANSWERED, _W.CLOSED}),
    _W.ANSWERED: frozenset({_W.CLOSED, _W.OPEN}),  # opened again: the answer did not settle it
    _W.CLOSED: frozenset(),
}

# By class: members of different StrEnums with one value compare equal and would collide in a flat table.
TABLES: dict[type[StrEnum], Table] = {
    AttemptState: ATTEMPT,
    ContactState: CONTACT,
    CampaignState: CAMPAIGN,
    ClueState: CLUE,
    WorkTaskState: WORK_TASK,
    ChangeRequestState: CHANGE_REQUEST,
    ImportState: IMPORT,
    ApplicationState: APPLICATION,
    AppealState: APPEAL,
}


def successors(state: StrEnum) -> frozenset[StrEnum]:
    """States that may follow. Raises TypeError for a class without a transition table (a bare string, say)."""
    table = TABLES.get(type(state))
    if table is None:
        raise TypeError(f"no transition table for {type(state).__name__}")
    return table[state]


def is_terminal(state: StrEnum) -> bool:
    return not successors(state)


OPEN_CLUES = tuple(state for state in ClueState if not is_terminal(state))


def can_move(old: S, new: S) -> bool:
    """True when the table has the edge. Raises TypeError when the two are not of one class."""
    if type(old) is not type(new):
        raise TypeError(f"cannot compare {type(old).__name__} with {type(new).__name__}")
    return new in successors(old)


def require_move(old: S, new: S) -> None:
    """Raises InvalidTransition unless the table has the edge."""
    if not can_move(old, new):
        raise InvalidTransition(old, new)
