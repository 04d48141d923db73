"""Code words of duties, sweeps and what is kept with a visit, and what people read for them."""

from __future__ import annotations

from enum import StrEnum

from app.domain.msgids import N_


class SweepKind(StrEnum):
    """集中排查 and 遍访: every household of an area once within a period (D0-23, D4-12)."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"  # 遍访
    SPECIAL = "special"  # 集中排查, between any two dates


class SweepState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class FileKind(StrEnum):
    """What may be kept with a visit; never required (D0-26)."""

    PHOTO = "photo"
    VOICE = "voice"


class Standing(StrEnum):
    """How one contact rule stands for one household on a day. Computed, never stored."""

    OVERDUE = "overdue"
    DUE = "due"
    DONE = "done"  # contacted in the present period
    PAUSED = "paused"  # dead, moved away, merged: nothing is owed


class PauseReason(StrEnum):
    GONE = "gone"


class RuleWord(StrEnum):
    """Which sentence tells why a contact is owed; the household's kind or its absence fills it."""

    LONG_ABSENT = "long_absent"
    MONITORED = "monitored"
    OUT_OF_POVERTY = "out_of_poverty"
    EARLY_WARNING = "early_warning"
    WATCH = "watch"
    GENERAL = "general"
    EVERYONE = "everyone"
    EVENT = "event"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    SweepKind: {
        SweepKind.MONTH: N_("Monthly sweep"), SweepKind.QUARTER: N_("Quarterly sweep"),
        SweepKind.YEAR: N_("Yearly sweep"), SweepKind.SPECIAL: N_("Special sweep"),
    },
    SweepState: {SweepState.OPEN: N_("Under way"), SweepState.CLOSED: N_("Closed")},
    FileKind: {FileKind.PHOTO: N_("Photo"), FileKind.VOICE: N_("Voice note")},
    Standing: {
        Standing.OVERDUE: N_("Overdue"), Standing.DUE: N_("Due"), Standing.DONE: N_("Contacted"),
        Standing.PAUSED: N_("Paused"),
    },
    PauseReason: {PauseReason.GONE: N_("No longer registered")},
    RuleWord: {
        RuleWord.LONG_ABSENT: N_("Long-absent household"), RuleWord.MONITORED: N_("Monitored household"),
        RuleWord.OUT_OF_POVERTY: N_("Out-of-poverty household"),
        RuleWord.EARLY_WARNING: N_("Early-warning household"), RuleWord.WATCH: N_("Household on watch"),
        RuleWord.GENERAL: N_("General household"), RuleWord.EVERYONE: N_("Every household"),
        RuleWord.EVENT: N_("Something grave has happened"),
    },
}  # fmt: skip
