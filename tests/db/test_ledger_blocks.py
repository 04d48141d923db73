"""The ledger as a file: order and figures across blocks, the look of each cell, and what a cell may not hold."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from app.domain.enums import ExclusionReason, VisitChannel
from app.domain.quarters import Quarter
from app.extensions import db
from app.models import Campaign, Visit
from app.queries.campaigns import contacts_of, plan_preview
from app.queries.scope import Access, using
from app.sheets.ledgers import contact_facts
from app.sheets.ledgers.contacts import COLUMNS, contact_ledger, count_ledger_rows
from tests.factories.world import area_of, make_household, make_tree

QUARTER = Quarter(2026, 4)


@pytest.fixture
def tree(session):
    return make_tree(session)


def _sheet(session, **chosen):
    return load_workbook(io.BytesIO(contact_ledger(session, QUARTER, **chosen))).worksheets[0]


def _statements(session):
    """How many a ledger takes."""
    seen = []

    def note(conn, cursor, statement, *rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    contact_ledger(session, QUARTER)
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_small_blocks_make_the_same_ledger(session, tree, monkeypatch):
    for group in (*reversed(tree.groups), tree.groups[2], tree.groups[2]):
        make_household(session, group)
    whole = list(_sheet(session).values)
    monkeypatch.setattr(contact_facts, "BLOCK", 2)
    assert list(_sheet(session).values) == whole
    assert [row[:3] for row in whole[3:-1]] == sorted(row[:3] for row in whole[3:-1])
    assert len(whole[3:-1]) == count_ledger_rows(session, QUARTER) == 10


def test_statements_do_not_grow_with_the_households(session, tree):
    make_household(session, tree.groups[0])
    few = _statements(session)
    for group in tree.groups * 4:
        make_household(session, group)
    assert _statements(session) == few


def test_every_cell_of_a_small_ledger(session, tree):
    household = make_household(session, tree.groups[7], name="李试<&>", numbers=("+8610000005678",))
    session.add(Visit(household_id=household.id, channel=VisitChannel.IN_PERSON, closes_duty=True, findings=[],
                      happened_at=datetime(2026, 11, 20, 1, 5, tzinfo=UTC), **area_of(tree.groups[7])))  # fmt: skip
    session.flush()
    sheet = _sheet(session)
    blank = (None,) * (len(COLUMNS) - 1)
    assert list(sheet.values) == [
        ("长期外出户季度联系台账（2026年第四季度）", *blank),
        ("数据截至 2026年11月23日 10:00　联系次数含未接通的自动外呼和短信", *blank),
        tuple(column.heading for column in COLUMNS),
        ("测试2镇", "测试22村", "第2组", household.code, "李试<&>", "一般农户", "测试市", "100****5678", 1,
         "2026年11月20日 09:05", "入户", "已联系", None, None, None),
        ("合计", None, None, "1 户", None, None, None, None, 1, None, None, "已联系 1 户，其余 0 户", "0 条", None,
         None),
    ]  # fmt: skip


def test_every_body_cell_has_the_look_of_its_column(session, tree):
    make_household(session, tree.groups[0])
    body, totals = list(_sheet(session).iter_rows(min_row=4))
    for cell, total, column in zip(body, totals, COLUMNS, strict=True):
        assert (cell.border.left.style, cell.alignment.wrap_text) == ("thin", True)
        assert cell.alignment.horizontal == total.alignment.horizontal == ("right" if column.is_number else "left")
        assert cell.number_format == total.number_format == ("General" if column.is_number else "@")
        assert (cell.font.b, total.font.b) == (False, True)


def test_print_set_up_covers_the_rows(session, tree):
    for group in tree.groups:
        make_household(session, group)
    sheet = _sheet(session)
    assert sheet.print_area == "'2026Q4台账'!$A$1:$O$12"
    assert (sheet.freeze_panes, sheet.row_dimensions[1].height, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        "A4", 30, True)  # fmt: skip
    assert [sheet.column_dimensions[cell.column_letter].width for cell in sheet[3]] == [c.width for c in COLUMNS]
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"A1:O1", "A2:O2"}


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\x0b="])
def test_a_formula_stays_text(session, tree, sign):
    make_household(session, tree.groups[0], name=f"{sign}1+1")
    cell = _sheet(session)["E4"]
    assert (cell.value, cell.data_type) == (f"'{sign.lstrip(chr(0x0B))}1+1", "s")


def test_signs_that_xml_cannot_hold_do_not_damage_the_file(session, tree):
    make_household(session, tree.groups[0], name=" 赵\x0b试\x1f ")
    assert _sheet(session)["E4"].value == " 赵试 "


def test_each_row_and_part_is_there_once(session, tree):
    make_household(session, tree.groups[0])
    file = zipfile.ZipFile(io.BytesIO(contact_ledger(session, QUARTER)))
    assert len(set(file.namelist())) == len(file.namelist())
    xml = file.read("xl/worksheets/sheet1.xml").decode()
    assert [xml.count(f'<row r="{number}"') for number in range(1, 7)] == [1, 1, 1, 1, 1, 0]


def test_nobody_elses_households(session, tree):
    for group in tree.groups:
        make_household(session, group)
    with using(Access(user_id=1, grants=((2, tree.towns[0].id),), above=(tree.county.id,))):
        assert {row[0] for row in list(_sheet(session).values)[3:-1]} == {"测试1镇"}
        with pytest.raises(LookupError):
            contact_ledger(session, QUARTER, tree.towns[1].code)


def test_a_township_reads_the_plan_of_the_county(session, tree):
    campaign = Campaign(name="c", quarter="2026Q4", **area_of(tree.county))
    session.add(campaign)
    session.flush()
    key = campaign.id
    session.expunge_all()
    with using(Access(user_id=1, grants=((2, tree.towns[0].id),), above=(tree.county.id,))):
        assert plan_preview(session, key).total == 0
        seen = contacts_of(session.get_one(Campaign, key), exclusion=ExclusionReason.IN_OTHER_CAMPAIGN)
        assert session.scalars(seen).all() == []
