"""When a household may be called or texted (TELEPHONY 1.7).

Asked at dial time on every attempt, and when the next attempt is planned. Windows are wall-clock spans in the callee's
own zone; every answer is an aware UTC instant. An interval is half-open: at its end the window is closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.calendars import answer_for, is_festival

Span = tuple[time, time]
Interval = tuple[datetime, datetime]
HORIZON = timedelta(days=30)
_WORKWEEK = range(5)


class WindowsError(ValueError):
    """A windows setting that cannot be used. `key` names the entry, such as "workday[1]"."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(f"{key}: {message}")
        self.key = key
        self.message = message


@dataclass(frozen=True, slots=True)
class CallingWindows:
    """`workday`, `rest_day`: spans of the day, sorted, not overlapping. Make-up workdays are workdays.

    `blocked`: days without any call. `festivals_blocked`: 除夕, 初一, 初二 and 清明 as well. `holiday_calls`: statutory
    holidays have the rest-day windows; otherwise none.
    """

    workday: tuple[Span, ...] = ((time(9), time(12)), (time(14), time(20, 30)))
    rest_day: tuple[Span, ...] = ((time(9, 30), time(12)), (time(14), time(20, 30)))
    blocked: frozenset[date] = frozenset()
    holiday_calls: bool = False
    festivals_blocked: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "workday", _checked(self.workday, "workday"))
        object.__setattr__(self, "rest_day", _checked(self.rest_day, "rest_day"))

    def spans_on(self, on: date) -> tuple[Span, ...]:
        """The windows of one civil day."""
        if on in self.blocked or (self.festivals_blocked and is_festival(on)):
            return ()
        day = answer_for(on)
        if day.is_workday:
            return self.workday
        return self.rest_day if self.holiday_calls or not day.is_holiday else ()

    def to_json(self) -> dict[str, Any]:
        return {
            "workday": [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in self.workday],
            "rest_day": [[f"{a:%H:%M}", f"{b:%H:%M}"] for a, b in self.rest_day],
            "blocked": sorted(day.isoformat() for day in self.blocked),
            "holiday_calls": self.holiday_calls,
            "festivals_blocked": self.festivals_blocked,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CallingWindows:
        """Missing keys take the defaults. Raises WindowsError naming the first wrong key."""
        default = cls()
        known = set(default.to_json())
        for key in data:
            if key not in known:
                raise WindowsError(str(key), f"unknown; known are {', '.join(sorted(known))}")
        return cls(
            workday=_read_spans(data["workday"], "workday") if "workday" in data else default.workday,
            rest_day=_read_spans(data["rest_day"], "rest_day") if "rest_day" in data else default.rest_day,
            blocked=_read_dates(data.get("blocked", []), "blocked"),
            holiday_calls=_read_flag(data, "holiday_calls", default.holiday_calls),
            festivals_blocked=_read_flag(data, "festivals_blocked", default.festivals_blocked),
        )


@dataclass(frozen=True, slots=True)
class PreferredHours:
    """A household's own hours, in the callee's zone. `weekdays`: 0 Monday to 6 Sunday."""

    spans: tuple[Span, ...]
    weekdays: frozenset[int] = field(default=frozenset(range(7)))

    def __post_init__(self) -> None:
        object.__setattr__(self, "spans", _checked(self.spans, "preferred"))


@dataclass(frozen=True, slots=True)
class ChosenTime:
    """A time the callee named in the last call: nothing before it, and until `at + grace` it beats the usual hours.

    It never opens a closed window: what was asked for at 23:00 is called in the next window.
    """

    at: datetime
    grace: timedelta = timedelta(hours=2)


def preferred_ignored(windows: CallingWindows, preferred: PreferredHours | None) -> bool:
    """True when the preferred hours never meet the windows, so that the windows alone are used (to be reported)."""
    if preferred is None:
        return False
    return not any(
        _intersect(windows.workday if weekday in _WORKWEEK else windows.rest_day, preferred.spans)
        for weekday in preferred.weekdays
    )


def allowed_at(
    instant: datetime,
    zone: ZoneInfo,
    windows: CallingWindows,
    preferred: PreferredHours | None = None,
    chosen: ChosenTime | None = None,
) -> bool:
    """May the phone ring at this instant? Raises ValueError for a naive instant."""
    return closes_at(instant, zone, windows, preferred, chosen) is not None


def closes_at(
    instant: datetime,
    zone: ZoneInfo,
    windows: CallingWindows,
    preferred: PreferredHours | None = None,
    chosen: ChosenTime | None = None,
) -> datetime | None:
    """End (UTC) of the window open at `instant`, None when closed. Calls queued at the carrier then are cancelled."""
    _require_aware(instant)
    instant = instant.astimezone(UTC)
    on = instant.astimezone(zone).date()
    for start, end in _intervals(on, zone, windows, _usable(windows, preferred), chosen):
        if start <= instant < end:
            return end
    return None


def next_allowed(
    instant: datetime,
    zone: ZoneInfo,
    windows: CallingWindows,
    preferred: PreferredHours | None = None,
    chosen: ChosenTime | None = None,
) -> datetime | None:
    """First allowed instant (UTC) at or after `instant`; None when there is none within 30 days."""
    _require_aware(instant)
    instant = instant.astimezone(UTC)
    usable = _usable(windows, preferred)
    first_on = instant.astimezone(zone).date()
    for offset in range(HORIZON.days + 2):
        for start, end in _intervals(first_on + timedelta(days=offset), zone, windows, usable, chosen):
            if end <= instant:
                continue
            found = max(start, instant)
            return found if found - instant <= HORIZON else None
    return None


def _usable(windows: CallingWindows, preferred: PreferredHours | None) -> PreferredHours | None:
    return None if preferred_ignored(windows, preferred) else preferred


def _intervals(
    on: date,
    zone: ZoneInfo,
    windows: CallingWindows,
    preferred: PreferredHours | None,
    chosen: ChosenTime | None,
) -> Iterator[Interval]:
    """UTC intervals of one civil day, in order, each as long as the phone may really ring without a break."""
    spans = windows.spans_on(on)
    usual: Sequence[Span] = spans
    if preferred is not None:
        usual = _intersect(spans, preferred.spans) if on.weekday() in preferred.weekdays else ()
    intervals = _in_utc(on, usual, zone)
    if chosen is not None:
        _require_aware(chosen.at)
        start = chosen.at.astimezone(UTC)
        named = _clip(_in_utc(on, spans, zone), start, start + chosen.grace)
        intervals = named + _clip(intervals, start, None)
    yield from _merged(intervals)


def _in_utc(on: date, spans: Sequence[Span], zone: ZoneInfo) -> list[Interval]:
    """A span that a clock change swallows or turns round is dropped: rather no call than one in the night."""
    instants = [
        (datetime.combine(on, a, zone).astimezone(UTC), datetime.combine(on, b, zone).astimezone(UTC)) for a, b in spans
    ]
    return [(a, b) for a, b in instants if a < b]


def _clip(intervals: Sequence[Interval], start: datetime, end: datetime | None) -> list[Interval]:
    clipped = [(max(a, start), b if end is None else min(b, end)) for a, b in intervals]
    return [(a, b) for a, b in clipped if a < b]


def _merged(intervals: Sequence[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _intersect(left: Sequence[Span], right: Sequence[Span]) -> tuple[Span, ...]:
    pairs = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted((a, b) for a, b in pairs if a < b))


def _require_aware(instant: datetime) -> None:
    if instant.tzinfo is None:
        raise ValueError("instant must be aware")


def _checked(spans: Sequence[Span], key: str) -> tuple[Span, ...]:
    for index, (start, end) in enumerate(spans):
        if start >= end:
            raise WindowsError(f"{key}[{index}]", "the end must be later than the beginning, on the same day")
    ordered = tuple(sorted(spans))
    for (_, end), (start, _) in pairwise(ordered):
        if start < end:
            raise WindowsError(key, f"two spans overlap at {start:%H:%M}")
    return ordered


def _read_spans(value: Any, key: str) -> tuple[Span, ...]:
    if not isinstance(value, list | tuple):
        raise WindowsError(key, 'must be a list of ["HH:MM", "HH:MM"] pairs')
    return tuple(_read_span(item, f"{key}[{index}]") for index, item in enumerate(value))


def _read_span(item: Any, key: str) -> Span:
    try:
        start, end = item
        return time.fromisoformat(start), time.fromisoformat(end)
    except (TypeError, ValueError) as error:
        raise WindowsError(key, 'must be a pair of times, such as ["09:00", "12:00"]') from error


def _read_dates(value: Any, key: str) -> frozenset[date]:
    if not isinstance(value, list | tuple):
        raise WindowsError(key, "must be a list of dates, such as 2026-02-16")
    days = set()
    for index, item in enumerate(value):
        try:
            days.add(date.fromisoformat(item))
        except (TypeError, ValueError) as error:
            raise WindowsError(f"{key}[{index}]", "must be a date, such as 2026-02-16") from error
    return frozenset(days)


def _read_flag(data: Mapping[str, Any], key: str, default: bool) -> bool:
    value = data.get(key, default)
    if not isinstance(value, bool):
        raise WindowsError(key, "must be true or false")
    return value
