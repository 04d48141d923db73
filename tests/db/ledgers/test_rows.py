"""The ledgers' statements on both databases: as many rows as counted, sums that add up, days that are kept apart."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
from flask_babel import gettext

from app.domain.labels import LABELS, label_of
from app.domain.ledgers.columns import Column, Kind
from app.domain.ledgers.registry import LEDGERS
from app.domain.ledgers.words import LedgerCode
from app.models import Clue, Department, GridNode, HouseholdCategoryChange, Member, WarningBatch, WarningRow
from app.queries import ledgers
from app.sheets.ledgers.values import readers
from tests.factories.ledgers import make_ledger_world
from tests.factories.world import Tree, area_of, make_household, make_tree

TODAY, SUMMER = date(2026, 11, 23), date(2026, 7, 1)


def ask(session: Any, node: GridNode, as_of: date = TODAY, **values: Any) -> ledgers.Ask:
    place = ledgers.find_place(session, node.id)
    assert place is not None
    return ledgers.ask_for(place, as_of, **values)


def test_every_ledger_adds_up_from_the_groups_to_the_county(session: Any) -> None:
    """By construction: the figures of each unit are the sum of the units below it and of what lies in it directly, and
    the county's are the number of rows of the ledger (D2-38)."""
    tree = make_ledger_world(session, 1, households=48)
    for as_of in (TODAY, SUMMER):
        whole = ask(session, tree.county, as_of)
        sums = {code: ledgers.read_sums(session, code, whole) for code in ledgers.LISTINGS}
        for code in ledgers.LISTINGS:
            rows = [row._mapping for row in ledgers.rows_of(session, code, whole)]
            figures = sums[code].get(tree.county.id, (0,) * (1 + len(LEDGERS[code].summed)))
            assert figures[0] == len(rows) == ledgers.read_count(session, code, whole), code
            few = [row._mapping for row in ledgers.rows_of(session, code, whole, limit=7)]
            assert few == rows[:7], code
            for column, total in zip(LEDGERS[code].summed, figures[1:], strict=True):
                assert float(total) == pytest.approx(sum(float(row[column.key] or 0) for row in rows)), column.key
        _units_agree(session, as_of, sums, tree)


def _units_agree(session: Any, as_of: date, sums: Any, tree: Tree) -> None:
    for unit in (*tree.towns, tree.villages[0], tree.groups[0]):
        for one in ledgers.list_standings(session, ask(session, unit, as_of), list(sums)):
            assert sums[one.code].get(unit.id, (0,))[0] == one.rows, (one.code, unit.name)
    for code, found in sums.items():
        direct = found.get(tree.county.id, (0,))[0] - sum(found.get(town.id, (0,))[0] for town in tree.towns)
        assert direct >= 0
        if code in (LedgerCode.HOUSEHOLDS, LedgerCode.VISITS):
            assert direct == 0


def test_a_code_word_is_said_in_the_words_of_its_own_class(app: Any) -> None:
    """A household's “general” is no ordinary issue: words of different classes are equal when their values are."""
    with app.app_context():
        (said,) = readers([Column("state", "State", kind=Kind.WORD)], cast(Any, None), masked=True, chinese=True)
        for word in (one for words in LABELS for one in words):
            assert said(word) == gettext(label_of(word)), repr(word)


def test_standings_of_all_ledgers_come_from_one_statement(session: Any, statements: list[str]) -> None:
    tree = make_ledger_world(session, 4)
    whole = ask(session, tree.county)
    statements.clear()
    found = ledgers.list_standings(session, whole, list(ledgers.LISTINGS))
    assert len([one for one in statements if "set_config" not in one]) == 1
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


def test_what_a_department_handed_over_stands_in_the_ledger_of_clues(session: Any) -> None:
    """线索交办 (DOMAIN 3.4): a row that waits for its answer, then the clue it became, once each."""
    tree = make_tree(session)
    home = make_household(session, tree.groups[0], name="户甲")
    office = Department(name="县医保部门", kind_code="medical_insurance", from_on=TODAY, **area_of(tree.county))
    session.add(office)
    session.flush()
    sent = datetime(2026, 11, 10, 2, tzinfo=UTC)
    batch = WarningBatch(title="十一月大额报销", department_id=office.id, state="dispatched", pushed_on=TODAY,
                         dispatched_at=sent, due_at=sent + timedelta(days=5), **area_of(tree.county))  # fmt: skip
    session.add(batch)
    session.flush()
    own: dict[str, Any] = {"batch_id": batch.id, "person": "查某", "kind": "大额医疗费用", "is_sent": True}
    row = WarningRow(line=2, digest="2", household_id=home.id, **own, **area_of(tree.groups[0]))
    session.add_all([row, WarningRow(line=3, digest="3", **own, **area_of(tree.villages[0]))])
    session.flush()
    [unknown, known] = ledgers.rows_of(session, LedgerCode.CLUES, ask(session, tree.county))
    assert (known.head, known.kind, known.handed, known.state) == ("户甲", "大额医疗费用", "十一月大额报销", "late")
    assert (unknown.head, unknown.detail, unknown.state) == (None, None, "late")
    [full, _] = ledgers.rows_of(session, LedgerCode.CLUES, ask(session, tree.county, masked=False))
    assert full.detail == "查某"
    clue = Clue(household_id=home.id, kind="major_illness", source="department", raised_at=sent + timedelta(days=3),
                due_at=sent + timedelta(days=9), **area_of(tree.groups[0]))  # fmt: skip
    session.add(clue)
    session.flush()
    row.clue_id, row.answer, row.answered_at = clue.id, "clue", clue.raised_at
    session.flush()
    [first, second] = ledgers.rows_of(session, LedgerCode.CLUES, ask(session, tree.county))
    assert (first.kind, first.handed, first.due_at) == ("major_illness", "十一月大额报销", clue.due_at)
    assert second.head is None
    before = list(ledgers.rows_of(session, LedgerCode.CLUES, ask(session, tree.county, date(2026, 11, 12))))
    assert [(one.kind, one.state) for one in before] == [("大额医疗费用", "open")] * 2
    assert len(list(ledgers.rows_of(session, LedgerCode.CLUES, ask(session, tree.county), limit=1))) == 1


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
