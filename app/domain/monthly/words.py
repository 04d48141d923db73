"""The words of the monthly cycle, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class ReportState(StrEnum):
    SUBMITTED = "submitted"
    RETURNED = "returned"
    CLOSED = "closed"  # the month's end of the chain: nothing below changes any more


class ReportStep(StrEnum):
    """One line of a report's history."""

    SUBMITTED = "submitted"
    RETURNED = "returned"
    CLOSED = "closed"


class RedFlag(StrEnum):
    """What a unit's month lacks altogether (D4-30)."""

    NO_CONTACT = "no_contact"  # 无工作记录: no visit and no call
    NO_MEETING = "no_meeting"  # a meeting that was owed was not held
    NO_MINUTES = "no_minutes"  # held, but its record was never locked
    NO_REPORT = "no_report"


class DueKind(StrEnum):
    """What stands in the calendar of a unit's month."""

    REPORT = "report"
    MEETING = "meeting"
    BULLETIN = "bulletin"
    CLOSING = "closing"
    RESOLUTION = "resolution"
    SWEEP = "sweep"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    ReportState: {
        ReportState.SUBMITTED: N_("Submitted"),
        ReportState.RETURNED: N_("Sent back"),
        ReportState.CLOSED: N_("Month closed"),
    },
    ReportStep: {
        ReportStep.SUBMITTED: N_("Submitted"),
        ReportStep.RETURNED: N_("Sent back"),
        ReportStep.CLOSED: N_("Month closed"),
    },
    RedFlag: {
        RedFlag.NO_CONTACT: N_("No visit or call on record"),
        RedFlag.NO_MEETING: N_("Meeting not held"),
        RedFlag.NO_MINUTES: N_("Minutes not locked"),
        RedFlag.NO_REPORT: N_("No report"),
    },
    DueKind: {
        DueKind.REPORT: N_("Report"),
        DueKind.MEETING: N_("Meeting"),
        DueKind.BULLETIN: N_("Bulletin"),
        DueKind.CLOSING: N_("Closing of the month"),
        DueKind.RESOLUTION: N_("Resolution"),
        DueKind.SWEEP: N_("Sweep"),
    },
}
