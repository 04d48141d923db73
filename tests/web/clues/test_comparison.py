"""Data comparison: candidates out with a line in the trail, findings in, shown on the case; with bad input."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.domain.policy.kinds import WorkflowKind
from app.extensions import db
from app.models import AuditEntry, Case, ComparisonResult, Household
from app.queries.scope import system_access
from app.services import casework
from tests.factories.rosters import workbook
from tests.factories.world import make_household

CODE = "BD-000001"


@pytest.fixture
def case(web_app, world):
    """A household of township A whose recognition is under way; the case's id."""
    with web_app.app_context(), system_access():
        node = db.session.get(Household, world.a["household"]).node
        home = make_household(db.session, node, name="褚试一", code=CODE)
        key = casework.open_case(db.session, home, WorkflowKind.RECOGNITION, user_id=None, reason="收入下降").id
        db.session.commit()
    return key


def enter(browser, *rows, heads=("户编号", "车辆", "房产"), **more):
    sent = {"checked_on": "2026-11-20", **more}
    sent = {**sent, "file": (io.BytesIO(workbook([list(heads), *map(list, rows)], title="比对")), "比对.xlsx")}
    return browser.post("/comparison/results", sent, content_type="multipart/form-data")


def results(web_app):
    with web_app.app_context(), system_access():
        query = select(ComparisonResult).join(Household).where(Household.code == CODE)
        return {row.item_code: (row.finding, row.is_found) for row in db.session.scalars(query)}


def test_the_candidates_leave_with_a_line_in_the_trail(client_as, web_app, case):
    data = client_as("town_a").get("/comparison/list.xlsx").data
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert CODE in {row[0] for row in rows}
    assert rows[0][4:6] == ("车辆", "房产")
    with web_app.app_context(), system_access():
        assert db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "comparison_list")).first() is not None


def test_findings_are_entered_once_and_stand_on_the_case(client_as, web_app, case):
    town = client_as("town_a")
    assert enter(town, (CODE, "小型汽车一辆", "无"), (CODE, "无", None)).status_code == 302
    assert results(web_app) == {"vehicle": ("小型汽车一辆", True), "property": ("无", False)}
    enter(town, (CODE, "小型汽车一辆", "无"))
    assert len(results(web_app)) == 2
    assert "小型汽车一辆" in town.get(f"/case/{case}").get_data(as_text=True)
    enter(town, (CODE, "无", None))
    assert results(web_app)["vehicle"] == ("无", False)


def test_a_household_of_elsewhere_is_named_by_its_row(client_as, web_app, case):
    answer = enter(client_as("town_b"), (CODE, "小型汽车一辆", None))
    assert answer.status_code == 400
    assert results(web_app) == {}


@pytest.mark.parametrize(("rows", "more"), [
    ([("", "无", None)], {}), ([(CODE, "=1+1", None)], {}), ([(CODE, "长" * 201, None)], {}), ([], {}),
    ([(CODE, "无", None)], {"checked_on": "soon"}), ([(CODE, "无", None)], {"checked_on": "2027-01-01"}),
    ([(CODE, "无", None)], {"heads": ("编号", "汽车", "楼房")}),
])  # fmt: skip
def test_bad_input_is_explained_and_enters_nothing(client_as, web_app, case, rows, more):
    assert enter(client_as("town_a"), *rows, **more).status_code == 400
    assert results(web_app) == {}


def test_villages_take_no_list_out(client_as, case):
    assert client_as("cadre").get("/comparison/list.xlsx").status_code in (302, 403)
    assert enter(client_as("cadre"), (CODE, "无", None)).status_code == 403


def test_only_open_recognitions_are_candidates(client_as, web_app, case):
    with web_app.app_context(), system_access():
        db.session.get(Case, case).state = "closed"
        db.session.commit()
    data = client_as("town_a").get("/comparison/list.xlsx").data
    rows = list(load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))
    assert CODE not in {row[0] for row in rows}
