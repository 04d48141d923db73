"""The village's side: applications, changes, types, appeals, door codes, registers; by office, and with bad input."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from app.domain.enums import ChangeRequestState, ClueKind, HouseholdCategory
from app.domain.id_numbers import Sex, make_demo_id
from app.domain.register.applications import Filing
from app.domain.register.words import AppealState, ApplicationState
from app.extensions import db
from app.models import (
    Appeal,
    Application,
    ChangeRequest,
    Clue,
    FocusTag,
    Household,
    HouseholdQr,
    Measure,
    MonitoringRecord,
)
from app.queries.scope import system_access
from app.services.register import applications
from tests.factories.world import make_household

NUMBER = make_demo_id(date(1966, 5, 4), Sex.FEMALE, 7)
FILING = Filing("李试五", "+8610000000777", NUMBER, "孩子生病", "01")


@pytest.fixture
def home(web_app, world):
    """A household of township A without records of its own; its id."""
    with web_app.app_context(), system_access():
        node = db.session.get(Household, world.a["household"]).node
        household = make_household(db.session, node, name="周试七", address="旧址1号")
        key = household.id
        db.session.commit()
    return key


@pytest.fixture
def application(web_app, world):
    with web_app.app_context(), system_access():
        from app.models import GridNode

        found = applications.file(db.session, db.session.get(GridNode, world.nodes["990001101201"]), FILING)
        key = found.id
        db.session.commit()
    return key


def fetch(web_app, query):
    with web_app.app_context(), system_access():
        return db.session.scalars(query).all()


# ---------------------------------------------------------------- applications


def test_the_village_sees_an_application_masked(client_as, application):
    page = client_as("cadre").get(f"/application/{application}").get_data(as_text=True)
    assert "李*五" in page
    assert NUMBER not in page
    assert "李试五" not in page


def test_another_township_does_not_find_it(client_as, application):
    assert client_as("town_b").get(f"/application/{application}").status_code == 404


def test_a_grid_worker_has_no_button_and_no_say(client_as, application):
    browser = client_as("auditor")
    assert 'name="to"' not in browser.get(f"/application/{application}").get_data(as_text=True)
    assert browser.post(f"/application/{application}/decide", {"to": "accepted"}).status_code == 403


def test_a_refusal_without_words_changes_nothing(client_as, web_app, application):
    browser = client_as("cadre")
    assert browser.post(f"/application/{application}/decide", {"to": "refused", "words": " "}).status_code == 422
    assert browser.post(f"/application/{application}/decide", {"to": "gone"}).status_code == 400
    [state] = fetch(web_app, select(Application.state).where(Application.id == application))
    assert state is ApplicationState.RECEIVED


def test_accepted_twice_is_accepted_once(client_as, web_app, application):
    browser = client_as("cadre")
    for _ in range(2):
        assert browser.post(f"/application/{application}/decide", {"to": "accepted"}).status_code == 302
    [state] = fetch(web_app, select(Application.state).where(Application.id == application))
    assert state is ApplicationState.ACCEPTED


def test_the_village_says_whose_it_is(client_as, web_app, world, application, home):
    browser = client_as("cadre")
    for wrong in ("", "x", str(world.b["household"]), "9" * 30):
        browser.post(f"/application/{application}/link", {"household": wrong})
    assert fetch(web_app, select(Application.matched_household_id).where(Application.id == application)) == [None]
    browser.post(f"/application/{application}/link", {"household": str(home)})
    assert [clue.source for clue in fetch(web_app, select(Clue).where(Clue.household_id == home))] == ["self_report"]


def test_what_was_passed_on_leads_the_township_to_its_case(client_as, web_app, application, home):
    village, town = client_as("cadre"), client_as("town_a")
    link = f"/case/open/{home}?clue="
    village.post(f"/application/{application}/link", {"household": str(home)})
    village.post(f"/application/{application}/decide", {"to": "accepted"})
    assert link not in town.get(f"/application/{application}").get_data(as_text=True)
    village.post(f"/application/{application}/decide", {"to": "passed_on"})
    [clue_id] = fetch(web_app, select(Application.clue_id).where(Application.id == application))
    shown = town.get(f"/application/{application}").get_data(as_text=True)
    assert f'href="{link}{clue_id}"' in shown
    assert town.get(f"{link}{clue_id}").status_code == 200
    assert link not in client_as("auditor").get(f"/application/{application}").get_data(as_text=True)


def test_a_worker_files_for_somebody(client_as, web_app, world):
    form = {"head_name": "李试五", "phone": "+8610000000777", "id_number": NUMBER, "hardship": "看不懂字", "risk": "01",
            "node": str(world.nodes["990001101201001"]), "fingerprint_note": "已念给本人听，指印在村部"}  # fmt: skip
    browser = client_as("worker1")
    answer = browser.post("/application/new", {**form, "id_number": NUMBER[:17], "fingerprint_note": ""})
    assert answer.status_code == 422
    assert "看不懂字" in answer.get_data(as_text=True)
    assert browser.post("/application/new", {**form, "node": str(world.nodes["990001102201001"])}).status_code == 422
    assert browser.post("/application/new", form).status_code == 302
    [row] = fetch(web_app, select(Application).where(func.length(Application.receipt) == 11))
    assert (row.is_assisted, row.fingerprint_note) == (True, "已念给本人听，指印在村部")


# ---------------------------------------------------------------- changes and categories


def propose(browser, home, **changes):
    form = {"field": "address", "member": "", "value": "新址2号", "reason": "户主电话告知", **changes}
    return browser.post(f"/record/{home}/change", form)


def pending(web_app, home):
    return fetch(web_app, select(ChangeRequest).where(ChangeRequest.household_id == home))


def test_a_proposed_change_waits_on_the_file_until_accepted(client_as, web_app, home):
    worker = client_as("worker1")
    assert propose(worker, home).status_code == 302
    [request] = pending(web_app, home)
    page = worker.get(f"/household/{home}").get_data(as_text=True)
    assert "新址2号" in page
    worker.post(f"/record/change/{request.id}", {"act": "accept"})
    assert fetch(web_app, select(Household.address).where(Household.id == home)) == ["新址2号"]


@pytest.mark.parametrize(
    "changes",
    [{"value": "长" * 201}, {"value": "x" * 10_000}, {"reason": ""}, {"reason": "长" * 201},
     {"field": "first_registered_year", "value": "1066"}, {"field": "was_poor", "value": "maybe"},
     {"field": "head_name", "value": " "}],
)  # fmt: skip
def test_a_bad_value_is_refused_and_kept_on_the_page(client_as, web_app, home, changes):
    assert propose(client_as("worker1"), home, **changes).status_code == 422
    assert pending(web_app, home) == []


def test_an_unknown_field_is_asked_for_again(client_as, web_app, home):
    assert propose(client_as("worker1"), home, field="is_demo").status_code == 200
    assert pending(web_app, home) == []


def test_a_worker_does_not_decide_what_is_the_offices(client_as, web_app, home):
    worker = client_as("worker1")
    propose(worker, home, field="was_poor", value="yes")
    [request] = pending(web_app, home)
    assert worker.post(f"/record/change/{request.id}", {"act": "accept"}).status_code == 403
    assert client_as("town_a").post(f"/record/change/{request.id}", {"act": "accept"}).status_code == 302
    assert fetch(web_app, select(Household.was_poor).where(Household.id == home)) == [True]


def test_rejecting_needs_a_reason(client_as, web_app, home):
    worker = client_as("worker1")
    propose(worker, home)
    [request] = pending(web_app, home)
    worker.post(f"/record/change/{request.id}", {"act": "reject", "note": ""})
    assert pending(web_app, home)[0].state is ChangeRequestState.PENDING
    worker.post(f"/record/change/{request.id}", {"act": "reject", "note": "没有搬家"})
    assert pending(web_app, home)[0].state is ChangeRequestState.REJECTED


def test_the_type_changes_with_a_reason_only(client_as, web_app, home):
    form = {"category": "marginal", "on": "2026-11-20", "reason": "民主评议通过"}
    browser = client_as("cadre")
    for wrong in ({"reason": ""}, {"on": "2027-01-01"}, {"on": "昨天"}, {"category": "rich"}, {"category": "general"}):
        assert browser.post(f"/record/{home}/category", {**form, **wrong}).status_code == 422
    assert browser.post(f"/record/{home}/category", form).status_code == 302
    assert fetch(web_app, select(Household.category).where(Household.id == home)) == [HouseholdCategory.MARGINAL]
    assert "民主评议通过" in browser.get(f"/household/{home}").get_data(as_text=True)
    assert client_as("worker1").post(f"/record/{home}/category", form).status_code == 403


def test_the_edit_form_cannot_change_the_type(client_as, web_app, home):
    form = {"head_name": "周试七", "category": "watch", "language": "cmn-CN"}
    client_as("county").post(f"/households/edit/{home}", form)
    assert fetch(web_app, select(Household.category).where(Household.id == home)) == [HouseholdCategory.GENERAL]


# ---------------------------------------------------------------- appeals, codes, registers


def test_an_appeal_is_answered_and_closed(client_as, web_app, home):
    browser = client_as("cadre")
    form = {"household": str(home), "kind": "appeal", "words": "门前路坏了", "received_on": "2026-11-20"}
    for wrong in ({"kind": "x"}, {"words": " "}, {"words": "长" * 501}, {"received_on": "2027-01-01"},
                  {"household": ""}):  # fmt: skip
        assert browser.post("/appeal/new", {**form, **wrong}).status_code == 422
    browser.post("/appeal/new", form)
    [appeal] = fetch(web_app, select(Appeal).where(Appeal.household_id == home))
    assert browser.post(f"/appeal/{appeal.id}/act", {"act": "answer", "words": ""}).status_code == 422
    browser.post(f"/appeal/{appeal.id}/act", {"act": "answer", "words": "已报镇里"})
    browser.post(f"/appeal/{appeal.id}/act", {"act": "close", "words": "路已修好"})
    [appeal] = fetch(web_app, select(Appeal).where(Appeal.household_id == home))
    assert (appeal.state, appeal.answer, appeal.closing) == (AppealState.CLOSED, "已报镇里", "路已修好")


def test_a_sheet_of_door_codes_names_nobody_unless_asked(client_as, web_app, world, home):
    browser, unit = client_as("cadre"), world.nodes["990001101201"]
    page = browser.post(f"/record/codes/{unit}").get_data(as_text=True)
    assert page.count("<svg") == 2
    assert "周试七" not in page
    assert "周试七" in browser.post(f"/record/codes/{unit}", {"names": "1"}).get_data(as_text=True)
    assert browser.post(f"/record/{home}/code/revoke", {"reason": "纸丢了"}).status_code == 302
    [code] = fetch(web_app, select(HouseholdQr).where(HouseholdQr.household_id == home))
    assert code.revoke_reason == "纸丢了"
    assert client_as("worker1").post(f"/record/codes/{unit}").status_code == 403


@pytest.mark.parametrize(
    ("path", "form", "model"),
    [
        ("/focus-tags/add", {"code": "serious_illness", "from_on": "2027-01-01"}, FocusTag),
        ("/focus-tags/add", {"code": "handsome", "from_on": "2026-01-01"}, FocusTag),
        ("/measures/add", {"class_code": "industry", "started_on": "2026-01-01", "amount": "-5"}, Measure),
        ("/measures/add", {"class_code": "", "started_on": "2026-01-01"}, Measure),
        ("/monitoring/add", {"kind": "general", "identified_on": "2026-01-01", "risks": "01"}, MonitoringRecord),
        ("/monitoring/add", {"kind": "marginal", "identified_on": "2026-01-01", "risks": "99"}, MonitoringRecord),
        ("/monitoring/add", {"kind": "marginal", "identified_on": "2026-01-01"}, MonitoringRecord),
        ("/monitoring/add", {"kind": "marginal", "identified_on": "2027-01-01", "risks": "01"}, MonitoringRecord),
        ("/monitoring/add", {"kind": "marginal", "identified_on": "2026-01-01", "risks": "01", "income": "许多"},
         MonitoringRecord),
    ],
)  # fmt: skip
def test_registers_refuse_what_cannot_be(client_as, web_app, home, path, form, model):
    answer = client_as("cadre").post(path, {**form, "household": str(home)}, token_from=path)
    assert answer.status_code == 200
    assert fetch(web_app, select(model).where(model.household_id == home)) == []


def test_the_fuller_record_stands_on_the_file(client_as, web_app, home):
    browser = client_as("cadre")
    assert browser.post("/focus-tags/add", {"household": str(home), "code": "serious_illness", "from_on": "2026-10-01"},
                        token_from="/focus-tags/add").status_code == 302  # fmt: skip
    form = {"household": str(home), "kind": "marginal", "identified_on": "2026-06-01", "risks": "01", "income": "5200",
            "contact_name": "钱试二", "phone_number": "+8610000000555"}  # fmt: skip
    assert browser.post("/monitoring/add", form, token_from="/monitoring/add").status_code == 302
    page = browser.get(f"/household/{home}").get_data(as_text=True)
    assert "大病重病患者" in page or "Seriously ill" in page
    assert "钱试二" in page
    assert "10000000555" not in page


def test_early_warnings_say_when_the_rules_name_none(client_as):
    page = client_as("town_a").get("/early-warnings/")
    assert page.status_code == 200
    assert 'class="empty' in page.get_data(as_text=True)
    assert client_as("town_a").get("/early-warnings/?page=x").status_code == 400


def test_early_warnings_list_who_and_why(client_as, web_app, world, home):
    from app.models import PolicyProfile

    with web_app.app_context(), system_access():
        body = {"codes": {"warning_kinds": {"source": "local", "rows": [
            {"code": "unreachable", "label": "外出无法联系风险户"}]}}}  # fmt: skip
        db.session.add(PolicyProfile(code="t", title="试", place_code="990001", status="in_force", body=body,
                                     valid_from=date(2026, 1, 1)))  # fmt: skip
        db.session.add(Clue(household=db.session.get(Household, home), household_id=home, source="unreachable",
                            kind=ClueKind.UNREACHABLE_AWAY))  # fmt: skip
        db.session.commit()
    page = client_as("town_a").get("/early-warnings/?kind=unreachable").get_data(as_text=True)
    assert "周试七" in page
    assert "外出无法联系风险户" in page
    assert "周试七" not in client_as("town_b").get("/early-warnings/").get_data(as_text=True)
    assert len(re.findall(r"household/\d+", page)) >= 1
