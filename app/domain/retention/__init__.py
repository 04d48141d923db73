"""保存期限: what is kept only for a time, and for how long. The periods are rules of the profiles (`deadlines`)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from app.domain.msgids import N_
from app.domain.policy.kinds import TimeUnit
from app.domain.policy.rules import Deadline
from app.domain.quarters import CHINA

__all__ = ["EFFECTS", "LABELS", "Kept", "Period", "code_of", "cutoff"]

Period = Deadline


class Kept(StrEnum):
    """Kinds of records that go when they have served their time. The register and its history are none of them."""

    RECORDINGS = "recordings"
    CALL_COURSES = "call_courses"
    CALLBACKS = "callbacks"
    TEXTS = "texts"
    IMPORT_ROWS = "import_rows"
    NATIONAL_ROWS = "national_rows"
    PACKS = "packs"
    DOOR_CODES = "door_codes"
    RATE_WINDOWS = "rate_windows"
    REVEALS = "reveals"


LABELS: dict[type[StrEnum], dict[StrEnum, str]] = {
    Kept: {
        Kept.RECORDINGS: N_("Recordings of voice messages"),
        Kept.CALL_COURSES: N_("Course of calls, step by step"),
        Kept.CALLBACKS: N_("Bodies of the carrier's callbacks"),
        Kept.TEXTS: N_("Bodies of messages received"),
        Kept.IMPORT_ROWS: N_("Rows of uploaded rosters"),
        Kept.NATIONAL_ROWS: N_("Rows of uploaded national exports"),
        Kept.PACKS: N_("Packs of ledgers that have expired"),
        Kept.DOOR_CODES: N_("Door codes that were revoked"),
        Kept.RATE_WINDOWS: N_("Counters of anonymous tries"),
        Kept.REVEALS: N_("Log of revealed personal data"),
    },
}
# What remains, so that nobody expects more or less to go.
EFFECTS: dict[Kept, str] = {
    Kept.RECORDINGS: N_("The sound goes; that somebody spoke, and when, stays."),
    Kept.CALL_COURSES: N_("The steps go; the answers, the visit and the outcome stay."),
    Kept.CALLBACKS: N_("The words answered go; the keys stay, so that a repeat still changes nothing."),
    Kept.TEXTS: N_("The words go once somebody has dealt with them; when it came and what it meant stay."),
    Kept.IMPORT_ROWS: N_("The rows go; the upload and its counts stay. It can no longer be undone."),
    Kept.NATIONAL_ROWS: N_("The rows go; the upload and its counts stay. It can no longer be undone."),
    Kept.PACKS: N_("The entry goes; its file went when it expired."),
    Kept.DOOR_CODES: N_("The revoked code goes; the household's present one stays."),
    Kept.RATE_WINDOWS: N_("They count no more after a day."),
    Kept.REVEALS: N_("Who looked at whose data and why: the oldest entries go."),
}


def code_of(kind: Kept) -> str:
    """The code of the time limit in the profiles."""
    return f"keep_{kind.value}"


def cutoff(period: Period, now: datetime) -> datetime:
    """What is older than this instant has served its time; in full civil days of China, hours excepted.

    Working days are taken generously, as two days each: never shorter than the rule asks."""
    if period.unit is TimeUnit.HOUR:
        return now - timedelta(hours=period.amount)
    on = now.astimezone(CHINA).date()
    if period.unit is TimeUnit.MONTH:
        on = _months_before(on, period.amount)
    else:
        on -= timedelta(days=period.amount * (2 if period.unit is TimeUnit.WORKDAY else 1))
    return datetime.combine(on, time(), CHINA)


def _months_before(on: date, months: int) -> date:
    """The same day so many months ago, or the last of that month."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
