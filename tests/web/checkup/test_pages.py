"""The data check-up in the browser: figures that open lists, a finding and its exception, the file, who may what."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from openpyxl import load_workbook

from app.extensions import db
from app.models import CheckupFinding, GridNode, MonitoringRecord
from app.queries.scope import system_access
from app.services.checkup import runs
from tasks.checkups import check_up_all
from tests.db.checkup.cases import Maker
from tests.factories.cast import Browser

UNTIL, REASON = "2026-12-20", "户主长期住院，没有电话"


@pytest.fixture
def finding(web_app: Flask) -> int:
    """A monitored household of the first group without a contact's phone; its finding."""
    with web_app.app_context(), system_access():
        group = db.session.query(GridNode).filter_by(depth=4).filter(GridNode.code.like("990001%")).first()
        household_id = Maker(db.session, group, 401).household.id
        maker_area = {name: getattr(group, name) for name in ("l1_id", "l2_id", "l3_id", "l4_id")}
        db.session.add(MonitoringRecord(
            household_id=household_id, kind="unstable", identified_on=date(2026, 11, 20), risks=["05"],
            contact_name="李试四", node_id=group.id, **maker_area,
        ))  # fmt: skip
        db.session.commit()
        db.session.remove()
    with web_app.app_context():
        check_up_all()
        with system_access():
            found = db.session.query(CheckupFinding).filter_by(rule="08", household_id=household_id).one().id
            db.session.remove()
    return int(found)


def page(browser: Browser, path: str) -> str:
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def test_every_figure_opens_its_list(client_as: Callable[[str], Browser], finding: int) -> None:
    county = client_as("county")
    start = page(county, "/checkup/")
    links = set(re.findall(r'href="(/checkup/(?:findings|submission)[^"]*)"', start))
    assert any("rule=08" in link for link in links)
    for link in links:
        page(county, link.replace("&amp;", "&"))
    assert f"/checkup/finding/{finding}" in page(county, "/checkup/findings?rule=08")


def test_a_finding_says_how_to_mend_it_in_both_languages(client_as: Callable[[str], Browser], finding: int) -> None:
    worker = client_as("worker1")
    assert "补录监测联系人姓名和电话" in page(worker, f"/checkup/finding/{finding}")
    worker.get("/lang/en")
    told = page(worker, f"/checkup/finding/{finding}")
    assert "Enter the contact" in told
    assert "/households/" in told or "/household/" in told


def test_what_was_mended_is_settled_at_once(web_app: Flask, client_as: Callable[[str], Browser], finding: int) -> None:
    town = client_as("town_a")
    town.post(f"/checkup/finding/{finding}/again")
    assert "问题仍然存在" in page(town, f"/checkup/finding/{finding}")
    with web_app.app_context(), system_access():
        household_id = db.session.get_one(CheckupFinding, finding).household_id
        db.session.query(MonitoringRecord).filter_by(household_id=household_id).one().contact_phone = "+8610000000009"
        db.session.commit()
        db.session.remove()
    town.post(f"/checkup/finding/{finding}/again")
    assert "已整改" in page(town, f"/checkup/finding/{finding}")


def test_an_exception_is_asked_for_and_approved_by_another(client_as: Callable[[str], Browser], finding: int) -> None:
    address = f"/checkup/finding/{finding}"
    client_as("worker1").post(address, {"reason": REASON, "expires_on": UNTIL})
    county = client_as("county")
    decide = re.search(r'action="(/checkup/exception/\d+)"', page(county, address))
    assert decide is not None
    assert client_as("worker1").post(decide[1], {"verdict": "yes"}).status_code == 403
    county.post(decide[1], {"verdict": "yes"})
    county.post(decide[1], {"verdict": "yes"})  # a double click decides once
    assert f'{address}"' not in page(county, "/checkup/findings?rule=08")
    assert f'{address}"' in page(county, "/checkup/findings?rule=08&state=excepted")


@pytest.mark.parametrize(("reason", "until"), [("", UNTIL), ("短", UNTIL), (REASON, ""), (REASON, "2026-11-01"),
                                               (REASON, "2099-01-01"), (REASON, "tomorrow")])  # fmt: skip
