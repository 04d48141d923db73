"""Department warnings: matched, taken in once, dispatched with a deadline, answered, summed up, undone; bad input."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from app.domain.clues.words import BatchState, RowAnswer, RowChoice, RowMatch
from app.domain.enums import ClueKind, ClueState
from app.domain.id_numbers import Sex, make_demo_id
from app.models import Clue, Department, WarningBatch, WarningRow
from app.models.types import cipher
from app.queries.clues import batches as reads
from app.services.clues import batches
from app.services.clues.problems import ClueError
from app.sheets.clues import warnings as sheet
from tests.factories.rosters import workbook
from tests.factories.world import area_of, make_household, make_tree

TODAY = date(2026, 11, 23)
NUMBER = make_demo_id(date(1961, 4, 9), Sex.MALE, 11)


@dataclass(frozen=True)
class Line:
    number: int
    person: str
    id_number: str = ""
    village: str = "测试11村"
    kind: str = "大额医疗费用"
    amount: Decimal | None = Decimal("32000.00")
    words: str = ""


@pytest.fixture
def tree(session):
    return make_tree(session)


@pytest.fixture
def office(session, tree):
    row = Department(name="县医保部门", kind_code="medical_insurance", from_on=TODAY, **area_of(tree.county))
    session.add(row)
    session.flush()
    return row


@pytest.fixture
def home(session, tree):
    household = make_household(session, tree.groups[0], name="卫试一")
    member = household.members[0]
    member.id_number, member.id_hash = NUMBER, cipher.blind(NUMBER)
    session.flush()
    return household


def take(session, tree, office, *lines, title="十一月大额报销", pushed_on=TODAY):
    return batches.take_in(session, tree.towns[0], office, lines, title=title, pushed_on=pushed_on, file_name="a.xlsx",
                           user_id=None)  # fmt: skip


def rows_of(session, batch):
    return {row.person: row for row in session.scalars(select(WarningRow).where(WarningRow.batch_id == batch.id))}


def test_rows_find_their_household_by_number_or_by_name_and_village(session, tree, office, home):
    make_household(session, tree.groups[1], name="卫试二")
    for _twice in range(2):
        make_household(session, tree.groups[0], name="卫试重")
    batch = take(session, tree, office, Line(2, "写错的名", NUMBER), Line(3, "卫试二", village="测试一镇测试11村"),
                 Line(4, "卫试重"), Line(5, "查无此人", village="别处村")).batch  # fmt: skip
    rows = rows_of(session, batch)
    assert {name: row.match for name, row in rows.items()} == {
        "写错的名": RowMatch.ID_NUMBER, "卫试二": RowMatch.NAME, "卫试重": RowMatch.VILLAGE, "查无此人": RowMatch.NONE,
    }  # fmt: skip
    assert rows["写错的名"].household_id == home.id
    assert rows["卫试重"].node_id == tree.villages[0].id
    assert (rows["查无此人"].choice, rows["查无此人"].node_id) == (RowChoice.LEAVE_OUT, tree.towns[0].id)


def test_a_namesake_with_another_number_is_not_taken_for_the_person(session, tree, office, home):
    other = make_demo_id(date(1990, 1, 1), Sex.MALE, 3)
    batch = take(session, tree, office, Line(2, "卫试一", other)).batch
    assert rows_of(session, batch)["卫试一"].match is RowMatch.VILLAGE


def test_a_long_list_is_matched_a_few_hundred_at_a_time(session, tree, office):
    """D0-43: a county's list has 20,000 rows; a statement for each would take minutes."""
    numbers = [make_demo_id(date(1961, 4, 9), Sex.MALE, serial) for serial in range(20, 60)]
    for place, number in enumerate(numbers):
        member = make_household(session, tree.groups[place % 4], name=f"卫多{place}").members[0]
        member.id_number, member.id_hash = number, cipher.blind(number)
    session.flush()
    lines = [Line(row, f"卫多{row % 40}" if row % 3 else "写错", numbers[row % 40] if row % 2 else "",
                  kind=f"第{row}次", village=f"测试1{row % 40 % 4 // 2 + 1}村") for row in range(2000)]  # fmt: skip
    session.expire_all()
    with counted_statements(session) as said:
        batch = take(session, tree, office, *lines).batch
    assert len(said) < 100
    found = rows_of_lines(session, batch)
    assert len(found) == 2000
    assert {row.match for row in found if row.line % 2} == {RowMatch.ID_NUMBER}
    assert {row.match for row in found if row.line % 6 in (2, 4)} == {RowMatch.NAME}
    assert {row.match for row in found if row.line % 6 == 0} == {RowMatch.VILLAGE}
    assert all(row.household.head_name == f"卫多{row.line % 40}" for row in found if row.household is not None)


