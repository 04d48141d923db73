"""Code words of plans, measures and their dispatch, and what people read for them (English msgids)."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class PlanState(StrEnum):
    """One version of a household's plan. At most one is in force and at most one is being written or checked."""

    DRAFT = "draft"
    CHECKING = "checking"
    IN_FORCE = "in_force"
    REPLACED = "replaced"  # by a later version
    CLOSED = "closed"  # every risk is crossed off, or the household is no longer helped


OPEN_STATES = frozenset({PlanState.DRAFT, PlanState.CHECKING})


class LineState(StrEnum):
    """对标销号: a risk is crossed off once, with evidence (D4-02, D4-11)."""

    OPEN = "open"
    CROSSED_OFF = "crossed_off"


class ItemKind(StrEnum):
    MEASURE = "measure"
    PROJECT = "project"  # 申报帮扶项目 (D0-39)


class ItemState(StrEnum):
    """One line of the list of measures."""

    PLANNED = "planned"
    SENT = "sent"  # a department is to answer
    REFUSED = "refused"  # by the department: something else has to be found
    BEGUN = "begun"
    DROPPED = "dropped"


class DispatchState(StrEnum):
    """分办 to a department (D0-48, D3-18)."""

    WAITING = "waiting"
    ANSWERED = "answered"
    RETURNED = "returned"  # not theirs, or something is missing; with a reason
    WITHDRAWN = "withdrawn"


class Answer(StrEnum):
    """What the department says."""

    GRANTED = "granted"
    NOT_GRANTED = "not_granted"


class InformWay(StrEnum):
    """告知监测对象 (D3-20)."""

    SIGNED = "signed"
    CALLED = "called"
    TEXTED = "texted"
    RELATIVE = "relative"


class Effect(StrEnum):
    """实效性 (D0-44)."""

    EFFECTIVE = "effective"
    PARTLY = "partly"
    NONE = "none"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    PlanState: {
        PlanState.DRAFT: N_("Being written"),
        PlanState.CHECKING: N_("Being checked"),
        PlanState.IN_FORCE: N_("In force"),
        PlanState.REPLACED: N_("Replaced by a later version"),
        PlanState.CLOSED: N_("Closed"),
    },
    LineState: {
        LineState.OPEN: N_("Open risk"),
        LineState.CROSSED_OFF: N_("Crossed off"),
    },
    ItemKind: {
        ItemKind.MEASURE: N_("Measure"),
        ItemKind.PROJECT: N_("Application for a project"),
    },
    ItemState: {
        ItemState.PLANNED: N_("Planned"),
        ItemState.SENT: N_("With the department"),
        ItemState.REFUSED: N_("Not granted"),
        ItemState.BEGUN: N_("Begun"),
        ItemState.DROPPED: N_("Dropped"),
    },
    DispatchState: {
        DispatchState.WAITING: N_("Waiting for an answer"),
        DispatchState.ANSWERED: N_("Answered"),
        DispatchState.RETURNED: N_("Returned"),
        DispatchState.WITHDRAWN: N_("Withdrawn"),
    },
    Answer: {
        Answer.GRANTED: N_("Granted"),
        Answer.NOT_GRANTED: N_("Not granted"),
    },
    InformWay: {
        InformWay.SIGNED: N_("In person, signed"),
        InformWay.CALLED: N_("By telephone"),
        InformWay.TEXTED: N_("By text message or WeChat"),
        InformWay.RELATIVE: N_("Through a relative"),
    },
    Effect: {
        Effect.EFFECTIVE: N_("Effective"),
        Effect.PARTLY: N_("Partly effective"),
        Effect.NONE: N_("No effect"),
    },
}