def test_a_wrong_request_is_told_and_nothing_is_lost(
    client_as: Callable[[str], Browser], finding: int, reason: str, until: str
) -> None:
    answer = client_as("worker1").post(f"/checkup/finding/{finding}", {"reason": reason, "expires_on": until})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "field-error" in told
    assert reason in told


def test_a_unit_with_an_error_is_not_ready(client_as: Callable[[str], Browser], finding: int) -> None:
    county = client_as("county")
    link = re.search(r"/checkup/submission/\d+", page(county, "/checkup/"))
    assert link is not None
    assert "暂不能上报" in page(county, link[0])


def test_the_file_holds_what_the_list_shows(client_as: Callable[[str], Browser], finding: int) -> None:
    county = client_as("county")
    listed = set(re.findall(r"/checkup/finding/\d+", page(county, "/checkup/findings?rule=08")))
    answer = county.get("/checkup/findings.xlsx?rule=08")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows[1:]] == ["08"] * len(listed)


@pytest.mark.parametrize("who", ["worker2", "outsider"])
def test_another_units_finding_is_not_there(client_as: Callable[[str], Browser], finding: int, who: str) -> None:
    assert client_as(who).get(f"/checkup/finding/{finding}").status_code == 404
    assert client_as(who).post(f"/checkup/finding/{finding}/again").status_code == 404


@pytest.mark.parametrize(("who", "status"), [("worker1", 403), ("auditor", 403), ("town_a", 302)])
def test_only_staff_ask_for_a_look(web_app: Flask, client_as: Callable[[str], Browser], who: str, status: int) -> None:
    assert client_as(who).post("/checkup/run").status_code == status


@pytest.mark.parametrize("path", ["/checkup/findings?state=wrong", "/checkup/findings?rule=99", "/checkup/?unit=999999",
                                  "/checkup/finding/999999", "/checkup/submission/999999"])  # fmt: skip
def test_an_address_of_nothing_is_not_found(client_as: Callable[[str], Browser], path: str) -> None:
    assert client_as("county").get(path).status_code == 404


def test_a_look_under_way_is_not_begun_twice(web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        county = db.session.query(GridNode).filter_by(code="990001").one()
        assert runs.begin(db.session, county).id == runs.begin(db.session, county).id
        db.session.remove()


SETTING = {"is_on": "", "severity": "doubt", "owner": "township", "days": "20", "reason": "该规则由县统一核查"}


def test_the_county_sets_a_rule_and_takes_it_back(web_app: Flask, client_as: Callable[[str], Browser]) -> None:
    county = client_as("county")
    county.get("/lang/en")
    form = page(county, "/checkup/settings/30")
    assert "Common practice; the rules here say nothing of it" in form
    assert 'name="p_yuan" value="100"' in form
    assert county.post("/checkup/settings/30", data={**SETTING, "p_yuan": "150"}).status_code == 302
    listed = page(county, "/checkup/settings/")
    assert SETTING["reason"] in listed
    assert "Not asked here" in listed
    assert 'name="p_yuan" value="150"' in page(county, "/checkup/settings/30")
    county.post("/checkup/settings/30/reset")
    assert SETTING["reason"] not in page(county, "/checkup/settings/")


@pytest.mark.parametrize(("field", "given"), [
    ("days", "0"), ("days", "三天"), ("severity", "grave"), ("owner", "nobody"), ("reason", " "), ("p_yuan", "一百"),
    ("p_yuan", "-5"),
])  # fmt: skip
def test_what_no_rule_can_go_by_is_named_and_nothing_typed_is_lost(
    client_as: Callable[[str], Browser], field: str, given: str
) -> None:
    county = client_as("county")
    answer = county.post("/checkup/settings/30", data={**SETTING, "p_yuan": "150", field: given})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "invalid-feedback" in told
    assert ('value="20"' in told) or field == "days"
    assert SETTING["reason"] not in page(county, "/checkup/settings/")


@pytest.mark.parametrize(("who", "read", "write"), [("town_a", 200, 403), ("auditor", 200, 403), ("worker1", 403, 403)])
def test_only_the_county_sets_rules(client_as: Callable[[str], Browser], who: str, read: int, write: int) -> None:
    browser = client_as(who)
    assert browser.get("/checkup/settings/").status_code == read
    assert browser.post("/checkup/settings/30", data=SETTING).status_code == write
    assert client_as("county").get("/checkup/settings/99").status_code == 404
