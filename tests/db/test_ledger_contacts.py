"""The quarter's contact ledger, read back as a spreadsheet program would."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from app.domain.enums import AttemptOutcome, ClueKind, ClueSource, Disposition, VisitChannel
from app.domain.quarters import Quarter
from app.models import Absence, Attempt, Campaign, Clue, Contact, Visit
from app.sheets.ledgers.contacts import COLUMNS, contact_ledger
from tests.factories.world import area_of, make_household, make_tree, make_worker

QUARTER = Quarter(2026, 4)
HEADINGS = [column.heading for column in COLUMNS]


@pytest.fixture
def tree(session):
    return make_tree(session)


@pytest.fixture
def sheet(session):
    def read(quarter=QUARTER, node_code=""):
        return load_workbook(io.BytesIO(contact_ledger(session, quarter, node_code))).worksheets[0]

    return read


def _rows(sheet):
    """Between headings and totals."""
    return [dict(zip(HEADINGS, values, strict=True)) for values in list(sheet.values)[3:-1]]


def _visit(session, household, at, channel=VisitChannel.PHONE, **values):
    row = Visit(household_id=household.id, channel=channel, happened_at=at, **area_of(household.node), **values)
    session.add(row)
    session.flush()
    return row


def test_columns_stand_in_the_familiar_order(sheet, tree):
    assert [cell.value for cell in sheet()[3]] == [
        "乡镇", "村", "组", "户编号", "户主", "户类型", "外出地点", "联系方式", "联系次数", "最后联系时间", "联系渠道",
        "结果", "问题线索", "经办网格员", "备注"]  # fmt: skip


def test_title_names_quarter_and_day(sheet, tree):
    found = sheet()
    assert found["A1"].value == "长期外出户季度联系台账（2026年第四季度）"
    assert found["A2"].value.startswith("数据截至 2026年11月23日 10:00")


def test_household_with_its_contact(session, sheet, tree):
    household = make_household(session, tree.groups[0], name="赵试甲", numbers=("+8610000001234",))
    worker = make_worker(session, tree.groups[0], name="钱网格")
    visit = _visit(session, household, datetime(2026, 11, 2, 3, 30, tzinfo=UTC), closes_duty=True, worker_id=worker.id)
    session.add(Clue(household_id=household.id, visit_id=visit.id, kind=ClueKind.INCOME_DROP, source=ClueSource.WORKER,
                     raised_at=visit.happened_at, **area_of(tree.groups[0])))  # fmt: skip
    session.flush()
    (row,) = _rows(sheet())
    assert row == {
        "乡镇": "测试1镇", "村": "测试11村", "组": "第1组", "户编号": household.code, "户主": "赵试甲",
        "户类型": "一般农户", "外出地点": "测试市", "联系方式": "100****1234", "联系次数": 1,
        "最后联系时间": "2026年11月2日 11:30", "联系渠道": "电话",
        "结果": "已联系", "问题线索": "收入骤减", "经办网格员": "钱网格", "备注": None}  # fmt: skip


def test_unanswered_calls_count_and_an_answered_one_counts_once(session, sheet, tree):
    household = make_household(session, tree.groups[0])
    area = area_of(tree.groups[0])
    campaign = Campaign(name="c", quarter="2026Q4", **area)
    session.add(campaign)
    session.flush()
    contact = Contact(campaign_id=campaign.id, household_id=household.id, quarter="2026Q4",
                      disposition=Disposition.REACHED, **area)  # fmt: skip
    session.add(contact)
    session.flush()
    ended = [datetime(2026, 11, day, 2, tzinfo=UTC) for day in (10, 11)]
    outcomes = (AttemptOutcome.NO_ANSWER, AttemptOutcome.COMPLETED)
    calls = [Attempt(token=str(n), contact_id=contact.id, household_id=household.id, phone_hash="h", number=n,
                     carrier="simulator", slot_at=at, ended_at=at, outcome=outcome, state="done", **area)
             for n, (at, outcome) in enumerate(zip(ended, outcomes, strict=True), start=1)]  # fmt: skip
    session.add_all(calls)
    session.flush()
    _visit(session, household, ended[1], VisitChannel.AUTO_CALL, attempt_id=calls[1].id, closes_duty=True)
    (row,) = _rows(sheet())
    assert (row["联系次数"], row["联系渠道"], row["结果"]) == (2, "自动外呼", "已联系")


def test_only_contacts_of_the_quarter_count(session, sheet, tree):
    household = make_household(session, tree.groups[0])
    _visit(session, household, datetime(2026, 9, 30, 15, 59, tzinfo=UTC), closes_duty=True)  # 23:59 in China, Q3
    (row,) = _rows(sheet())
    assert (row["联系次数"], row["结果"]) == (0, "未联系")


@pytest.mark.parametrize(("since_on", "ended_on", "is_listed"), [
    (date(2026, 3, 1), None, True), (date(2026, 3, 1), date(2026, 10, 1), True),
    (date(2026, 3, 1), date(2026, 9, 30), False), (date(2027, 1, 1), None, False),
])  # fmt: skip
def test_absence_must_overlap_the_quarter(session, sheet, tree, since_on, ended_on, is_listed):
    household = make_household(session, tree.groups[0], absent=False)
    session.add(Absence(household_id=household.id, since_on=since_on, ended_on=ended_on, **area_of(tree.groups[0])))
    session.flush()
    assert len(_rows(sheet())) == is_listed


def test_totals_reconcile_with_the_rows(session, sheet, tree):
    for position, group in enumerate(tree.groups):
        household = make_household(session, group)
        for day in range(position % 3):
            _visit(session, household, datetime(2026, 10, 10 + day, 2, tzinfo=UTC), closes_duty=True)
    found = sheet()
    totals = dict(zip(HEADINGS, list(found.values)[-1], strict=True))
    rows = _rows(found)
    assert totals["户编号"] == f"{len(rows)} 户" == "8 户"
    assert totals["联系次数"] == sum(row["联系次数"] for row in rows) == 7
    assert totals["结果"] == "已联系 5 户，其余 3 户"


def test_one_unit_and_what_is_below_it(session, sheet, tree):
    for group in tree.groups:
        make_household(session, group)
    assert {row["村"] for row in _rows(sheet(node_code=tree.villages[3].code))} == {"测试22村"}


def test_unknown_unit_is_an_error(session, tree):
    with pytest.raises(LookupError):
        contact_ledger(session, QUARTER, "000000")


def test_prints_on_a4_with_repeated_headings(sheet, tree):
    found = sheet()
    assert (found.page_setup.orientation, int(found.page_setup.paperSize)) == ("landscape", 9)
    assert found.print_title_rows == "$1:$3"
    assert (found.page_setup.fitToWidth, found.page_setup.fitToHeight) == (1, 0)


def test_no_full_number_and_no_formula_in_it(session, sheet, tree):
    household = make_household(session, tree.groups[0], name="=HYPERLINK(1)", numbers=("+8610000001234",))
    found = sheet()
    cells = [cell for line in found.iter_rows() for cell in line]
    assert household.phones[0].tail in "".join(str(cell.value) for cell in cells)
    assert all("00001234" not in str(cell.value) for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)
