"""Every page of the room answers those who may see it, hides what they may not, and refuses bad input in words."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from app import models as m
from app.domain.policy.kinds import ProfileStatus
from app.extensions import db
from app.queries.scope import system_access
from app.services.policy import profiles
from tests.factories.cast import Browser, World
from tests.factories.worker_files import id_number
from tests.web.worker_files.conftest import Office

As = Callable[[str], Browser]
LISTS = ("roster", "ages", "soon", "month", "exceptions", "checks", "staffing", "adjust")
PAGES = ("/worker-files/", "/appointments/", "/trainings/", "/handbooks/", "/handbooks/ledger", "/evaluations/",
         "/evaluations/schemes", "/subsidies/", "/rosters/", "/evaluations/schemes/new", "/evaluations/draw-up",
         "/subsidies/schemes/new", "/subsidies/new", "/trainings/new", "/handbooks/new",
         "/appointments/new")  # fmt: skip


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.get_data(as_text=True))


def fetch(app: Flask, model: Any, **values: Any) -> Any:
    with app.app_context(), system_access():
        return db.session.query(model).filter_by(**values).order_by(model.id.desc()).first()


@pytest.mark.parametrize("name", LISTS)
def test_each_list_answers(client_as: As, office: Office, name: str) -> None:
    assert "table" in text_of(client_as("town_a").get(f"/worker-files/?list={name}")) or name in (
        "exceptions", "adjust", "soon", "month")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_each_page_answers_the_county(client_as: As, office: Office, path: str) -> None:
    text_of(client_as("county").get(path))


@pytest.mark.parametrize("path", [p for p in PAGES if p not in ("/handbooks/",)])
def test_no_page_of_the_office_is_open_to_a_grid_worker(client_as: As, office: Office, path: str) -> None:
    assert client_as("worker1").get(path).status_code == 403


def test_age_list_names_the_township_own_people_alone(client_as: As, office: Office) -> None:
    page = text_of(client_as("town_a").get("/worker-files/?list=roster"))
    assert "周试平" in page
    assert "吴试远" not in page


def test_file_shows_masked_numbers_and_the_basis(client_as: As, office: Office) -> None:
    page = text_of(client_as("town_a").get(f"/worker-files/{office.plain}"))
    assert "999999********" in page
    assert "****2222" in page
    assert "6222000011112222" not in page
    assert "测试发〔2026〕1号" in page
    for what in ("id-number", "identity", "checks", "duties", "account", "reward", "exception"):
        assert f"/worker-files/{office.plain}/{what}" in page


def test_leader_of_the_group_reads_and_does_not_write(client_as: As, office: Office) -> None:
    assert "/id-number" not in text_of(client_as("lead").get(f"/worker-files/{office.plain}"))
    assert client_as("auditor").get(f"/worker-files/{office.plain}/id-number").status_code == 403


def test_colleagues_and_other_townships_see_no_file(client_as: As, office: Office) -> None:
    assert client_as("worker1").get(f"/worker-files/{office.plain}").status_code == 404
    assert client_as("town_b").get(f"/worker-files/{office.plain}").status_code == 404
    assert client_as("town_a").get(f"/worker-files/{office.foreign}").status_code == 404


def test_worker_reads_the_own_file_and_writes_nothing(client_as: As, office: Office) -> None:
    browser = client_as("worker1")
    assert browser.get("/worker-files/mine").headers["Location"].endswith(f"/worker-files/{office.own}")
    page = text_of(browser.get(f"/worker-files/{office.own}"))
    assert "/id-number" not in page
    assert browser.post(f"/worker-files/{office.own}/id-number", {"id_number": "x"}).status_code == 403


def test_revealing_leaves_a_line_and_stops_at_the_border(client_as: As, office: Office, web_app: Flask) -> None:
    answer = client_as("town_a").post(f"/reveal/worker-account/{office.plain}", {"reason": "check"})
    assert answer.get_data(as_text=True) == "6222000011112222"
    assert fetch(web_app, m.AuditEntry, action="reveal", entity="worker_file").reason == "check"
    assert client_as("worker1").post(f"/reveal/worker-id/{office.plain}", {"reason": "check"}).status_code == 404


@pytest.mark.parametrize("typed", ["", "123", "999999198503020010", "99999919850302001X1", "1e17"])
def test_bad_id_number_is_refused_at_its_field(client_as: As, office: Office, typed: str) -> None:
    page = text_of(client_as("town_a").post(f"/worker-files/{office.plain}/id-number", {"id_number": typed}))
    assert "field-error" in page


def test_id_number_sets_age_and_sex(client_as: As, office: Office, web_app: Flask) -> None:
    number = id_number(date(1970, 7, 8))
    assert client_as("town_a").post(f"/worker-files/{office.own}/id-number", {"id_number": number}).status_code == 302
    assert fetch(web_app, m.GridWorker, id=office.own).born_on == date(1970, 7, 8)
    page = text_of(client_as("town_a").post(f"/worker-files/{office.plain}/id-number", {"id_number": number}))
    assert "field-error" in page  # another person has it


def test_an_identity_with_kinds_is_chosen_and_shown_with_what_it_is_a_kind_of(
    web_app: Flask, client_as: As, office: Office
) -> None:
    with web_app.app_context(), system_access():
        rules = {"codes": {"identities": [
            {"code": "squire", "label": "乡贤人士", "source": "local"},
            {"code": "squire_teacher", "label": "退休教师", "group": "squire", "source": "local"},
        ]}}  # fmt: skip
        place = db.session.get_one(m.GridNode, office.town).code
        own = profiles.create(db.session, {"code": "TOWN", "title": "本镇", "place_code": place,
                                           "valid_from": date(2026, 1, 1)}, rules)  # fmt: skip
        profiles.publish(db.session, own, status=ProfileStatus.IN_FORCE, user_id=None)
        db.session.commit()
    cadre, path = client_as("cadre"), f"/worker-files/{office.plain}"
    assert "乡贤人士（退休教师）" in text_of(cadre.get(f"{path}/identity"))
    assert cadre.post(f"{path}/identity", {"code": "squire_teacher", "from_on": "2026-11-01"}).status_code == 302
    assert "乡贤人士（退休教师）" in text_of(cadre.get(path))


def test_reversed_dates_of_an_identity_are_refused_and_kept(client_as: As, office: Office) -> None:
    page = text_of(client_as("cadre").post(f"/worker-files/{office.plain}/identity", {
        "code": "party_member", "from_on": "2026-05-01", "to_on": "2026-04-01", "note": "甲支部"}))  # fmt: skip
    assert "field-error" in page
    assert "甲支部" in page


def test_conditions_are_recorded_with_the_day(client_as: As, office: Office, web_app: Flask) -> None:
    browser = client_as("cadre")
    browser.post(f"/worker-files/{office.plain}/checks", {"met": ["身体健康"], "checked_on": "2026-11-01"})
    assert fetch(web_app, m.WorkerCheck, condition="长期在家居住").is_met is False
    assert "长期在家居住" in text_of(browser.get("/worker-files/?list=checks"))


@pytest.mark.parametrize("account", ["", "12345", "62220000111122223333", "６２２２ab"])
def test_bad_account_is_refused(client_as: As, office: Office, account: str) -> None:
    page = text_of(client_as("town_a").post(f"/worker-files/{office.plain}/account",
                                            {"bank": "农商行", "account": account}))  # fmt: skip
    assert "field-error" in page


def candidate(**changes: Any) -> dict[str, Any]:
    return {"name": "郑试新", "id_number": id_number(date(1988, 8, 8)), "duty": "grid_worker", "from_on": "2026-11-22",
            "checks": ["身体健康", "长期在家居住"], "identities": ["party_member"], "reason": "接任",
            **changes}  # fmt: skip


def test_replacement_is_proposed_decided_and_handed_over(client_as: As, office: Office, web_app: Flask) -> None:
    new = f"/appointments/new?unit={office.group}&replaces={office.assignment}"
    assert client_as("cadre").post(new, candidate()).status_code == 302
    row = fetch(web_app, m.WorkerProposal, name="郑试新")
    town = client_as("town_a")
    assert "999999********" in text_of(town.get(f"/appointments/{row.id}"))
    assert town.post(f"/appointments/{row.id}/decide", {"decision": "approve"}).status_code == 302
    assert town.post(f"/appointments/{row.id}/decide", {"decision": "approve"}).status_code == 200  # decided once
    handover = fetch(web_app, m.WorkerHandover, proposal_id=row.id)
    assert handover.items["tasks"]  # the cast's open task of this group
    text_of(town.get(f"/appointments/handovers/{handover.id}"))
    assert town.post(f"/appointments/handovers/{handover.id}").status_code == 302
    assert fetch(web_app, m.WorkerHandover, id=handover.id).accepted_at is not None
    assert fetch(web_app, m.Assignment, id=office.assignment).to_on == date(2026, 11, 21)


def test_village_proposes_but_does_not_decide(client_as: As, office: Office, web_app: Flask) -> None:
    cadre = client_as("cadre")
    cadre.post(f"/appointments/new?unit={office.group}", candidate())
    row = fetch(web_app, m.WorkerProposal, name="郑试新")
    assert f"/appointments/{row.id}/decide" not in text_of(cadre.get(f"/appointments/{row.id}"))
    assert cadre.post(f"/appointments/{row.id}/decide", {"decision": "approve"}).status_code == 403


@pytest.mark.parametrize(
    "changes",
    [{"id_number": "12"}, {"from_on": ""}, {"from_on": "2031-01-01"}, {"checks": ["身体健康"]}, {"name": ""},
     {"id_number": id_number(date(1958, 1, 1))}, {"id_number": id_number(date(1950, 1, 1)), "exception_reason": "x"}],
)  # fmt: skip
def test_bad_proposals_keep_what_was_typed(client_as: As, office: Office, web_app: Flask, changes: Any) -> None:
    page = text_of(client_as("cadre").post(f"/appointments/new?unit={office.group}", candidate(**changes)))
    assert "field-error" in page
    assert "接任" in page
    assert fetch(web_app, m.WorkerProposal, reason="接任") is None


def test_decision_without_a_choice_decides_nothing(client_as: As, office: Office, web_app: Flask) -> None:
    client_as("cadre").post(f"/appointments/new?unit={office.group}", candidate())
    row = fetch(web_app, m.WorkerProposal, name="郑试新")
    assert "field-error" in text_of(client_as("town_a").post(f"/appointments/{row.id}/decide", {"note": "x"}))


def test_training_is_planned_held_and_covers(client_as: As, office: Office, web_app: Flask) -> None:
    town = client_as("town_a")
    plan = {"title": "监测业务培训", "kind": "培训班", "planned_on": "2026-11-10", "hours": "3"}
    assert town.post("/trainings/new", plan).status_code == 302
    row = fetch(web_app, m.TrainingSession, title="监测业务培训")
    assert "周试平" in text_of(town.get("/trainings/"))
    assert town.post(f"/trainings/{row.id}/sheet", {"held_on": "2026-11-10", "present": [str(office.plain)]}
                     ).status_code == 302  # fmt: skip
    assert "周试平" in text_of(town.get(f"/trainings/{row.id}"))
    assert "周试平" not in text_of(town.get("/trainings/")).split("sections")[0].split("监测业务培训")[0]


@pytest.mark.parametrize("changes", [{"hours": "-1"}, {"hours": "x"}, {"kind": "登山"}, {"planned_on": ""},
                                     {"title": ""}])  # fmt: skip
def test_bad_plans_are_refused(client_as: As, office: Office, changes: Any) -> None:
    plan = {"title": "培训", "kind": "培训班", "planned_on": "2026-11-10", "hours": "3", **changes}
    assert "field-error" in text_of(client_as("town_a").post("/trainings/new", plan))


def test_foreign_worker_is_not_put_on_a_sheet(client_as: As, office: Office, web_app: Flask) -> None:
    town = client_as("town_a")
    town.post("/trainings/new", {"title": "培训", "kind": "培训班", "planned_on": "2026-11-10"})
    row = fetch(web_app, m.TrainingSession, title="培训")
    answer = town.post(f"/trainings/{row.id}/sheet", {"held_on": "2026-11-10", "present": [str(office.foreign)]})
    assert "field-error" in text_of(answer)
    assert fetch(web_app, m.TrainingAttendance, worker_id=office.foreign) is None


def test_handbook_is_issued_read_handed_out_and_signed_for(client_as: As, office: Office, web_app: Flask) -> None:
    county = client_as("county")
    form = {"title": "网格化监测手册", "version": "2026-1", "issued_on": "2026-11-01", "body": "第一章",
            "file": (io.BytesIO(b"%PDF-1.4 x"), "手册.pdf")}  # fmt: skip
    assert county.post("/handbooks/new", form, content_type="multipart/form-data").status_code == 302
    row = fetch(web_app, m.Handbook, version="2026-1")
    worker = client_as("worker1")
    assert "第一章" in text_of(worker.get(f"/handbooks/{row.id}"))
    assert worker.get(f"/handbooks/{row.id}/file").data == b"%PDF-1.4 x"
    given = {"handed_on": "2026-11-02", "workers": [str(office.own), str(office.plain)]}
    assert client_as("cadre").post(f"/handbooks/{row.id}/hand-out", given).status_code == 302
    assert worker.post(f"/handbooks/{row.id}/receive").status_code == 302
    assert fetch(web_app, m.HandbookReceipt, worker_id=office.own).received_at is not None
    assert fetch(web_app, m.HandbookReceipt, worker_id=office.plain).received_at is None


def test_handbook_of_another_kind_of_file_is_refused(client_as: As, office: Office) -> None:
    form = {"title": "手册", "version": "1", "issued_on": "2026-11-01", "file": (io.BytesIO(b"MZ evil"), "x.exe")}
    answer = client_as("county").post("/handbooks/new", form, content_type="multipart/form-data")
    assert "field-error" in text_of(answer)


SCHEME = {"name": "考核办法", "valid_from": "2026-01-01", "contacts": "40", "reports": "20", "applications": "20",
          "measures": "20", "manual_weight": "0", "objection_days": "7", "bands": "60 合格 1.0",
          "adjust_below": "60"}  # fmt: skip


@pytest.mark.parametrize("changes", [{"contacts": "41"}, {"contacts": "-20", "reports": "80"}, {"objection_days": "0"},
                                     {"bands": "x"}, {"bands": "60 合格 9"}, {"valid_from": ""}])  # fmt: skip
def test_bad_schemes_are_refused(client_as: As, office: Office, changes: Any) -> None:
    page = text_of(client_as("county").post("/evaluations/schemes/new", {**SCHEME, **changes}))
    assert "field-error" in page


def test_evaluation_runs_its_course(client_as: As, office: Office, web_app: Flask) -> None:
    county, town, worker = client_as("county"), client_as("town_a"), client_as("worker1")
    assert county.post("/evaluations/schemes/new", SCHEME).status_code == 302
    assert town.post("/evaluations/draw-up", {"period": "2026-10"}).status_code == 302
    assert fetch(web_app, m.Evaluation, worker_id=office.own) is None  # served from 20 November on
    row = fetch(web_app, m.Evaluation, worker_id=office.plain)
    page = text_of(town.get(f"/evaluations/{row.id}?dimension=contacts"))
    assert "孙a" in page  # the household behind the figure
    assert town.post(f"/evaluations/{row.id}/publish").status_code == 302
    assert fetch(web_app, m.Evaluation, id=row.id).state.value == "published"
    assert town.post(f"/evaluations/{row.id}/finish").status_code == 302  # too early: objections are possible
    assert fetch(web_app, m.Evaluation, id=row.id).state.value == "published"
    assert worker.get(f"/evaluations/{row.id}").status_code == 404
    assert client_as("town_b").get(f"/evaluations/{row.id}").status_code == 404


def test_lists_of_evaluations_show_no_result(client_as: As, office: Office, web_app: Flask) -> None:
    county = client_as("county")
    county.post("/evaluations/schemes/new", SCHEME)
    county.post("/evaluations/draw-up", {"period": "2026-10"})
    page = text_of(county.get("/evaluations/?period=2026-10"))
    assert "周试平" in page
    assert not re.search(r">\s*\d{1,3}\.\d\d\s*<", page)


PAY = {"name": "补贴", "mode": "fixed", "period": "month", "base": "150", "share_county": "70", "share_town": "20",
       "share_village": "10", "valid_from": "2026-01-01"}  # fmt: skip


@pytest.mark.parametrize("changes", [{"share_town": "21"}, {"base": "-5"}, {"base": "1.234"}, {"base": "0"},
                                     {"valid_to": "2025-01-01"}, {"mode": "lottery"},
                                     {"performance": "9"}, {"uniform_for": "province"}])  # fmt: skip
def test_bad_subsidy_schemes_are_refused(client_as: As, office: Office, changes: Any) -> None:
    assert "field-error" in text_of(client_as("county").post("/subsidies/schemes/new", {**PAY, **changes}))


def test_payroll_is_drawn_up_approved_once_and_printed(client_as: As, office: Office, web_app: Flask) -> None:
    county, town = client_as("county"), client_as("town_a")
    assert county.post("/subsidies/schemes/new", PAY).status_code == 302
    scheme = fetch(web_app, m.SubsidyScheme, name="补贴")
    form = {"scheme": str(scheme.id), "period": "2026-10", "pay_on": "2026-11-05"}
    assert town.post("/subsidies/new", form).status_code == 302
    assert "field-error" in text_of(town.post("/subsidies/new", form))  # the period has its payroll
    run = fetch(web_app, m.SubsidyRun, period="2026-10")
    assert "周试平" in text_of(town.get(f"/subsidies/{run.id}"))
    town.post(f"/subsidies/{run.id}/approve")  # who drew it up does not approve it
    assert fetch(web_app, m.SubsidyRun, id=run.id).state.value == "draft"
    county.post(f"/subsidies/{run.id}/approve")
    assert fetch(web_app, m.SubsidyRun, id=run.id).state.value == "approved"
    sheet = load_workbook(io.BytesIO(town.get(f"/subsidies/{run.id}/sheet").data)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert cells[-1][11] == pytest.approx(sum(row[11] for row in cells[:-1])) == 150
    assert cells[0][15] == "****2222"
    assert "form" in text_of(town.get(f"/subsidies/{run.id}/accounts"))
    full = town.post(f"/subsidies/{run.id}/accounts", {"note": "交银行发放"})
    assert load_workbook(io.BytesIO(full.data)).active["P4"].value == "6222000011112222"
    assert fetch(web_app, m.AuditEntry, action="export", entity="subsidy_run").reason == "交银行发放"


def test_roster_is_handed_in_once_and_late_is_said(client_as: As, office: Office, web_app: Flask, world: World) -> None:
    village = world.nodes["990001101201"]
    town = client_as("town_a")
    assert "人员名册备案" in text_of(town.get("/rosters/"))
    assert town.post(f"/rosters/{village}/roster", {"filed_on": "2026-11-20"}).status_code == 302
    assert fetch(web_app, m.RosterFiling, code="roster", node_id=village).people >= 2
    assert town.post(f"/rosters/{village}/roster", {"filed_on": "2026-11-20"}).status_code == 200


def test_worker_reports_what_they_were_named_for(client_as: As, office: Office, web_app: Flask, world: World) -> None:
    form = {"household": str(world.a["household"]), "kind": "measure", "what": "送苗木"}
    assert client_as("cadre").post(f"/participations/name/{office.own}", form).status_code == 302
    row = fetch(web_app, m.Participation, worker_id=office.own)
    worker = client_as("worker1")
    bad = worker.post(f"/participations/{row.id}", {"done_on": "2027-01-01", "result": ""})
    assert "field-error" in text_of(bad)
    assert worker.post(f"/participations/{row.id}", {"done_on": "2026-11-23", "result": "已送"}).status_code == 302
    assert fetch(web_app, m.Participation, id=row.id).result == "已送"


@pytest.mark.parametrize(
    "path", ["/worker-files/?unit=x", "/worker-files/?unit=999999", "/trainings/?unit=99999999999999"]
)
def test_units_that_are_none(client_as: As, office: Office, path: str) -> None:
    assert client_as("town_a").get(path).status_code == 404
