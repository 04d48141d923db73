"""What each cell of a roster row may say, and which problem it gets otherwise."""

from __future__ import annotations

from datetime import date, time

import pytest

from app.domain.enums import HouseholdCategory, PhoneOwner
from app.services.rosters_rows import WHOLE, RosterRow
from app.sheets.imports.grid import GridIndex
from app.sheets.imports.rows import RowParser
from app.sheets.problems import explain
from app.sheets.reader import SheetRow
from tests.factories.rosters import row
from tests.factories.world import make_node, make_tree

TODAY = date(2026, 11, 23)


@pytest.fixture
def tree(session):
    return make_tree(session)


@pytest.fixture
def parse(session, tree):
    parser = RowParser(GridIndex(session), TODAY)
    return lambda number=2, **values: parser.parse(SheetRow(number, row(number, **values), {}))


def _codes(parsed):
    return [(problem.column, problem.code) for problem in parsed.problems]


def test_full_row_is_understood(parse, tree):
    parsed = parse(head_id="999999196904260012", category="脱贫户", address="一组5号", owner1="户主",
                   phone2=10000009999.0, owner2="在家亲属 李四", away_who="全家", away_return=date(2027, 2, 1),
                   language="普通话", hours="18:00-20:00", visit_only="否")  # fmt: skip
    assert parsed.problems == []
    roster = parsed.roster
    assert roster.area["node_id"] == tree.groups[0].id
    assert roster.category is HouseholdCategory.OUT_OF_POVERTY
    assert [(p.e164, p.owner, p.owner_name) for p in roster.phones] == [
        ("+8610000000002", PhoneOwner.HEAD, ""), ("+8610000009999", PhoneOwner.HOME_SIDE_RELATIVE, "李四")]  # fmt: skip
    assert (roster.absence.who, roster.absence.expected_return_on) == (WHOLE, date(2027, 2, 1))
    assert (roster.hours, roster.visit_only) == ((time(18), time(20)), False)


def test_row_survives_being_stored(parse):
    roster = parse(hours="上午", owner1="户主").roster
    assert RosterRow.from_json(roster.to_json()) == roster


@pytest.mark.parametrize(("values", "problem"), [
    ({"code": ""}, ("户编号", "required")),
    ({"code": 3.4152310920090001e16}, ("户编号", "digits_lost")),
    ({"code": "户1"}, ("户编号", "code_characters")),
    ({"head_name": "  "}, ("户主姓名", "required")),
    ({"head_name": "=1+1"}, ("户主姓名", "formula_sign")),
    ({"head_name": "长" * 41}, ("户主姓名", "too_long")),
    ({"head_id": 9.99999196904260e17}, ("户主身份证号", "id.scientific")),
    ({"head_id": "999999196904260013"}, ("户主身份证号", "id.checksum")),
    ({"phone1": "1381234567"}, ("联系电话1", "phone.too_short")),
    ({"phone1": "1.38123E+10"}, ("联系电话1", "phone.scientific")),
    ({"phone1": "100****0001"}, ("联系电话1", "masked_number")),
    ({"phone2": "10000000002"}, ("联系电话2", "same_number_twice")),
    ({"category": "富裕户"}, ("户类型", "unknown_choice")),
    ({"away_since": "去年"}, ("外出日期", "bad_date")),
    ({"away_since": None}, ("外出日期", "absent_without_date")),
    ({"away_since": "2026-12-01"}, ("外出日期", "future_date")),
    ({"absent": "否"}, ("外出日期", "not_absent_with_date")),
    ({"absent": "可能"}, ("是否长期外出", "unknown_choice")),
    ({"away_return": "2026-01-01"}, ("预计返乡", "return_before_leaving")),
    ({"away_place": "@SUM(A1)"}, ("外出地点", "formula_sign")),
    ({"hours": "饭后"}, ("方便接听时段", "bad_hours")),
    ({"node_code": "990001101201099"}, ("村组编码", "unknown_unit")),
    ({"node_code": "990001101201"}, ("村组编码", "unit_not_lowest")),
    ({"node_code": ""}, ("村组编码", "unit_missing")),
    ({"node_code": "", "village": "测试11村", "group": "第9组"}, ("组", "unknown_unit")),
    ({"node_code": "", "group": "第1组"}, ("组", "ambiguous_unit")),
    ({"village": "测试22村"}, ("村组编码", "unit_names_differ")),
])  # fmt: skip
def test_wrong_cell_is_named(parse, values, problem):
    parsed = parse(**values)
    assert _codes(parsed) == [problem]
    assert parsed.roster is None


def test_every_problem_of_a_row_is_named(parse):
    parsed = parse(head_name="", phone1="12", away_since="x")
    assert {column for column, _ in _codes(parsed)} == {"户主姓名", "联系电话1", "外出日期"}


def test_problem_has_a_reason_and_a_remedy(parse, app):
    with app.test_request_context():
        message, remedy = explain(parse(phone1="1381234567").problems[0].to_json())
    assert message
    assert remedy


def test_second_row_of_one_household_names_the_first(parse):
    parse(5, code="A1")
    again = parse(9, code="A1")
    assert (_codes(again), again.problems[0].params) == ([("户编号", "duplicate_row")], {"row": 5})


@pytest.mark.parametrize(("names", "position"), [
    ({"town": "测试1镇", "village": "测试11村", "group": "第2组"}, 1),
    ({"town": "测试1镇", "village": "测试11村委会", "group": "2组"}, 1),
    ({"village": "测试１１", "group": "二组"}, 1),
    ({"county": "测试县", "town": "测试2", "village": "测试22村", "group": "第１村民组"}, 6),
])  # fmt: skip
def test_unit_is_found_by_the_ways_people_write_it(parse, tree, names, position):
    assert parse(node_code="", **names).roster.area["node_id"] == tree.groups[position].id


def test_village_name_that_stands_twice_needs_its_township(parse, session, tree):
    for town in tree.towns:
        make_node(session, make_node(session, town, f"{town.code}299", "龙山村"), f"{town.code}299001", "一组")
    parser = RowParser(GridIndex(session), TODAY)
    vague = parser.parse(SheetRow(2, row(2, node_code="", village="龙山村", group="一组"), {}))
    assert "测试1镇龙山村一组" in vague.problems[0].params["units"]
    exact = parser.parse(SheetRow(3, row(3, node_code="", town="测试2镇", village="龙山村", group="一组"), {}))
    assert exact.roster.area["l2_id"] == tree.towns[1].id


def test_community_and_village_of_one_stem_are_told_apart(session, tree):
    for serial, name in ((297, "孔集村"), (298, "孔集社区")):
        village = make_node(session, tree.towns[0], f"990001101{serial}", name)
        make_node(session, village, f"{village.code}001", "一组")
    index = GridIndex(session)
    assert index.by_names("孔集社区", "一组").code == "990001101298001"


@pytest.mark.parametrize(("cell", "owner", "name"), [
    ("户主", PhoneOwner.HEAD, ""), ("家庭成员：李四", PhoneOwner.MEMBER, "李四"),
    ("儿子（李四）", PhoneOwner.MEMBER, "李四"),
    ("李四", PhoneOwner.MEMBER, "李四"), ("邻居 王五", PhoneOwner.HOME_SIDE_RELATIVE, "王五"), (None, None, ""),
])  # fmt: skip
def test_owner_of_a_phone(parse, cell, owner, name):
    phone = parse(owner1=cell).roster.phones[0]
    assert (phone.owner, phone.owner_name) == (owner, name)
