"""The words meetings and their resolutions are kept in, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class MeetingState(StrEnum):
    DRAFT = "draft"
    LOCKED = "locked"  # sealed; only addenda from here on (D4-16)


class ResolutionState(StrEnum):
    """销号: answered by who was told to, checked by somebody else, closed."""

    DRAFT = "draft"  # the record of its meeting is not locked yet
    OPEN = "open"
    ANSWERED = "answered"  # waits for somebody else's check
    RETURNED = "returned"  # checked and not good enough: open again
    CLOSED = "closed"


class ResolutionStep(StrEnum):
    """One line of a resolution's history."""

    ANSWERED = "answered"
    RETURNED = "returned"
    CLOSED = "closed"


class Standing(StrEnum):
    """Where a thing that is owed in a period stands today."""

    DONE = "done"
    OUTSIDE = "outside"  # done in the period, but not on one of the days the rule names
    AHEAD = "ahead"  # its days have not begun
    DUE = "due"
    LATE = "late"  # its days are over; it can still be made up for
    MISSED = "missed"  # its period is over


IN_WORK = (ResolutionState.OPEN, ResolutionState.RETURNED)
NOT_CLOSED = (ResolutionState.OPEN, ResolutionState.RETURNED, ResolutionState.ANSWERED)
OWED = (Standing.DUE, Standing.LATE, Standing.MISSED)

LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    MeetingState: {MeetingState.DRAFT: N_("Being written"), MeetingState.LOCKED: N_("Locked")},
    ResolutionState: {
        ResolutionState.DRAFT: N_("Not in force yet"),
        ResolutionState.OPEN: N_("To be done"),
        ResolutionState.ANSWERED: N_("Answered, to be checked"),
        ResolutionState.RETURNED: N_("Sent back"),
        ResolutionState.CLOSED: N_("Struck off the list"),
    },
    ResolutionStep: {
        ResolutionStep.ANSWERED: N_("Answered"),
        ResolutionStep.RETURNED: N_("Checked and sent back"),
        ResolutionStep.CLOSED: N_("Checked and struck off"),
    },
    Standing: {
        Standing.DONE: N_("Done"),
        Standing.OUTSIDE: N_("Done, but not on the days named"),
        Standing.AHEAD: N_("Not yet"),
        Standing.DUE: N_("To be done now"),
        Standing.LATE: N_("Late, still to be done"),
        Standing.MISSED: N_("Not done in its period"),
    },
}
