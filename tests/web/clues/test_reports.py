"""Reports by a link without a log-in, what the township does with them, and what the village hears; with bad input."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from app.domain.clues.words import NoticeTarget, ReportState
from app.extensions import db
from app.models import Clue, ClueNotice, ClueReport, ClueReporter, Department, GridNode, Household
from app.queries.scope import system_access
from app.services.clues import reports
from tests.factories.cast import Browser
from tests.factories.world import make_household

FORM = {
    "person": "冯试十",
    "village": "测试11村",
    "kind": "accident_disaster",
    "words": "在厂里受伤住院",
    "id_number": "",
}


@pytest.fixture
def link(web_app, world):
    """(word, reporter id): an enterprise of township A whose department is the county's."""
    with web_app.app_context(), system_access():
        office = Department(name="县教育部门", kind_code="education", node_id=world.nodes["990001"],
                            from_on=date(2026, 1, 1))  # fmt: skip
        db.session.add(office)
        db.session.flush()
        reporter = ClueReporter(name="测试食品厂", source_code="enterprise", node_id=world.nodes["990001101"],
                                department_id=office.id)  # fmt: skip
        db.session.add(reporter)
        db.session.flush()
        word = reports.issue_link(db.session, reporter)
        home = db.session.get(Household, world.a["household"])
        make_household(db.session, home.node, name="冯试十")
        key = reporter.id
        db.session.commit()
    return word, key


def send(web_app, word, **more):
    browser = Browser(web_app, None)
    page = browser.get(f"/tell/{word}").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    return browser.client.post(f"/tell/{word}", data={**FORM, **more, "csrf_token": token})


def fetch(web_app, query):
    with web_app.app_context(), system_access():
        return db.session.scalars(query).all()


def test_a_report_becomes_the_township_s_clue_and_the_village_and_the_department_are_to_be_told(web_app, link):
    answer = send(web_app, link[0])
    assert "/tell/done/" in answer.headers["Location"]
    [report] = fetch(web_app, select(ClueReport).where(ClueReport.reporter_id == link[1]))
    assert report.state is ReportState.TAKEN_UP
    [clue] = fetch(web_app, select(Clue).where(Clue.id == report.clue_id))
    assert (clue.held_depth, clue.source_code) == (2, "enterprise")
    told = fetch(web_app, select(ClueNotice).where(ClueNotice.clue_id == clue.id))
    assert {notice.target for notice in told} == {NoticeTarget.VILLAGE, NoticeTarget.DEPARTMENT}


def test_handing_it_to_the_village_tells_the_village_with_a_date(client_as, web_app, link):
    send(web_app, link[0])
    [report] = fetch(web_app, select(ClueReport).where(ClueReport.reporter_id == link[1]))
    sent = {"number": "0", "reason": "请村里核实"}
    assert client_as("town_a").post(f"/clue/{report.clue_id}/hand-back", sent).status_code == 302
    query = select(ClueNotice).where(ClueNotice.target == NoticeTarget.VILLAGE, ClueNotice.clue_id == report.clue_id)
    assert fetch(web_app, query)[0].told_at is not None


def test_the_other_language_leads_back_to_the_form(web_app, link):
    client, address = Browser(web_app, None).client, f"/tell/{link[0]}"
    page = client.get(address).get_data(as_text=True)
    assert '<meta name="referrer" content="same-origin">' in page  # browsers then name the page that was left
    answer = client.get(re.search(r'href="(/lang/en)"', page)[1], headers={"Referer": f"http://localhost{address}"})
    assert answer.headers["Location"].endswith(address)
    assert "Report a family in difficulty" in client.get(address).get_data(as_text=True)


def test_the_same_report_twice_is_one(web_app, link):
    assert send(web_app, link[0]).headers["Location"] == send(web_app, link[0]).headers["Location"]


