"""Workdays, statutory holidays and the days on which nobody is called.

`chinese_calendar` knows the State Council's arrangements for the years in SUPPORTED_YEARS only (STACK, DOMAIN 3.2).
Outside them Monday to Friday count as workdays and every answer says that it is not certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

# Typed copies at the border: the package carries no types.
_HOLIDAYS: dict[date, str] = dict(chinese_calendar.holidays)
_MAKE_UP_DAYS: frozenset[date] = frozenset(chinese_calendar.workdays)
SUPPORTED_YEARS = range(min(_HOLIDAYS).year, max(_HOLIDAYS).year + 1)

# First day of the first lunar month, Beijing time: the day of a new moon, which the tests compute. Needed because the
# statutory holiday begins on the eve in some years and on the day itself in others.
_LUNAR_NEW_YEARS = """
2004-01-22 2005-02-09 2006-01-29 2007-02-18 2008-02-07 2009-01-26 2010-02-14 2011-02-03 2012-01-23 2013-02-10
2014-01-31 2015-02-19 2016-02-08 2017-01-28 2018-02-16 2019-02-05 2020-01-25 2021-02-12 2022-02-01 2023-01-22
2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31
2034-02-19 2035-02-08 2036-01-28 2037-02-15 2038-02-04 2039-01-24 2040-02-12
"""
LUNAR_NEW_YEARS: dict[int, date] = {
    day.year: day for day in (date.fromisoformat(text) for text in _LUNAR_NEW_YEARS.split())
}
# From the eve through the second day: family days, on which a call about hardship is an insult.
_FESTIVAL_SPAN = range(-1, 2)
_MOURNING = "Tomb-sweeping Day"


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """`is_holiday`: a statutory holiday or its bridge day. Neither flag: a plain weekend.

    `certain` is False outside the supported years, where make-up workdays and holidays are not known.
    """

    is_workday: bool
    is_holiday: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class BlockedDates:
    """Days of one year on which nobody is called. `certain` False: the year lies outside the known calendars."""

    dates: frozenset[date]
    certain: bool


def answer_for(on: date) -> CalendarAnswer:
    """What kind of day it is in mainland China."""
    weekday = on.weekday() < 5
    if on.year not in SUPPORTED_YEARS:
        return CalendarAnswer(is_workday=weekday, is_holiday=False, certain=False)
    if on in _HOLIDAYS:
        return CalendarAnswer(is_workday=False, is_holiday=True, certain=True)
    return CalendarAnswer(is_workday=weekday or on in _MAKE_UP_DAYS, is_holiday=False, certain=True)


def is_workday(on: date) -> bool:
    return answer_for(on).is_workday


def festival_dates(year: int) -> BlockedDates:
    """除夕, 正月初一, 初二 and 清明 (its statutory holiday) of one year.

    Beyond the lunar table the eve is unknown and nothing is blocked; `certain` says so.
    """
    days: set[date] = set()
    new_year = LUNAR_NEW_YEARS.get(year)
    if new_year is not None:
        days.update(new_year + timedelta(days=offset) for offset in _FESTIVAL_SPAN)
    days.update(day for day, name in _HOLIDAYS.items() if day.year == year and name == _MOURNING)
    return BlockedDates(frozenset(days), certain=new_year is not None and year in SUPPORTED_YEARS)


_FESTIVALS: dict[int, frozenset[date]] = {
    year: festival_dates(year).dates for year in {*SUPPORTED_YEARS, *LUNAR_NEW_YEARS}
}


def is_festival(on: date) -> bool:
    """True on the days of `festival_dates`."""
    return on in _FESTIVALS.get(on.year, frozenset())


def add_workdays(on: date, count: int) -> date:
    """The `count`-th workday after `on` (count 0 or more; 0 gives `on` itself). For deadlines in working days."""
    if count < 0:
        raise ValueError("count must not be negative")
    while count:
        on += timedelta(days=1)
        count -= is_workday(on)
    return on
