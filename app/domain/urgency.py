"""The order of the worker's list (UX check 1): most urgent first, and why, in words.

The key is a plain tuple, so that it can be stored, compared and explained; ascending order puts the most urgent first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.domain.enums import HouseholdCategory, Urgency, WorkTaskKind
from app.domain.msgids import N_

UrgencyKey = tuple[int, int, int, int, int, int]

_URGENCY = {Urgency.EMERGENCY: 0, Urgency.HIGH: 1, Urgency.NORMAL: 2}
# A promise to a household that asked comes before the households that did not.
_KIND = {
    WorkTaskKind.WANTS_TO_APPLY: 0,
    WorkTaskKind.CALL_BACK: 0,
    WorkTaskKind.LISTEN_MESSAGE: 1,
    WorkTaskKind.CLUE_FOLLOWUP: 1,
    WorkTaskKind.MISSED_CONTACT: 2,
    WorkTaskKind.OPTED_OUT_VISIT: 3,
    WorkTaskKind.CHANGE_REQUEST_CHECK: 4,
}
_CATEGORY = {
    HouseholdCategory.SUDDEN_HARDSHIP: 0,
    HouseholdCategory.UNSTABLE: 1,
    HouseholdCategory.MARGINAL: 1,
    HouseholdCategory.EARLY_WARNING: 2,
    HouseholdCategory.WATCH: 3,
    HouseholdCategory.OUT_OF_POVERTY: 4,
    HouseholdCategory.GENERAL: 5,
}
MONITORED = frozenset({HouseholdCategory.SUDDEN_HARDSHIP, HouseholdCategory.UNSTABLE, HouseholdCategory.MARGINAL})
_DAYS_STEPS = (0, 7, 14, 30)  # a day more or less must not shuffle the whole list


class ReasonCode(StrEnum):
    EMERGENCY = "emergency"
    OVERDUE = "overdue"
    WANTS_TO_APPLY = "wants_to_apply"
    CALL_BACK = "call_back"
    MESSAGE = "message"
    CLUE = "clue"
    OPTED_OUT = "opted_out"
    CHANGE = "change"
    QUARTER_ENDS = "quarter_ends"
    MONITORED = "monitored"
    RISK = "risk"
    MISSED_ROUNDS = "missed_rounds"
    MISSED = "missed"


# %(count)s is filled from Reason.count.
REASON_WORDS: dict[ReasonCode, str] = {
    ReasonCode.EMERGENCY: N_("Emergency: act at once"),
    ReasonCode.OVERDUE: N_("%(count)s days overdue"),
    ReasonCode.WANTS_TO_APPLY: N_("Wants to apply for help"),
    ReasonCode.CALL_BACK: N_("Asked to be called back"),
    ReasonCode.MESSAGE: N_("Left a message"),
    ReasonCode.CLUE: N_("A clue is to be checked"),
    ReasonCode.OPTED_OUT: N_("Wants no calls: visit instead"),
    ReasonCode.CHANGE: N_("New information is to be checked"),
    ReasonCode.QUARTER_ENDS: N_("Quarter ends in %(count)s days"),
    ReasonCode.MONITORED: N_("Monitored household"),
    ReasonCode.RISK: N_("%(count)s open risks"),
    ReasonCode.MISSED_ROUNDS: N_("Missed %(count)s quarters in a row"),
    ReasonCode.MISSED: N_("Not reached by phone"),
}
_KIND_REASON = {
    WorkTaskKind.WANTS_TO_APPLY: ReasonCode.WANTS_TO_APPLY,
    WorkTaskKind.CALL_BACK: ReasonCode.CALL_BACK,
    WorkTaskKind.LISTEN_MESSAGE: ReasonCode.MESSAGE,
    WorkTaskKind.CLUE_FOLLOWUP: ReasonCode.CLUE,
    WorkTaskKind.MISSED_CONTACT: ReasonCode.MISSED,
    WorkTaskKind.OPTED_OUT_VISIT: ReasonCode.OPTED_OUT,
    WorkTaskKind.CHANGE_REQUEST_CHECK: ReasonCode.CHANGE,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `count` fills the sentence where it has a number."""

    code: ReasonCode
    count: int | None = None

    @property
    def msgid(self) -> str:
        return REASON_WORDS[self.code]


@dataclass(frozen=True, slots=True)
class Matter:
    """One entry of the list. `days_left` until it is due (the end of the quarter for a missed contact), negative when
    overdue; `open_risks` unsolved clues of the household; `rounds_missed` quarters in a row without contact."""

    kind: WorkTaskKind
    days_left: int
    category: HouseholdCategory = HouseholdCategory.GENERAL
    urgency: Urgency = Urgency.NORMAL
    open_risks: int = 0
    rounds_missed: int = 0


def order_key(matter: Matter) -> UrgencyKey:
    """Ascending: urgency, overdue, what was asked, days left in steps, category, open risks and missed rounds."""
    return (
        _URGENCY[matter.urgency],
        0 if matter.days_left < 0 else 1,
        _KIND[matter.kind],
        sum(matter.days_left > step for step in _DAYS_STEPS),
        _CATEGORY[matter.category],
        -(matter.open_risks + matter.rounds_missed),
    )


_RADIX = (3, 2, 5, 5, 6, 10)  # how many values each place of the key can take
_MOST_COUNTED = 9


def rank_of(matter: Matter) -> int:
    """The key as one integer (0–8999), so that an index can hold the list in order."""
    *places, counted = order_key(matter)
    rank = 0
    for value, radix in zip((*places, _MOST_COUNTED + max(-_MOST_COUNTED, counted)), _RADIX, strict=True):
        rank = rank * radix + value
    return rank


def reason_words(matter: Matter) -> tuple[Reason, ...]:
    """Why it stands where it stands, the weightiest first; never empty."""
    reasons: list[Reason] = []
    if matter.urgency is Urgency.EMERGENCY:
        reasons.append(Reason(ReasonCode.EMERGENCY))
    if matter.days_left < 0:
        reasons.append(Reason(ReasonCode.OVERDUE, -matter.days_left))
    reasons.append(Reason(_KIND_REASON[matter.kind]))
    if matter.kind is WorkTaskKind.MISSED_CONTACT and 0 <= matter.days_left <= _DAYS_STEPS[-1]:
        reasons.append(Reason(ReasonCode.QUARTER_ENDS, matter.days_left))
    if matter.category in MONITORED:
        reasons.append(Reason(ReasonCode.MONITORED))
    if matter.open_risks > 0:
        reasons.append(Reason(ReasonCode.RISK, matter.open_risks))
    if matter.rounds_missed > 1:
        reasons.append(Reason(ReasonCode.MISSED_ROUNDS, matter.rounds_missed))
    return tuple(reasons)
