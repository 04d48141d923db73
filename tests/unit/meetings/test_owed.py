"""Windows of meetings and reports, and where what is owed stands (D0-46, D2-35…D2-37, D4-14)."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.meetings.owed import day_of, meetings_of, period_key, standing_of, window_of
from app.domain.meetings.words import Standing
from app.domain.monthly import chain
from app.domain.policy.kinds import CalendarKind, Every, LevelKind
from app.domain.policy.rules import CalendarRule, Meeting, Rules

COMMITTEE = Meeting(
    code="committee", title="村两委会", level=LevelKind.VILLAGE, every=Every.MONTH, from_day=10, to_day=15
)
COUNTY = Meeting(code="consult", title="会商", level=LevelKind.COUNTY, every=Every.QUARTER)
TODAY = date(2026, 11, 20)


def report(level: LevelKind, to: LevelKind, **days: int) -> CalendarRule:
    kind = CalendarKind.REPORT
    return CalendarRule(code=f"{level}_report", kind=kind, title="报告", level=level, to_level=to, **days)


@pytest.mark.parametrize(
    ("rule", "first", "last", "key"),
    [
        (COMMITTEE, date(2026, 11, 10), date(2026, 11, 15), "2026-11"),
        (COUNTY, date(2026, 10, 1), date(2026, 12, 31), "2026Q4"),
    ],
)
def test_a_window_lies_in_the_period(rule: Meeting, first: date, last: date, key: str) -> None:
    window = window_of(rule, TODAY)

    assert (window.first_on, window.last_on, window.key) == (first, last, key)


def test_a_day_the_month_lacks_is_its_last() -> None:
    rule = Meeting(code="x", title="会", level=LevelKind.VILLAGE, every=Every.MONTH, from_day=28, to_day=31)

    assert window_of(rule, date(2026, 2, 3)).last_on == date(2026, 2, 28)
    assert day_of(date(2028, 2, 1), 30) == date(2028, 2, 29)


def test_a_rule_without_a_rhythm_has_no_window() -> None:
    with pytest.raises(ValueError, match="no rhythm"):
        window_of(Meeting(code="x", title="会", level=LevelKind.VILLAGE, every=Every.EVENT), TODAY)


@pytest.mark.parametrize(
    ("held", "today", "standing"),
    [
        ([date(2026, 11, 12)], date(2026, 11, 13), Standing.DONE),
        ([date(2026, 11, 18)], date(2026, 11, 20), Standing.OUTSIDE),
        ([], date(2026, 11, 9), Standing.AHEAD),
        ([], date(2026, 11, 10), Standing.DUE),
        ([], date(2026, 11, 15), Standing.DUE),
        ([], date(2026, 11, 16), Standing.LATE),
        ([], date(2026, 12, 1), Standing.MISSED),
        ([date(2026, 10, 12)], date(2026, 11, 12), Standing.DUE),
    ],
)
def test_standing_follows_from_the_days(held: list[date], today: date, standing: Standing) -> None:
    assert standing_of(window_of(COMMITTEE, TODAY), held, today) is standing


def test_a_rule_may_ask_for_more_than_one() -> None:
    window = window_of(COUNTY, TODAY)

    assert standing_of(window, [date(2026, 10, 9)], TODAY, minimum=2) is Standing.DUE
    assert standing_of(window, [date(2026, 10, 9), date(2026, 11, 2)], TODAY, minimum=2) is Standing.DONE


def test_a_calendar_entry_that_a_meeting_names_is_that_meeting() -> None:
    entries = tuple(
        CalendarRule(code=code, kind=kind, title=code, level=LevelKind.VILLAGE)
        for code, kind in (("committee", CalendarKind.MEETING), ("dispatch", CalendarKind.DISPATCH),
                           ("bulletin", CalendarKind.BULLETIN))
    )  # fmt: skip
    rules = Rules(meetings=(COMMITTEE, COUNTY), calendar=entries)

    assert [rule.code for rule in meetings_of(rules, LevelKind.VILLAGE)] == ["committee", "dispatch"]
    assert [rule.code for rule in meetings_of(rules, LevelKind.COUNTY)] == ["consult"]


@pytest.mark.parametrize(
    ("every", "key"),
    [(Every.MONTH, "2026-11"), (Every.QUARTER, "2026Q4"), (Every.HALF_YEAR, "2026H2"), (Every.YEAR, "2026")],
)
def test_periods_have_names(every: Every, key: str) -> None:
    assert period_key(every, TODAY) == key


def test_hops_go_from_below_to_above_and_end_somewhere() -> None:
    rules = Rules(calendar=(report(LevelKind.VILLAGE, LevelKind.TOWNSHIP, from_day=1, to_day=10),
                            report(LevelKind.GROUP, LevelKind.VILLAGE, from_day=1, to_day=5)))  # fmt: skip

    assert [hop.level for hop in chain.hops_of(rules)] == [LevelKind.GROUP, LevelKind.VILLAGE]
    assert chain.closes(rules, LevelKind.TOWNSHIP)
    assert not chain.closes(rules, LevelKind.VILLAGE)
    assert not chain.closes(Rules(), LevelKind.TOWNSHIP)


def test_a_report_is_made_in_the_month_after() -> None:
    rule = report(LevelKind.VILLAGE, LevelKind.TOWNSHIP, from_day=1, to_day=10)
    window = chain.window_of(rule, date(2026, 12, 5))

    assert (window.first_on, window.last_on, window.key) == (date(2027, 1, 1), date(2027, 1, 10), "2026-12")


def test_a_report_without_days_has_the_whole_month_after() -> None:
    window = chain.window_of(report(LevelKind.VILLAGE, LevelKind.TOWNSHIP), date(2026, 1, 31))

    assert (window.first_on, window.last_on) == (date(2026, 2, 1), date(2026, 2, 28))


def test_the_month_is_closed_when_reports_are_in() -> None:
    rules = Rules(calendar=(report(LevelKind.VILLAGE, LevelKind.TOWNSHIP, to_day=10),))
    window = chain.closing_window(rules, LevelKind.TOWNSHIP, date(2026, 10, 1))

    assert (window.first_on, window.last_on) == (date(2026, 11, 10), date(2026, 11, 30))
