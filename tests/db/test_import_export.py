"""The register out as XLSX, and in again."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.domain.enums import HouseholdCategory
from app.models import Household, ImportBatch
from app.queries.scope import acting_as
from app.services import users
from app.sheets.exports import HouseholdFilters, export_households
from app.sheets.imports import batches, commands
from tests.factories.rosters import HEADINGS, roster, row
from tests.factories.world import make_household, make_tree


@pytest.fixture
def tree(session):
    return make_tree(session)


def _export(session, filters=None, **options):
    buffer = io.BytesIO()
    count = export_households(session, buffer, filters, **options)
    headings, *rows = load_workbook(io.BytesIO(buffer.getvalue())).active.values
    assert headings == tuple(HEADINGS.values())
    assert count == len(rows)
    return [dict(zip(HEADINGS, values, strict=True)) for values in rows], buffer.getvalue()


def test_masked_by_default(session, tree):
    make_household(session, tree.groups[0], numbers=("+8610000001234",))
    rows, _ = _export(session)
    assert (rows[0]["phone1"], rows[0]["village"], rows[0]["absent"]) == ("100****1234", "测试11村", "是")


def test_unmasked_export_comes_back_without_a_change(session, tree):
    make_household(session, tree.groups[0], numbers=("+8610000001234", "+85291234567"), category="watch",
                   address="一组5号", visit_only=True)  # fmt: skip
    make_household(session, tree.groups[1], absent=False, numbers=())
    session.commit()
    _, data = _export(session, masked=False)
    batch = batches.preview(session, batches.upload(session, data, "a.xlsx").id, session.commit)
    assert (batch.rows_same, batch.rows_changed, batch.rows_bad) == (2, 0, 0)


@pytest.mark.parametrize(("filters", "codes"), [
    (HouseholdFilters(node_code="990001102"), ["B"]),
    (HouseholdFilters(category=HouseholdCategory.WATCH), ["A"]),
    (HouseholdFilters(is_absent=True), ["A"]),
    (HouseholdFilters(is_absent=False), ["B"]),
    (HouseholdFilters(text="李"), ["B"]),
    (HouseholdFilters(text="%"), []),
])  # fmt: skip
def test_filters(session, tree, filters, codes):
    make_household(session, tree.groups[0], code="A", category=HouseholdCategory.WATCH)
    make_household(session, tree.groups[4], code="B", name="李四", absent=False)
    assert [found["code"] for found in _export(session, filters)[0]] == codes


@pytest.fixture
def town_staff(session, tree):
    """Id of a user who serves the first township."""
    user, _ = users.add_user(session, "town", "试乡镇", "township_staff", tree.towns[0].code)
    session.flush()
    return user.id


def test_only_the_own_area_comes_out(session, tree, town_staff):
    make_household(session, tree.groups[0], code="A")
    make_household(session, tree.groups[4], code="B")
    with acting_as(town_staff):
        assert [found["code"] for found in _export(session)[0]] == ["A"]


def test_formula_in_a_name_goes_out_as_text(session, tree):
    make_household(session, tree.groups[0], name="=1+1")
    buffer = io.BytesIO()
    export_households(session, buffer)
    cells = [cell for line in load_workbook(io.BytesIO(buffer.getvalue())).active.iter_rows() for cell in line]
    assert "'=1+1" in {cell.value for cell in cells}
    assert all(cell.data_type != "f" for cell in cells)


def test_file_appears_whole_or_not_at_all(session, tree, tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "out.xlsx"
    with pytest.raises(LookupError):
        export_households(session, target, HouseholdFilters(node_code="nowhere"))
    assert list(folder.iterdir()) == []
    assert export_households(session, target) == 0
    assert [path.name for path in folder.iterdir()] == ["out.xlsx"]


def test_command_names_bad_rows_and_writes_the_good_ones(session, tree, tmp_path):
    file = tmp_path / "in.xlsx"
    file.write_bytes(roster(row(1), row(2, phone1="12")))
    session.commit()
    report = commands.import_households(session, file)
    assert (report.new, report.bad) == (1, 1)
    assert report.lines()[0].startswith("第 3 行，联系电话1：")


def test_dry_run_leaves_nothing_behind(session, tree, tmp_path):
    file = tmp_path / "in.xlsx"
    file.write_bytes(roster(row(1)))
    session.commit()
    report = commands.import_households(session, file, dry_run=True)
    assert (report.new, report.batch_id) == (1, None)
    assert [session.scalar(select(func.count()).select_from(model)) for model in (Household, ImportBatch)] == [0, 0]


def test_unreadable_file_is_a_report_not_a_crash(session, tree, tmp_path):
    file = tmp_path / "in.xlsx"
    file.write_bytes(b"nonsense")
    report = commands.import_households(session, file)
    assert report.bad == 1
    assert "不是 XLSX 表格文件" in report.lines()[0]


def test_rows_outside_the_users_area_are_bad_rows(session, tree, town_staff, tmp_path):
    make_household(session, tree.groups[4], code="R00003", name="外乡人")
    file = tmp_path / "in.xlsx"
    file.write_bytes(roster(row(1), row(2, node_code="990001102201001"), row(3)))
    session.commit()
    with acting_as(town_staff):
        report = commands.import_households(session, file)
    assert (report.new, report.bad) == (1, 2)
    assert report.problems[0].startswith("第 3 行，村组编码：这个网格不在您的辖区内。")
    assert report.problems[1].startswith("第 4 行，户编号：这个户编号属于其他辖区。")
    assert session.scalars(select(Household.head_name).where(Household.code == "R00003")).one() == "外乡人"


def test_date_cells_go_in_as_dates(session, tree, tmp_path):
    file = tmp_path / "in.xlsx"
    file.write_bytes(roster(row(1, away_since=date(2026, 3, 1))))
    session.commit()
    commands.import_households(session, file)
    assert _export(session)[0][0]["away_since"] == "2026-03-01"
