"""The ledgers' statements on both databases: as many rows as counted, sums that add up, days that are kept apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from app.domain.ledgers.registry import LEDGERS
from app.domain.ledgers.words import LedgerCode
from app.models import GridNode, HouseholdCategoryChange, Member
from app.queries import ledgers
from tests.factories.ledgers import make_ledger_world
from tests.factories.world import Tree, area_of, make_household, make_tree

TODAY, SUMMER = date(2026, 11, 23), date(2026, 7, 1)


def ask(session: Any, node: GridNode, as_of: date = TODAY, **values: Any) -> ledgers.Ask:
    place = ledgers.find_place(session, node.id)
    assert place is not None
    return ledgers.ask_for(place, as_of, **values)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_ledger_adds_up_from_the_groups_to_the_county(session: Any, seed: int) -> None:
    """By construction: the figures of each unit are the sum of the units below it and of what lies in it directly, and
    the county's are the number of rows of the ledger (D2-38)."""
    tree = make_ledger_world(session, seed)
    for as_of in (TODAY, SUMMER):
        for code in ledgers.LISTINGS:
            whole = ask(session, tree.county, as_of)
            rows = [row._mapping for row in ledgers.rows_of(session, code, whole)]
            sums = ledgers.read_sums(session, code, whole)
            nothing = (0,) * (1 + len(LEDGERS[code].summed))
            figures = sums.get(tree.county.id, nothing)
            assert figures[0] == len(rows) == ledgers.read_count(session, code, whole), code
            for column, total in zip(LEDGERS[code].summed, figures[1:], strict=True):
                assert float(total) == pytest.approx(sum(float(row[column.key] or 0) for row in rows)), column.key
            _units_agree(session, code, as_of, sums, nothing, tree)


def _units_agree(session: Any, code: Any, as_of: date, sums: Any, nothing: Any, tree: Tree) -> None:
    for unit in (*tree.towns, tree.villages[0], tree.groups[0]):
        own = ask(session, unit, as_of)
        assert sums.get(unit.id, nothing)[0] == ledgers.read_count(session, code, own), (code, unit.name)
    below = sum(sums.get(town.id, nothing)[0] for town in tree.towns)
    direct = sums.get(tree.county.id, nothing)[0] - below
    assert direct >= 0
    if code in (LedgerCode.HOUSEHOLDS, LedgerCode.VISITS):
        assert direct == 0


def test_standings_of_all_ledgers_come_from_one_statement(session: Any, statements: list[str]) -> None:
    tree = make_ledger_world(session, 4)
    whole = ask(session, tree.county)
    statements.clear()
    found = ledgers.list_standings(session, whole, list(ledgers.LISTINGS))
    assert len(statements) == 1
    assert [one.rows for one in found] == [ledgers.read_count(session, one.code, whole) for one in found]
    assert next(one for one in found if one.code is LedgerCode.VISITS).updated_at is not None
    assert ledgers.list_standings(session, whole, []) == []


def test_a_household_is_of_the_type_it_was_on_the_day(session: Any) -> None:
    tree = make_tree(session)
    home = make_household(session, tree.groups[0], category="marginal")
    home.created_at = home.created_at.replace(year=2024)
    session.add(HouseholdCategoryChange(household_id=home.id, from_category="general", to_category="marginal",
                                        changed_on=date(2026, 9, 1), **area_of(tree.groups[0])))  # fmt: skip
    session.flush()
    assert ledgers.read_count(session, LedgerCode.MONITORED, ask(session, tree.county)) == 1
    assert ledgers.read_count(session, LedgerCode.MONITORED, ask(session, tree.county, SUMMER)) == 0
    [row] = ledgers.rows_of(session, LedgerCode.HOUSEHOLDS, ask(session, tree.county, SUMMER))
    assert row.category == "general"


def test_who_left_and_who_is_not_registered_yet_do_not_count(session: Any) -> None:
    tree = make_tree(session)
    home = make_household(session, tree.groups[0])
    home.created_at = home.created_at.replace(year=2025)
    session.add(Member(household_id=home.id, name="走了", left_on=date(2026, 8, 1), **area_of(tree.groups[0])))
    late = make_household(session, tree.groups[0])
    late.gone_on = date(2026, 10, 1)
    session.flush()
    [now] = ledgers.rows_of(session, LedgerCode.HOUSEHOLDS, ask(session, tree.county))
    [summer] = ledgers.rows_of(session, LedgerCode.HOUSEHOLDS, ask(session, tree.county, SUMMER))
    assert (now.code, now.people, summer.people) == (home.code, 1, 2)


def test_numbers_are_masked_before_they_leave_the_database(session: Any) -> None:
    tree = make_tree(session)
    make_household(session, tree.groups[0], numbers=("+8610012345678",))
    [hidden] = ledgers.rows_of(session, LedgerCode.HOUSEHOLDS, ask(session, tree.county))
    [full] = ledgers.rows_of(session, LedgerCode.HOUSEHOLDS, ask(session, tree.county, masked=False))
    assert (hidden.phone, full.phone) == ("5678", "+8610012345678")


def test_a_unit_that_nobody_serves_is_a_vacancy(session: Any) -> None:
    tree = make_ledger_world(session, 5)
    rows = list(ledgers.rows_of(session, LedgerCode.GRID, ask(session, tree.county)))
    assert {row.unit for row in rows if row.state == "vacant"} >= {tree.county.name}
    assert [row.worker for row in rows if row.state == "served"] == ["钱试网"]
    assert len(rows) == 15  # every unit once; the served one has one duty


def test_a_tree_that_begins_at_the_township_has_no_column_for_it_alone(session: Any) -> None:
    """D4: two levels of their own. The columns follow the levels of the tree."""
    street = GridNode(code="990002101", name="试街道", depth=1)
    session.add(street)
    session.flush()
    street.l1_id, street.path = street.id, f"/{street.id}/"
    session.flush()
    place = ledgers.find_place(session, street.id)
    assert place is not None
    keys = [column.key for column in LEDGERS[LedgerCode.HOUSEHOLDS].columns_of(place.kinds)]
    assert keys[:2] == ["place_township", "code"]
