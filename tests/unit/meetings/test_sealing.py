"""The seal covers what was said, who was there, what was resolved, and the record before (D4-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.meetings import sealing
from app.domain.meetings.sealing import Attendance, Link, Record, Resolved, Topic

RECORD = Record(
    unit="测试村", year=2026, number=1, kind="committee", title="村两委会", held_on=date(2026, 11, 12), place="村部",
    chair="赵试", recorder="钱试", minutes="研判三户", attendance=(Attendance("赵试", "书记", True),),
    topics=(Topic("研判", "案件 1"),), resolved=(Resolved("修屋", "测试村", "住建", "孙试", date(2026, 12, 1)),),
    previous="",
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": "研判二户"}, {"held_on": date(2026, 11, 13)}, {"recorder": "李试"}, {"number": 2},
        {"previous": "0" * 64}, {"attendance": (Attendance("赵试", "书记", False),)}, {"topics": ()},
        {"resolved": (replace(RECORD.resolved[0], due_on=date(2026, 12, 2)),)},
    ],
)  # fmt: skip
def test_every_part_changes_the_seal(change: dict[str, Any]) -> None:
    assert sealing.seal_of(replace(RECORD, **change)) != sealing.seal_of(RECORD)


def test_the_same_record_has_the_same_seal() -> None:
    assert sealing.seal_of(replace(RECORD)) == sealing.seal_of(RECORD)
    assert len(sealing.seal_of(RECORD)) == 64


def test_the_seal_is_shown_short() -> None:
    assert sealing.short("3f2a91c077be" + "0" * 52) == "3F2A 91C0 77BE"


def chain(*changes: int) -> list[Link]:
    """Three links; those named were changed after they were sealed."""
    links, previous = [], ""
    for number in (1, 2, 3):
        seal = sealing.seal_of(replace(RECORD, number=number, previous=previous))
        links.append(Link(number, seal, previous, "changed" if number in changes else seal))
        previous = seal
    return links


def test_an_untouched_chain_holds() -> None:
    assert sealing.first_broken(chain()) is None
    assert sealing.first_broken([]) is None


@pytest.mark.parametrize("changed", [1, 2, 3])
def test_a_change_is_found_where_it_was_made(changed: int) -> None:
    assert sealing.first_broken(chain(changed)) == changed


def test_a_record_that_was_taken_out_is_missed() -> None:
    first, _second, third = chain()

    assert sealing.first_broken([first, third]) == 3


def test_addenda_follow_one_another() -> None:
    seal = sealing.seal_of(RECORD)
    one = sealing.seal_of_addendum("更正", 1, seal)
    two = sealing.seal_of_addendum("再更正", 2, one)
    rows = [(1, "更正", seal, one), (2, "再更正", one, two)]

    assert sealing.addenda_hold(seal, rows)
    assert not sealing.addenda_hold(seal, [(1, "改了", seal, one), rows[1]])
    assert not sealing.addenda_hold(seal, rows[1:])
    assert not sealing.addenda_hold("0" * 64, rows)
