"""The words supervision is kept in, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class InspectionState(StrEnum):
    PLANNED = "planned"
    UNDER_WAY = "under_way"
    CLOSED = "closed"


class IssueState(StrEnum):
    """问题: raised, rectified, checked again by somebody else, struck off (销号)."""

    TO_LOOK_AT = "to_look_at"  # a household said otherwise than the record: a person decides whether it is an issue
    OPEN = "open"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    DISMISSED = "dismissed"  # looked at and found to be no problem


class IssueSeverity(StrEnum):
    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"  # may decide an evaluation alone, where the rules know the veto (D4-31)


class IssueStepKind(StrEnum):
    RAISED = "raised"
    REPORTED = "reported"
    ACCEPTED = "accepted"
    RECTIFIED = "rectified"
    SENT_BACK = "sent_back"
    CLOSED = "closed"
    DISMISSED = "dismissed"


class Verdict(StrEnum):
    """Does an issue count in the assessment (D4-29)?"""

    COUNTED = "counted"
    EXEMPT = "exempt"  # found by oneself and solved in time
    NOT_YET = "not_yet"  # found by oneself; counts only if it is not solved in time
    DISMISSED = "dismissed"
    UNDECIDED = "undecided"  # nobody has looked at it yet


class Frame(StrEnum):
    """Among which households a sample is drawn."""

    ALL = "all"
    MONITORED = "monitored"
    CASES = "cases"  # those with a case under way: the county's spot check before it decides (D3-17)


class ReplaceReason(StrEnum):
    """Why a drawn household gives way to the next one drawn. Reluctance of the inspector is none."""

    AWAY = "away"
    MOVED = "moved"
    DECEASED = "deceased"
    REFUSED = "refused"


class Mark(StrEnum):
    """What an inspector found for one item of the checklist."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class PatternKind(StrEnum):
    BURST = "burst"
    SAME_TEXT = "same_text"
    ODD_HOURS = "odd_hours"
    NO_CHANGE = "no_change"


class CallbackResult(StrEnum):
    """What a household said of a recorded visit."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    UNSURE = "unsure"
    NOT_REACHED = "not_reached"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    InspectionState: {
        InspectionState.PLANNED: N_("Planned"),
        InspectionState.UNDER_WAY: N_("Under way"),
        InspectionState.CLOSED: N_("Closed"),
    },
    IssueState: {
        IssueState.TO_LOOK_AT: N_("To be looked at first"),
        IssueState.OPEN: N_("To be rectified"),
        IssueState.RECTIFIED: N_("To be checked again"),
        IssueState.CLOSED: N_("Struck off"),
        IssueState.DISMISSED: N_("No problem after all"),
    },
    IssueSeverity: {
        IssueSeverity.MINOR: N_("Minor issue"),
        IssueSeverity.GENERAL: N_("Ordinary issue"),
        IssueSeverity.SERIOUS: N_("Serious issue"),
    },
    IssueStepKind: {
        IssueStepKind.RAISED: N_("Issue raised"),
        IssueStepKind.REPORTED: N_("Told in a call-back"),
        IssueStepKind.ACCEPTED: N_("Looked at: it is an issue"),
        IssueStepKind.RECTIFIED: N_("Rectified"),
        IssueStepKind.SENT_BACK: N_("Sent back at the re-check"),
        IssueStepKind.CLOSED: N_("Checked again and struck off"),
        IssueStepKind.DISMISSED: N_("Found to be no problem"),
    },
    Verdict: {
        Verdict.COUNTED: N_("Counts in the assessment"),
        Verdict.EXEMPT: N_("Not counted: found by oneself and solved in time"),
        Verdict.NOT_YET: N_("Not counted if solved in time"),
        Verdict.DISMISSED: N_("Not counted: no problem after all"),
        Verdict.UNDECIDED: N_("Not counted: nobody has looked at it yet"),
    },
    Frame: {
        Frame.ALL: N_("All households"),
        Frame.MONITORED: N_("Monitored households"),
        Frame.CASES: N_("Households with a case under way"),
    },
    ReplaceReason: {
        ReplaceReason.AWAY: N_("Nobody at home on two days"),
        ReplaceReason.MOVED: N_("Moved away"),
        ReplaceReason.DECEASED: N_("Household has ceased to exist"),
        ReplaceReason.REFUSED: N_("Refuses the visit"),
    },
    Mark: {
        Mark.MET: N_("Met at the check"),
        Mark.PARTLY: N_("Partly met"),
        Mark.NOT_MET: N_("Not met at the check"),
        Mark.NOT_APPLICABLE: N_("Does not apply"),
    },
    PatternKind: {
        PatternKind.BURST: N_("Many visits within minutes"),
        PatternKind.SAME_TEXT: N_("The same words for several households"),
        PatternKind.ODD_HOURS: N_("Home visit at night"),
        PatternKind.NO_CHANGE: N_("A long run of visits without any change"),
    },
    CallbackResult: {
        CallbackResult.WAITING: N_("Still being called"),
        CallbackResult.CONFIRMED: N_("Visit confirmed"),
        CallbackResult.NOT_CONFIRMED: N_("Visit not confirmed"),
        CallbackResult.UNSURE: N_("Household does not remember"),
        CallbackResult.NOT_REACHED: N_("Household not reached"),
    },
}
