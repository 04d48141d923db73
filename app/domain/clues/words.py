"""Code words of clue intake and of department warnings, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class ClueAct(StrEnum):
    """What was done with a clue; one line of its history."""

    MOVED = "moved"  # from one state to another
    HANDED_ON = "handed_on"  # up the grid
    HANDED_BACK = "handed_back"  # down the grid
    APPOINTED = "appointed"  # to a person
    TOLD = "told"  # whoever had to be told was told
    REACHED = "reached"  # the household was reached while somebody was verifying that it is out of reach


class NoticeTarget(StrEnum):
    """Who has to be told what became of a clue (D2-16, D2-18, D2-19)."""

    REPORTER = "reporter"
    VILLAGE = "village"
    TOWNSHIP = "township"
    DEPARTMENT = "department"


class NoticeMeans(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    LETTER = "letter"
    IN_PERSON = "in_person"
    SYSTEM = "system"  # read in this system


class ReportState(StrEnum):
    """A report from outside: a clue as soon as somebody has said whom it is about."""

    WAITING = "waiting"
    TAKEN_UP = "taken_up"
    SET_ASIDE = "set_aside"


class BatchState(StrEnum):
    DRAFT = "draft"  # read, to be looked through row by row
    DISPATCHED = "dispatched"  # with the villages
    CLOSED = "closed"  # answered and sent back to the department
    UNDONE = "undone"


class RowChoice(StrEnum):
    """What to do with a row before the batch goes out."""

    SEND = "send"
    LEAVE_OUT = "leave_out"


class RowMatch(StrEnum):
    ID_NUMBER = "id_number"
    NAME = "name"  # name and village, one household alone
    BY_HAND = "by_hand"
    VILLAGE = "village"  # the village is known, the household is not
    NONE = "none"


class RowAnswer(StrEnum):
    """What a village says of a row (DOMAIN 3.3, form 18)."""

    NOT_FOUND = "not_found"
    KNOWN = "known"
    NO_RISK = "no_risk"  # found, and there is no risk
    CLUE = "clue"  # found, and a clue was raised


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    ClueAct: {
        ClueAct.MOVED: N_("New state"),
        ClueAct.HANDED_ON: N_("Handed on"),
        ClueAct.HANDED_BACK: N_("Handed back"),
        ClueAct.APPOINTED: N_("Given to a person"),
        ClueAct.TOLD: N_("Told"),
        ClueAct.REACHED: N_("The household was reached meanwhile"),
    },
    NoticeTarget: {
        NoticeTarget.REPORTER: N_("Whoever reported it"),
        NoticeTarget.VILLAGE: N_("The village"),
        NoticeTarget.TOWNSHIP: N_("The township"),
        NoticeTarget.DEPARTMENT: N_("The department"),
    },
    NoticeMeans: {
        NoticeMeans.PHONE: N_("By telephone"),
        NoticeMeans.SMS: N_("By text message"),
        NoticeMeans.LETTER: N_("By letter"),
        NoticeMeans.IN_PERSON: N_("In person"),
        NoticeMeans.SYSTEM: N_("Through this system"),
    },
    ReportState: {
        ReportState.WAITING: N_("Nobody matched yet"),
        ReportState.TAKEN_UP: N_("Taken up as a clue"),
        ReportState.SET_ASIDE: N_("Set aside"),
    },
    BatchState: {
        BatchState.DRAFT: N_("To be looked through"),
        BatchState.DISPATCHED: N_("With the villages"),
        BatchState.CLOSED: N_("Summarised and closed"),
        BatchState.UNDONE: N_("Undone"),
    },
    RowChoice: {RowChoice.SEND: N_("Send"), RowChoice.LEAVE_OUT: N_("Leave out")},
    RowMatch: {
        RowMatch.ID_NUMBER: N_("By ID number"),
        RowMatch.NAME: N_("By name and village"),
        RowMatch.BY_HAND: N_("Chosen by hand"),
        RowMatch.VILLAGE: N_("Village alone"),
        RowMatch.NONE: N_("Not found in the register"),
    },
    RowAnswer: {
        RowAnswer.NOT_FOUND: N_("Person not found"),
        RowAnswer.KNOWN: N_("Known already"),
        RowAnswer.NO_RISK: N_("Found, no risk"),
        RowAnswer.CLUE: N_("Found, clue raised"),
    },
}
