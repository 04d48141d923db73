"""Which ledgers there are, who keeps them, how sums are made, when one is stale."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from app.domain.labels import label_of
from app.domain.ledgers.columns import Kind
from app.domain.ledgers.kept import STALE_DAYS, Span, is_kept_at, is_stale
from app.domain.ledgers.registry import LEDGERS, ledgers_of
from app.domain.ledgers.sums import Figures, below, roll_up
from app.domain.ledgers.words import LedgerCode
from app.domain.policy.kinds import LevelKind as L
from app.domain.policy.rules import Ledgers

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TREE = (L.COUNTY, L.TOWNSHIP, L.VILLAGE, L.GROUP)


def test_there_are_the_eighteen_of_the_documents() -> None:
    assert len(LEDGERS) == 18
    assert len({label_of(code) for code in LedgerCode}) == 18


@pytest.mark.parametrize("code", list(LedgerCode))
def test_a_ledger_has_each_column_once_and_lists_for_its_codes(code: LedgerCode) -> None:
    columns = LEDGERS[code].columns_of(TREE)
    assert len({column.key for column in columns}) == len(columns) == len({column.heading for column in columns})
    assert all(column.lists for column in columns if column.kind in (Kind.CODE, Kind.CODES))
    assert [column.key for column in columns[:3]] == ["place_township", "place_village", "place_group"]


def test_a_group_keeps_no_minutes_and_no_payroll_of_its_own() -> None:
    assert {ledger.code for ledger in ledgers_of(L.VILLAGE)} - {ledger.code for ledger in ledgers_of(L.GROUP)} == {
        LedgerCode.MEETINGS, LedgerCode.PAY, LedgerCode.INSPECTIONS, LedgerCode.DOCUMENTS}  # fmt: skip


@pytest.mark.parametrize(
    ("levels", "kept"),
    [((L.TOWNSHIP, L.VILLAGE), (True, True, True, False)),  # D3-24
     ((L.TOWNSHIP, L.VILLAGE, L.GROUP), (True, True, True, True)),  # D2-38
     ((L.VILLAGE,), (True, True, True, False)),
     ((), (True, True, True, True))],
)  # fmt: skip
def test_the_rules_say_which_levels_keep_ledgers(levels: tuple[L, ...], kept: tuple[bool, ...]) -> None:
    """Those named, and those above, which sum up; a level below them keeps none."""
    rules = Ledgers(levels=levels)
    assert tuple(is_kept_at(rules, kind, TREE[:depth]) for depth, kind in enumerate(TREE)) == kept


@pytest.mark.parametrize("seed", range(20))
def test_sums_add_up_at_every_level_whatever_the_tree(seed: int) -> None:
    """Property: each unit's figures are those of its children and of the rows that lie directly in it."""
    rng = random.Random(seed)
    parent: dict[int, int | None] = {1: None}
    for unit in range(2, rng.randrange(3, 40)):
        parent[unit] = rng.choice([other for other in parent if len(_chain(parent, other)) < 5])
    leaves: list[tuple[list[int | None], Figures]] = []
    for _ in range(rng.randrange(0, 60)):
        chain: list[int | None] = list(_chain(parent, rng.choice(list(parent))))
        leaves.append((chain + [None] * (5 - len(chain)), (rng.randrange(1, 5), rng.randrange(0, 100))))
    sums = roll_up(leaves)
    for unit in parent:
        children = [child for child, above in parent.items() if above == unit]
        whole, direct = below(sums, unit, children, 2)
        own = [figures for chain, figures in leaves if [one for one in chain if one][-1] == unit]
        assert direct == (sum(one[0] for one in own), sum(one[1] for one in own))
        assert whole == sums.get(unit, (0, 0))
    assert sums.get(1, (0, 0))[0] == sum(figures[0] for _chain_, figures in leaves)


def _chain(parent: dict[int, int | None], unit: int) -> list[int]:
    above = parent[unit]
    return [*(_chain(parent, above) if above else []), unit]


def test_a_year_begins_on_its_first_day_in_china() -> None:
    span = Span(date(2026, 3, 31))
    assert (span.from_on, span.from_at) == (date(2026, 1, 1), datetime(2025, 12, 31, 16, 0, tzinfo=UTC))
    assert span.end_at == datetime(2026, 3, 31, 16, 0, tzinfo=UTC)


def test_stale_is_what_nobody_has_touched_for_longer_than_a_month() -> None:
    assert not is_stale(NOW - timedelta(days=STALE_DAYS), NOW)
    assert is_stale(NOW - timedelta(days=STALE_DAYS, seconds=1), NOW)
    assert not is_stale(None, NOW)