def rows_of_lines(session, batch):
    return session.scalars(select(WarningRow).where(WarningRow.batch_id == batch.id)).all()


@contextmanager
def counted_statements(session):
    """The statements sent within it."""
    said = []

    def note(_connection, _cursor, statement, *_more):
        said.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield said
    event.remove(engine, "before_cursor_execute", note)


def test_the_same_file_twice_changes_nothing(session, tree, office, home):
    lines = (Line(2, "卫试一", NUMBER), Line(3, "卫试一", NUMBER), Line(4, "卫试二"))
    first = take(session, tree, office, *lines)
    again = take(session, tree, office, *lines)
    assert (first.fresh, first.known) == (2, 1)
    assert (again.batch, again.fresh, again.known) == (None, 0, 3)
    assert len(session.scalars(select(WarningBatch)).all()) == 1


def test_what_was_taken_back_may_come_again(session, tree, office, home):
    first = take(session, tree, office, Line(2, "卫试一", NUMBER)).batch
    batches.undo(session, first.id)
    assert take(session, tree, office, Line(2, "卫试一", NUMBER)).fresh == 1


@pytest.mark.parametrize(("given", "field"), [({"title": " "}, "title"), ({"title": "长" * 121}, "title"),
                                              ({"pushed_on": date(2026, 11, 24)}, "pushed_on")])  # fmt: skip
def test_a_list_without_a_title_or_from_tomorrow_is_refused(session, tree, office, given, field):
    with pytest.raises(ClueError) as refused:
        take(session, tree, office, Line(2, "卫试一"), **given)
    assert refused.value.field == field


def test_dispatch_gives_the_villages_five_working_days(session, tree, office, home):
    batch = take(session, tree, office, Line(2, "卫试一", NUMBER), Line(3, "查无此人", village="别处村")).batch
    assert batches.dispatch(session, batch.id) == 1
    assert batch.due_at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    with pytest.raises(ClueError):
        batches.dispatch(session, batch.id)  # a second click


def test_a_row_with_nowhere_to_go_is_not_sent_until_somebody_says_where(session, tree, office, home):
    batch = take(session, tree, office, Line(2, "查无此人", village="别处村")).batch
    row = rows_of(session, batch)["查无此人"]
    with pytest.raises(ClueError):
        batches.decide_row(session, row, RowChoice.SEND)
    with pytest.raises(ClueError, match="No row"):
        batches.dispatch(session, batch.id)
    batches.decide_row(session, row, RowChoice.SEND, household=home)
    assert (row.match, row.l4_id) == (RowMatch.BY_HAND, tree.groups[0].id)
    assert batches.dispatch(session, batch.id) == 1


def test_the_village_answers_once_and_a_true_one_becomes_a_clue(session, tree, office, home, clock):
    batch = take(session, tree, office, Line(2, "卫试一", NUMBER)).batch
    batches.dispatch(session, batch.id)
    [row] = reads.list_to_answer(session)
    clock.advance(timedelta(hours=30).total_seconds())
    with pytest.raises(ClueError):
        batches.answer(session, row.id, RowAnswer.CLUE, words=" ", user_id=None)
    batches.answer(session, row.id, RowAnswer.CLUE, words="自付三万余元", user_id=None, kind=ClueKind.MAJOR_ILLNESS)
    clue = session.get(Clue, row.clue_id)
    assert (clue.state, clue.source_code, clue.department_id) == (ClueState.PENDING, "department", office.id)
    assert reads.mean_hours(session, batch) == 30
    with pytest.raises(ClueError, match="already"):
        batches.answer(session, row.id, RowAnswer.KNOWN, words="再答", user_id=None)


