"""Income sheets: entered, refused when wrong, hidden by default, shown with a reason, inside the area alone."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from app.extensions import db
from app.models import AuditEntry, IncomeSheet
from app.queries.scope import system_access

GOOD = {"on": "2026-11-23", "first": "2025-11", "last": "2026-10", "persons": "2", "has_risk": "1", "act": "save",
        "amount.wage_migrant": "12,000.50", "note.wage_migrant": "县外务工",
        "evidence.wage_migrant": "工资条；银行流水", "amount.cost_crops": "2000"}  # fmt: skip


def sheets_of(app, household: int) -> list[IncomeSheet]:
    with app.app_context(), system_access():
        found = (
            db.session.query(IncomeSheet).filter(IncomeSheet.household_id == household, IncomeSheet.made_by != "").all()
        )
        db.session.expunge_all()
        return found


def test_a_sheet_is_kept_and_its_figures_are_hidden(client_as, web_app, world):
    browser = client_as("worker1")
    household = world.a["household"]
    answer = browser.post(f"/income/household/{household}/new", GOOD)
    assert answer.status_code == 302
    sheet = sheets_of(web_app, household)[0]
    assert sheet.net == 1_000_050
    assert sheet.per_capita == 500_025
    page = browser.get(f"/income/{sheet.id}").get_data(as_text=True)
    assert "5,000.25" not in page
    assert "县外务工" not in page
    shown = browser.post(f"/income/{sheet.id}/open", {"reason": "verify"}).get_data(as_text=True)
    assert "5,000.25" in shown
    assert "银行流水" in shown
    with web_app.app_context(), system_access():
        entry = db.session.query(AuditEntry).filter_by(action="reveal", entity="income_sheet").one()
        assert entry.reason == "verify"
        assert "5000" not in str(entry.changes)


def test_without_a_reason_nothing_is_shown(client_as, web_app, world):
    browser = client_as("worker1")
    browser.post(f"/income/household/{world.a['household']}/new", GOOD)
    sheet = sheets_of(web_app, world.a["household"])[0]
    answer = browser.post(f"/income/{sheet.id}/open", {"reason": ""})
    assert answer.status_code == 302
    assert browser.post(f"/income/{sheet.id}/open", {"reason": "other", "words": ""}).status_code == 302


def test_reckoning_keeps_nothing_and_shows_the_line(client_as, web_app, world):
    path = f"/income/household/{world.a['household']}/new"
    page = client_as("worker1").post(path, {**GOOD, "act": "reckon"})
    body = page.get_data(as_text=True)
    assert "5,000.25" in body
    assert "basis-local" in body
    assert sheets_of(web_app, world.a["household"]) == []


@pytest.mark.parametrize("bad", [
    {"amount.wage_migrant": "-5"}, {"amount.wage_migrant": "many"}, {"amount.wage_migrant": "99999999999"},
    {"amount.wage_migrant": "1.234"}, {"first": "2026-10", "last": "2025-11"}, {"first": "2020-01"},
    {"last": "2026-11"},
    {"first": "x"}, {"persons": "0"}, {"persons": "two"}, {"persons": "31"}, {"on": "2027-01-01"}, {"on": "x"},
    {"amount.wage_migrant": "", "note.wage_migrant": "", "evidence.wage_migrant": "", "amount.cost_crops": ""},
    {"amount.wage_migrant": ""}, {"amount.wage_other": "5"}, {"note.wage_migrant": "长" * 201}, {"note": "长" * 1001},
])  # fmt: skip
def test_bad_input_is_told_and_nothing_typed_is_lost(client_as, web_app, world, bad):
    page = client_as("worker1").post(f"/income/household/{world.a['household']}/new", {**GOOD, **bad})
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "field-error" in body
    assert 'value="2000"' in body or "amount.cost_crops" in bad
    assert sheets_of(web_app, world.a["household"]) == []


def test_an_auditor_sees_that_there_is_a_sheet_and_no_figure(client_as, web_app, world):
    client_as("worker1").post(f"/income/household/{world.a['household']}/new", GOOD)
    sheet = sheets_of(web_app, world.a["household"])[0]
    auditor = client_as("auditor")
    assert auditor.get(f"/income/{sheet.id}").status_code == 200
    assert auditor.post(f"/income/{sheet.id}/open", {"reason": "check"}).status_code == 403
    assert auditor.get(f"/income/household/{world.a['household']}/new").status_code == 403


def test_outside_the_area_there_is_nothing(client_as, web_app, world):
    client_as("worker1").post(f"/income/household/{world.a['household']}/new", GOOD)
    sheet = sheets_of(web_app, world.a["household"])[0]
    stranger = client_as("town_b")
    assert stranger.get(f"/income/{sheet.id}").status_code == 404
    assert stranger.post(f"/income/{sheet.id}/open", {"reason": "check"}).status_code == 404
    assert stranger.post(f"/income/household/{world.a['household']}/new", GOOD).status_code == 404


def test_amounts_lie_encrypted_in_the_database(client_as, web_app, world):
    client_as("worker1").post(f"/income/household/{world.a['household']}/new", GOOD)
    with web_app.app_context(), system_access():
        raw = (
            db.session.connection().execute(text("SELECT items, net, note FROM income_sheet WHERE made_by <> ''")).one()
        )
    assert b"1000050" not in bytes(raw[1])
    assert "务工".encode() not in bytes(raw[0])
