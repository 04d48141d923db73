"""The pages of supervision: what each role finds there, bad input, and that every figure opens its list."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask import Flask
from flask_babel import force_locale
from openpyxl import load_workbook

from app import models as m
from app.domain.supervision.rounds import NOBODY_CAME
from app.domain.supervision.words import InspectionState, IssueState
from app.extensions import db
from app.queries.scope import system_access
from app.views.supervision.page import finding_words
from tests.factories.cast import Browser
from tests.web.supervision.conftest import Office

Cast = Callable[[str], Browser]


def test_owed_inspections_stand_first_with_their_clause(client_as: Cast, office: Office) -> None:
    page = client_as("town_a").get("/inspections/").get_data(as_text=True)
    assert "测试发〔2026〕2号" in page
    assert "镇纪委" in page
    assert f"/inspections/{office.special}" in page


def test_a_township_reads_whose_cross_check_it_is_and_how_far(client_as: Cast, office: Office) -> None:
    page = client_as("town_a").get("/inspections/").get_data(as_text=True)
    row = page[page.index(f'href="/inspections/{office.cross}"') :].split("</tr>", 1)[0]
    assert "测试县" in row
    assert "未开始" not in row
    assert "—" not in row


def test_issues_lead_to_the_months_without_records(client_as: Cast, office: Office) -> None:
    assert 'href="/month-flags/"' in client_as("town_a").get("/issues/").get_data(as_text=True)


def test_a_contradiction_is_read_in_the_readers_language(web_app: Flask, office: Office) -> None:
    with web_app.test_request_context(), system_access():
        issue = m.Issue(words=NOBODY_CAME)
        with force_locale("en"):
            assert finding_words(issue).startswith("The household said on the telephone that nobody came")
        with force_locale("zh"):
            assert finding_words(issue) == NOBODY_CAME
        own = m.Issue(words=NOBODY_CAME, raised_by_id=1)  # what a person has written stays as it is
        with force_locale("en"):
            assert finding_words(own) == NOBODY_CAME


def test_a_township_plans_inspects_and_closes(client_as: Cast, office: Office, web_app: Flask) -> None:
    town = client_as("town_a")
    path = f"/inspections/{office.special}"
    assert town.post(f"{path}/units", {"units": [office.village]}, token_from=path).status_code == 302
    with web_app.app_context(), system_access():
        unit = db.session.query(m.InspectionUnit).filter_by(inspection_id=office.special).one().id
        db.session.remove()
    form = f"/inspections/units/{unit}"
    bad = town.post(form, {"inspected_on": "2026-11-23", "mark_grid": "met", "remark_grid": "有牌"}, token_from=form)
    assert bad.status_code == 200
    assert "有牌" in bad.get_data(as_text=True)
    good = {"inspected_on": "2026-11-23", "mark_grid": "met", "mark_ledger": "not_met", "remark_ledger": "缺九月"}
    assert town.post(form, good, token_from=form).status_code == 302
    assert "缺九月" in town.get(path).get_data(as_text=True)
    assert town.post(f"{path}/close", {"summary": "一村缺记录"}, token_from=f"{path}/close").status_code == 302
    with web_app.app_context(), system_access():
        assert db.session.get(m.Inspection, office.special).state is InspectionState.CLOSED
        db.session.remove()


def test_planning_keeps_what_was_typed(client_as: Cast, office: Office) -> None:
    town = client_as("town_a")
    typed = {"title": "不定期督查", "period": "2026H9", "from_on": "2026-11-23", "to_on": "2026-11-01", "code": ""}
    answer = town.post("/inspections/new", typed, token_from="/inspections/new")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert page.count("field-error") == 2
    assert "不定期督查" in page
    assert "2026H9" in page
    assert "请从列表中选择" in page
    assert '<option value="2026H2">2026年下半年</option>' in page


def test_an_issue_is_rectified_by_the_village_and_struck_off_by_the_township(
    client_as: Cast, office: Office, web_app: Flask
) -> None:
    cadre, town = client_as("cadre"), client_as("town_a")
    path = f"/issues/{office.issue}"
    assert "/rectify" in cadre.get(path).get_data(as_text=True)
    assert cadre.get(f"{path}/recheck").status_code == 403
    empty = cadre.post(f"{path}/rectify?seen=1", {"words": ""}, token_from=path)
    assert empty.status_code == 200
    assert "field-error" in empty.get_data(as_text=True)
    assert cadre.post(f"{path}/rectify?seen=1", {"words": "已补"}, token_from=path).status_code == 302
    undecided = town.post(f"{path}/recheck?seen=2", {"decision": "", "words": "看过"}, token_from=path)
    assert undecided.status_code == 200
    assert "看过" in undecided.get_data(as_text=True)
    assert town.post(f"{path}/recheck?seen=2", {"decision": "yes", "words": "核实"}, token_from=path).status_code == 302
    with web_app.app_context(), system_access():
        issue = db.session.get(m.Issue, office.issue)
        assert (issue.state, issue.steps) == (IssueState.CLOSED, 3)
        db.session.remove()
    assert client_as("town_b").get(path).status_code == 404


def test_raising_an_issue_names_what_is_missing(client_as: Cast, office: Office) -> None:
    town = client_as("town_a")
    answer = town.post("/issues/new", {"unit": "", "words": "无记录", "found_on": "2026-11-30", "deadline_on": ""},
                       token_from="/issues/new")  # fmt: skip
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "无记录" in page
    assert page.count("field-error") >= 5
    done = town.post(f"/issues/new?household={office.sampled}", {
        "category": "record", "severity": "serious", "found_by": "covert_visit", "words": "户上说没人来过",
        "found_on": "2026-11-23", "deadline_on": "2026-12-01"}, token_from="/issues/new")  # fmt: skip
    assert done.status_code == 302
    assert "/issues/" in done.headers["Location"]
    assert client_as("worker1").get("/issues/new").status_code == 403


def test_lists_by_state_and_the_sheet_agree(client_as: Cast, office: Office) -> None:
    town = client_as("town_a")
    assert f"/issues/{office.issue}" in town.get("/issues/?state=open").get_data(as_text=True)
    assert f"/issues/{office.issue}" not in town.get("/issues/?state=closed&found_by=x").get_data(as_text=True)
    sheet = load_workbook(io.BytesIO(town.get("/issues/issues.xlsx?state=open").data)).active
    numbers = [str(sheet.cell(row, 1).value) for row in range(2, sheet.max_row + 1)]
    assert f"WT2026-{office.issue:06d}" in numbers


def test_a_sample_is_drawn_proved_and_reported(client_as: Cast, office: Office) -> None:
    county = client_as("county")
    path = f"/samples/{office.draw}"
    page = county.get(f"{path}?prove=1").get_data(as_text=True)
    assert "notice-success" in page
    assert county.get(f"{path}?village=990001101201&item=water").status_code == 200
    again = county.post(f"/samples/draw/{office.cross}", {"frame": "all", "villages": "2", "households": "5"},
                        token_from=path)  # fmt: skip
    assert again.status_code == 200  # refused: drawn once and for all
    assert load_workbook(io.BytesIO(county.get(f"{path}.xlsx").data)).active.max_row > 5


def test_replacing_and_letting_in(client_as: Cast, office: Office) -> None:
    county = client_as("county")
    replace = f"/samples/items/{office.item}/replace"
    empty = county.post(replace, {"reason": "away", "note": ""}, token_from=replace)
    assert "field-error" in empty.get_data(as_text=True)
    assert county.post(replace, {"reason": "away", "note": "两次无人"}, token_from=replace).status_code == 302
    let_in = f"/samples/{office.draw}/inspectors"
    bad = county.post(let_in, {"username": "county", "name": "试", "from_on": "2026-11-23", "to_on": "2026-11-25"},
                      token_from=let_in)  # fmt: skip
    assert bad.status_code == 200
    assert "field-error" in bad.get_data(as_text=True)
    good = county.post(let_in, {"username": "jc2", "name": "试", "from_on": "2026-11-23", "to_on": "2026-11-25"},
                       token_from=let_in)  # fmt: skip
    assert 'class="secret"' in good.get_data(as_text=True)


def test_village_and_worker_draw_nothing(client_as: Cast, office: Office) -> None:
    for who in ("cadre", "worker1", "auditor"):
        browser = client_as(who)
        assert browser.get(f"/samples/draw/{office.cross}").status_code == 403, who
        assert browser.post(f"/samples/items/{office.item}/replace", {"reason": "away"}).status_code == 403, who
    assert client_as("auditor").get(f"/samples/{office.draw}").status_code == 200
