"""A roster from upload to undo, on both databases."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.domain.enums import ImportState, PhoneState, VisitChannel
from app.domain.transitions import InvalidTransition
from app.models import (
    Absence,
    AuditEntry,
    Household,
    HouseholdCategoryChange,
    ImportBatch,
    ImportRow,
    Member,
    Phone,
    Visit,
)
from app.services import rosters
from app.sheets.imports import batches
from app.sheets.imports.files import error_file, template
from app.sheets.problems import SheetError
from app.sheets.reader import open_roster
from tests.factories.rosters import HEADINGS, roster, row
from tests.factories.world import area_of, make_household, make_tree


@pytest.fixture
def tree(session):
    tree = make_tree(session)
    session.commit()
    return tree


@pytest.fixture
def run(session, tree):
    """Upload, preview, apply; the batch."""

    def run(*rows, apply=True, data=None):
        batch_id = batches.upload(session, data or roster(*rows), "名册.xlsx").id
        batch = batches.preview(session, batch_id, session.commit)
        session.commit()
        return batches.apply(session, batch_id, session.commit) if apply else batch

    return run


def _counts(batch):
    return {"new": batch.rows_new, "changed": batch.rows_changed, "same": batch.rows_same, "bad": batch.rows_bad}


def _household(session, code):
    return session.scalars(select(Household).where(Household.code == code)).one()


def _count(session, model):
    return session.scalar(select(func.count()).select_from(model))


def test_preview_counts_and_writes_no_household(session, run):
    batch = run(row(1), row(2), row(3, head_name=""), apply=False)
    assert _counts(batch) == {"new": 2, "changed": 0, "same": 0, "bad": 1}
    assert batch.state is ImportState.PREVIEWED
    assert _count(session, Household) == 0


def test_good_rows_go_in_although_others_are_bad(session, run):
    batch = run(row(1), row(2, phone1="12"), row(3))
    assert (batch.state, batch.rows_done, _count(session, Household)) == (ImportState.APPLIED, 2, 2)


def test_household_comes_in_whole(session, run, tree):
    run(row(1, category="脱贫户", owner1="户主", phone2="10000000077", owner2="在家亲属 李四", away_who="全家",
            hours="18:00-20:00", visit_only="是"))  # fmt: skip
    household = _household(session, "R00001")
    assert (household.node_id, household.l2_id) == (tree.groups[0].id, tree.towns[0].id)
    assert (household.head_initials, household.visit_only) == ("ssh", True)
    assert [(p.e164, p.tail, p.priority, p.owner_name) for p in household.phones] == [
        ("+8610000000001", "0001", 1, "孙试户"), ("+8610000000077", "0077", 2, "李四")]  # fmt: skip
    (absence,) = household.absences
    assert (absence.since_on, absence.place, absence.whole_household) == (date(2026, 2, 20), "测试市", True)
    assert [m.name for m in household.members] == ["孙试户"]
    assert household.phones[0].member_id == household.absences[0].member_id == household.members[0].id
    assert {part.l4_id for part in (*household.phones, *household.members, *household.absences)} == {household.l4_id}


def test_same_file_twice_changes_nothing(session, run):
    second_row = row(2, phone2="10000000088", owner2="李四", category="预警户")
    data = roster(row(1, owner1="户主", away_who="全家"), second_row)
    first, second = run(data=data), run(data=data)
    assert _counts(second) == {"new": 0, "changed": 0, "same": 2, "bad": 0}
    assert batches.find_earlier(session, second).id == first.id
    assert (_count(session, Household), _count(session, Phone)) == (2, 3)


def test_empty_cells_keep_what_is_known(session, run):
    run(row(1, address="一组5号"))
    again = run(row(1, address=None, phone1=None, absent=None, away_since=None, away_place=None))
    assert again.rows_same == 1
    assert _household(session, "R00001").address == "一组5号"


def test_changed_number_retires_the_old_one(session, run):
    run(row(1))
    batch = run(row(1, phone1="10000000055"))
    phones = {phone.tail: (phone.state, phone.priority) for phone in _household(session, "R00001").phones}
    assert batch.rows_changed == 1
    assert phones == {"0001": (PhoneState.RETIRED, 1), "0055": (PhoneState.ACTIVE, 1)}


def test_numbers_that_change_places_are_not_doubled(session, run):
    run(row(1, phone2="10000000055"))
    run(row(1, phone1="10000000055", phone2="10000000001"))
    order = select(Phone.tail).where(Phone.state == PhoneState.ACTIVE).order_by(Phone.priority)
    assert list(session.scalars(order)) == ["0055", "0001"]


def test_no_under_absent_ends_the_absence_today(session, run):
    run(row(1))
    run(row(1, absent="否", away_since=None))
    assert session.scalars(select(Absence.ended_on)).one() == date(2026, 11, 23)


def test_corrected_name_of_the_head_renames_the_member(session, run):
    run(row(1))
    run(row(1, head_name="孙试改"))
    assert session.scalars(select(Member.name)).all() == ["孙试改"]


def test_household_that_moved_takes_everything_with_it(session, run, tree):
    run(row(1))
    household = _household(session, "R00001")
    session.add(Visit(household_id=household.id, channel=VisitChannel.PHONE, **area_of(tree.groups[0])))
    session.commit()
    run(row(1, node_code="990001102202002"))
    for model in (Household, Member, Phone, Absence, Visit):
        assert session.scalars(select(model.l2_id)).one() == tree.towns[1].id


def test_more_than_one_chunk_is_applied_chunk_by_chunk(session, tree, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 4)
    batch_id = batches.upload(session, roster(*map(row, range(1, 11))), "a.xlsx").id
    batches.preview(session, batch_id, session.commit)
    session.commit()
    done = []
    batches.apply(session, batch_id, lambda: (done.append(_count(session, Household)), session.commit()))
    assert done == [4, 8, 10, 10]


def test_crash_between_chunks_is_all_or_nothing_and_resumes(session, tree, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 4)
    batch_id = batches.upload(session, roster(*map(row, range(1, 11))), "a.xlsx").id
    batches.preview(session, batch_id, session.commit)
    session.commit()
    written = rosters.write
    calls = iter(range(10))

    def write_then_die(*args):
        result = written(*args)
        if next(calls) == 1:
            raise RuntimeError("killed behind the writes, before the commit")
        return result

    monkeypatch.setattr(rosters, "write", write_then_die)
    with pytest.raises(RuntimeError, match="killed"):
        batches.apply(session, batch_id, session.commit)
    session.rollback()
    batch = session.get(ImportBatch, batch_id)
    assert (batch.state, batch.rows_done, _count(session, Household)) == (ImportState.APPLYING, 4, 4)
    batch = batches.apply(session, batch_id, session.commit)
    assert (batch.state, batch.rows_done, _count(session, Household)) == (ImportState.APPLIED, 10, 10)


def test_applying_twice_changes_nothing(session, run):
    batch = run(row(1))
    again = batches.apply(session, batch.id, session.commit)
    assert (_counts(again), _count(session, Household)) == ({"new": 1, "changed": 0, "same": 0, "bad": 0}, 1)


def test_error_file_holds_exactly_the_bad_rows_and_can_be_uploaded_again(session, app, run):
    batch = run(row(1), row(2, phone1="12"), row(3, head_name=""), row(4))
    with app.test_request_context():
        data = error_file(session, batch.id)
    headings, *rows = load_workbook(io.BytesIO(data)).active.values
    assert headings == (*HEADINGS.values(), "错误原因")
    assert [values[0] for values in rows] == ["R00002", "R00003"]
    assert rows[0][-1].startswith("联系电话1：")
    assert [found.cells["code"] for found in open_roster(data).rows()] == ["R00002", "R00003"]


def test_corrected_error_file_completes_the_register(session, run):
    run(row(1), row(2, phone1="12"), row(3))
    run(row(2))
    assert _count(session, Household) == 3


def test_undo_of_new_households_removes_them_whole(session, run):
    batch = run(row(1), row(2))
    result = batches.undo(session, batch.id, session.commit)
    assert (result.restored, result.refused) == (2, ())
    assert [_count(session, model) for model in (Household, Member, Phone, Absence)] == [0, 0, 0, 0]
    assert session.get(ImportBatch, batch.id).state is ImportState.UNDONE


def test_undo_puts_a_changed_household_back_exactly(session, run, tree):
    from app.services import rosters_snapshots

    run(row(1, address="一组5号", head_id="999999196904260012"))
    key = _household(session, "R00001").id
    before = rosters_snapshots.to_json(rosters_snapshots.by_ids(session, [key])[key])
    batch = run(row(1, node_code="990001102202002", head_name="李改", address="别处", phone1="10000000055",
                    phone2="10000000066", absent="否", away_since=None, hours="上午", visit_only="是"))  # fmt: skip
    batches.undo(session, batch.id, session.commit)
    assert rosters_snapshots.to_json(rosters_snapshots.by_ids(session, [key])[key]) == before


def test_undo_takes_back_only_its_own_batch(session, run):
    first = run(row(1))
    second = run(row(2))
    batches.undo(session, second.id, session.commit)
    assert session.scalars(select(Household.code)).all() == ["R00001"]
    assert session.get(ImportBatch, first.id).state is ImportState.APPLIED


def test_undo_refuses_what_somebody_changed_since_and_names_it(session, run):
    batch = run(row(1), row(2))
    _household(session, "R00002").address = "新地址"
    session.commit()
    result = batches.undo(session, batch.id, session.commit)
    assert (result.restored, result.refused) == (1, ((3, "R00002", "changed_since"),))
    assert session.scalars(select(Household.code)).all() == ["R00002"]


def test_undo_refuses_a_household_that_was_visited_since(session, run, tree):
    batch = run(row(1))
    session.add(Visit(household_id=_household(session, "R00001").id, channel=VisitChannel.PHONE,
                      **area_of(tree.groups[0])))  # fmt: skip
    session.commit()
    result = batches.undo(session, batch.id, session.commit)
    assert result.refused == ((2, "R00001", "in_use"),)
    assert session.get(ImportBatch, batch.id).state is ImportState.APPLIED


def test_undo_of_what_was_not_applied_is_refused(session, run):
    batch = run(row(1), apply=False)
    with pytest.raises(InvalidTransition):
        batches.undo(session, batch.id, session.commit)


def test_cancelled_batch_forgets_its_rows(session, run):
    batch = batches.cancel(session, run(row(1), apply=False).id)
    assert (batch.state, batch.content, _count(session, ImportRow)) == (ImportState.CANCELLED, None, 0)


def test_workbook_is_kept_encrypted_and_dropped_once_applied(session, tree):
    batch = batches.upload(session, roster(row(1)), "a.xlsx")
    assert b"PK" not in bytes(batch.content)[:4]
    batches.preview(session, batch.id, session.commit)
    assert batches.apply(session, batch.id, session.commit).content is None


def test_what_is_no_roster_is_not_stored(session, tree):
    with pytest.raises(SheetError):
        batches.upload(session, b"PK nonsense", "a.xlsx")
    assert _count(session, ImportBatch) == 0


def test_row_changed_between_preview_and_apply_is_judged_again(session, run, tree):
    batch = run(row(1), apply=False)
    make_household(session, tree.groups[0], code="R00001", name="孙试户", numbers=("+8610000000001",))
    session.commit()
    applied = batches.apply(session, batch.id, session.commit)
    assert (applied.rows_new, applied.rows_changed + applied.rows_same) == (0, 1)
    assert _count(session, Household) == 1


def test_import_is_in_the_audit_trail_without_personal_values(session, run):
    run(row(1))
    run(row(1, address="别处"))
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "import")).all()
    assert {(entry.entity, tuple(entry.changes)) for entry in entries} >= {("household", ("address",))}
    assert "别处" not in str([entry.changes for entry in entries])


def test_template_can_be_filled_in_and_imported(session, tree):
    book = load_workbook(io.BytesIO(template(session)))
    sheet = book["农户名册"]
    values = row(1)
    for position, key in enumerate(HEADINGS, start=1):
        sheet.cell(2, position, values.get(key))
    buffer = io.BytesIO()
    book.save(buffer)
    batch = batches.preview(session, batches.upload(session, buffer.getvalue(), "a.xlsx").id, session.commit)
    assert _counts(batch) == {"new": 1, "changed": 0, "same": 0, "bad": 0}


def test_template_has_lists_text_columns_and_the_units_of_the_area(session, tree):
    book = load_workbook(io.BytesIO(template(session)))
    sheet = book["农户名册"]
    assert [cell.value for cell in sheet[1]] == list(HEADINGS.values())
    assert sheet.column_dimensions["K"].number_format == "@"
    assert any(rule.formula1 == '"是,否"' for rule in sheet.data_validations.dataValidation)
    assert ("990001101201001", "测试县 测试1镇 测试11村 第1组") in set(book["村组编码"].values)


def test_future_is_judged_by_the_injected_clock(session, run, clock):
    batch = run(row(1, away_since=(clock.now() + timedelta(days=1)).date().isoformat()), apply=False)
    assert batch.rows_bad == 1


def test_a_kind_changed_by_a_roster_stands_in_the_history_and_its_undo_too(session, run):
    run(row(1, category="脱贫户"))
    batch = run(row(1, category="预警户"))
    batches.undo(session, batch.id, session.commit)
    history = session.scalars(select(HouseholdCategoryChange).order_by(HouseholdCategoryChange.id)).all()
    assert [(one.from_category, one.to_category, one.source) for one in history] == [
        ("out_of_poverty", "early_warning", "import"), ("early_warning", "out_of_poverty", "import")]  # fmt: skip
    assert {one.l4_id for one in history} == {_household(session, "R00001").l4_id}