def test_a_clue_needs_a_household_which_the_village_may_name(session, tree, office):
    batch = take(session, tree, office, Line(2, "卫试三")).batch
    batches.dispatch(session, batch.id)
    [row] = reads.list_to_answer(session)
    with pytest.raises(ClueError, match="which household"):
        batches.answer(session, row.id, RowAnswer.CLUE, words="情况属实", user_id=None)
    batches.find_home(session, row, make_household(session, tree.groups[1], name="卫某"))
    assert batches.answer(session, row.id, RowAnswer.CLUE, words="情况属实", user_id=None).clue_id is not None


def test_a_batch_is_closed_when_all_have_answered_and_not_undone_after_the_first(session, tree, office, home):
    batch = take(session, tree, office, Line(2, "卫试一", NUMBER), Line(3, "卫试三")).batch
    batches.dispatch(session, batch.id)
    first, second = reads.list_to_answer(session)
    batches.answer(session, first.id, RowAnswer.NO_RISK, words="已报销，无风险", user_id=None)
    with pytest.raises(ClueError, match="answered already"):
        batches.undo(session, batch.id)
    with pytest.raises(ClueError, match="not answered") as refused:
        batches.close(session, batch.id)
    assert refused.value.values == {"count": 1}
    batches.answer(session, second.id, RowAnswer.NOT_FOUND, words="查无此人", user_id=None)
    batches.close(session, batch.id)
    assert batch.state is BatchState.CLOSED


def test_late_answers_are_counted(session, tree, office, home, clock):
    batch = take(session, tree, office, Line(2, "卫试一", NUMBER)).batch
    batches.dispatch(session, batch.id)
    assert reads.count_overdue(session, clock.now()) == 0
    clock.advance(timedelta(days=9).total_seconds())
    assert reads.count_overdue(session, clock.now()) == 1


def test_a_workbook_is_read_with_every_fault_named_by_row():
    heads = ["姓名", "身份证号", "村", "预警类型", "金额(元)", "备注"]
    rows = [["卫试一", NUMBER, "测试11村", "大额医疗", "32,000.5", "住院"],
            ["", "", "测试11村", "大额医疗", None, None],
            ["卫试二", "3404", "测试11村", "大额医疗", "很多", None],
            ["卫试三", "3404**********1234", "测试11村", "大额医疗", -1, "+1+1"]]  # fmt: skip
    data = workbook([["部门预警名单"], heads, *rows], title="名单")
    lines, faults = sheet.read_warnings(data)
    assert [(line.number, line.person, line.amount) for line in lines] == [(3, "卫试一", Decimal("32000.50"))]
    assert {(number, problem.column, problem.code) for number, problem in faults} == {
        (4, "姓名", "required"), (5, "身份证号", "id.length"), (5, "金额", "bad_amount"),
        (6, "身份证号", "masked_number"), (6, "金额", "bad_amount"), (6, "说明", "formula_sign"),
    }  # fmt: skip


def test_the_summary_says_what_was_answered_and_how_fast(session, tree, office, home, clock):
    import io

    from openpyxl import load_workbook

    batch = take(session, tree, office, Line(2, "卫试一", NUMBER)).batch
    batches.dispatch(session, batch.id)
    clock.advance(timedelta(hours=2).total_seconds())
    [row] = reads.list_to_answer(session)
    batches.answer(session, row.id, RowAnswer.KNOWN, words="=已在监测", user_id=None)
    book = load_workbook(io.BytesIO(sheet.summary(batch, [row])))
    heads, cells = (list(line) for line in book.active.iter_rows(values_only=True))
    told = dict(zip(heads, cells, strict=True))
    assert (told["核查结果"], told["用时(小时)"], told["核查说明"]) == ("已掌握", 2, "'=已在监测")
    assert NUMBER not in str(cells)
