"""Patterns in recorded visits: what is shown, what is not, and that a look lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.supervision.patterns import RUN_LENGTH, Recorded, find_patterns, plain_text
from app.domain.supervision.words import PatternKind

TEN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 10:00 in China


def visits(count: int, *, apart: timedelta = timedelta(days=1), **changes: Any) -> list[Recorded]:
    usual = {"worker_id": 7, "text": "", "is_home_visit": True, "is_plain": False}
    return [Recorded(visit_id=number, household_id=number, happened_at=TEN + number * apart, **(usual | changes))
            for number in range(1, count + 1)]  # fmt: skip


def kinds(given: list[Recorded]) -> list[PatternKind]:
    return [one.kind for one in find_patterns(given)]


def test_five_home_visits_within_a_quarter_of_an_hour() -> None:
    assert kinds(visits(5, apart=timedelta(minutes=3))) == [PatternKind.BURST]
    assert kinds(visits(4, apart=timedelta(minutes=3))) == []
    assert kinds(visits(5, apart=timedelta(minutes=20))) == []
    assert kinds(visits(5, apart=timedelta(minutes=3), is_home_visit=False)) == []


def test_calls_to_one_household_are_no_burst() -> None:
    one_home = [Recorded(n, 7, 1, TEN + timedelta(minutes=n), "", True, False) for n in range(9)]
    assert kinds(one_home) == []


def test_the_same_words_for_four_households() -> None:
    assert kinds(visits(4, text="家中一切正常，收入稳定")) == [PatternKind.SAME_TEXT]
    assert kinds(visits(3, text="家中一切正常，收入稳定")) == []
    assert kinds(visits(4, text="正常")) == []  # too short to be anybody's own words


def test_punctuation_and_width_make_no_difference() -> None:
    assert plain_text("家中１切 正常，OK！") == plain_text("家中1切正常ok")


def test_two_workers_who_write_alike_are_no_pattern() -> None:
    both = [Recorded(n, n % 2, n, TEN + timedelta(days=n), "家中一切正常，收入稳定", True, False) for n in range(6)]
    assert kinds(both) == []


def test_home_visit_at_night() -> None:
    night = [Recorded(1, 7, 1, datetime(2026, 11, 20, 15, 30, tzinfo=UTC), "", True, False),
             Recorded(2, 7, 2, datetime(2026, 11, 20, 21, 30, tzinfo=UTC), "", True, False)]  # fmt: skip
    found = find_patterns(night)
    assert [(one.kind, one.visit_ids) for one in found] == [(PatternKind.ODD_HOURS, (1, 2))]  # one night
    assert kinds([Recorded(1, 7, 1, datetime(2026, 11, 20, 15, 30, tzinfo=UTC), "", False, False)]) == []


def test_a_long_run_without_any_change() -> None:
    plain = visits(RUN_LENGTH, is_plain=True)
    assert kinds(plain) == [PatternKind.NO_CHANGE]
    plain[5] = Recorded(6, 7, 6, plain[5].happened_at, "", True, False)
    assert kinds(plain) == []


def test_the_key_names_the_visits_whatever_their_order() -> None:
    given = visits(5, apart=timedelta(minutes=3))
    assert find_patterns(given)[0].key == find_patterns(given[::-1])[0].key
    assert find_patterns(given)[0].key != find_patterns(visits(6, apart=timedelta(minutes=2)))[0].key