def test_a_stranger_waits_for_the_township_which_finds_the_household(client_as, web_app, world, link):
    send(web_app, link[0], person="查无此人")
    [report] = fetch(web_app, select(ClueReport).where(ClueReport.reporter_id == link[1]))
    assert report.state is ReportState.WAITING
    town = client_as("town_a")
    assert "查无此人" in town.get(f"/report-desk/{report.id}").get_data(as_text=True)
    assert town.post(f"/report-desk/{report.id}/match", {"household": ""}).status_code == 400
    answer = town.post(f"/report-desk/{report.id}/match", {"household": world.a["household"]})
    assert "/clue/" in answer.headers["Location"]
    assert town.post(f"/report-desk/{report.id}/match", {"household": world.a["household"]}).status_code == 400


def test_one_that_is_about_nobody_is_set_aside_with_a_reason(client_as, web_app, link):
    send(web_app, link[0], person="查无此人")
    [report] = fetch(web_app, select(ClueReport).where(ClueReport.reporter_id == link[1]))
    town = client_as("town_a")
    assert town.post(f"/report-desk/{report.id}/set-aside", {"reason": " "}).status_code == 400
    assert town.post(f"/report-desk/{report.id}/set-aside", {"reason": "非本镇人员"}).status_code == 302
    assert client_as("town_b").get(f"/report-desk/{report.id}").status_code == 404


@pytest.mark.parametrize(("field", "value"), [
    ("person", ""), ("village", ""), ("kind", "nothing"), ("words", ""), ("words", "长" * 501),
    ("id_number", "123"), ("seen_on", "2030-01-01"), ("seen_on", "soon"), ("person", "冯\x00试"),
])  # fmt: skip
def test_a_fault_is_named_and_nothing_typed_is_lost(web_app, link, field, value):
    answer = send(web_app, link[0], **{"words": "这段话要留着", field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{field}-wrong"' in page
    assert field == "words" or "这段话要留着" in page
    assert fetch(web_app, select(ClueReport).where(ClueReport.reporter_id == link[1])) == []


def test_an_unknown_or_withdrawn_word_is_no_address(client_as, web_app, link):
    assert Browser(web_app, None).get("/tell/nothing-of-the-kind").status_code == 404
    town = client_as("town_a")
    assert town.post(f"/report-desk/link/{link[1]}", {"act": "withdraw"}).status_code == 200
    assert Browser(web_app, None).get(f"/tell/{link[0]}").status_code == 404


def test_a_new_link_is_shown_once_and_ends_the_old_one(client_as, web_app, link):
    town = client_as("town_a")
    shown = re.search(r"/tell/([\w-]{20,})", town.post(f"/report-desk/link/{link[1]}", {"act": "make"}).get_data(True))
    assert Browser(web_app, None).get(f"/tell/{shown[1]}").status_code == 200
    assert Browser(web_app, None).get(f"/tell/{link[0]}").status_code == 404
    assert shown[1] not in town.get(f"/report-desk/link/{link[1]}").get_data(as_text=True)


def test_too_many_are_refused_in_words(web_app, link):
    with web_app.app_context(), system_access():
        from app.services.register import rate_limits

        for _n in range(reports.A_DAY):
            rate_limits.take(db.session, "report", str(link[1]), most=1, within=reports._SAME)
        db.session.commit()
    assert send(web_app, link[0]).status_code == 429


def test_village_people_make_no_links(client_as, link):
    assert client_as("cadre").post(f"/report-desk/link/{link[1]}", {"act": "make"}).status_code == 403


def test_the_township_enters_a_reporter(client_as, web_app, world):
    sent = {"name": "测试中心校", "source_code": "school", "node": world.nodes["990001101"], "contact_name": "周试"}
    assert client_as("town_a").post("/clue-reporters/add", sent).status_code == 302
    assert client_as("town_a").post("/clue-reporters/add", sent | {"source_code": "x"}).status_code == 200
    [row] = fetch(web_app, select(ClueReporter).where(ClueReporter.name == "测试中心校"))
    with web_app.app_context(), system_access():
        assert db.session.get(GridNode, row.node_id).depth == 2
