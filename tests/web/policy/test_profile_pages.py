"""The pages of the rules: read by staff, changed by the county where its area reaches, errors told by key."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from app.extensions import db
from app.models import PolicyProfile
from app.queries.scope import system_access


def profile_id(app: Flask, code: str, version: int = 1) -> int:
    with app.app_context(), system_access():
        return int(db.session.query(PolicyProfile.id).filter_by(code=code, version=version).scalar())


def head_of(app: Flask, key: int) -> PolicyProfile:
    with app.app_context(), system_access():
        profile = db.session.get(PolicyProfile, key)
        db.session.expunge(profile)
        return profile


def new_draft(browser, app: Flask, code: str = "TEST-2026", place: str = "990001", **more: str) -> int:
    answer = browser.post("/policy/profiles/new", {"code": code, "title": "测试县2026", "place_code": place,
                                                   "parent_code": "", "valid_from": "2026-01-01", **more})  # fmt: skip
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return profile_id(app, code)


@pytest.mark.parametrize("code", ["CN-DEFAULT", "AH-2023", "AH-SC-GCH-2021", "TPL-TOWN-2023", "CQ-FL-YH-2022"])
def test_every_shipped_profile_has_a_readable_page(web_app, client_as, code):
    page = client_as("town_a").get(f"/policy/profiles/{profile_id(web_app, code)}")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert 'class="basis' in text
    assert "%(" not in text


def test_the_list_names_every_profile(client_as):
    text = client_as("auditor").get("/policy/profiles/").get_data(as_text=True)
    assert "AH-2023" in text
    assert "TPL-TOWN-2023" in text
    assert "/policy/profiles/new" not in text


def test_rules_of_a_place_on_a_day(client_as):
    page = client_as("worker1").get("/policy/here/?on=2026-11-23")
    assert page.status_code == 200
    assert "全国通用默认" in page.get_data(as_text=True)


def test_a_wrong_day_is_told_and_today_is_shown(client_as):
    page = client_as("worker1").get("/policy/here/?on=2026-13-40")
    assert page.status_code == 200
    assert "2026-13-40" in page.get_data(as_text=True)


def test_a_unit_outside_the_area_is_not_there(client_as, world):
    assert client_as("town_a").get(f"/policy/here/?node={world.nodes['990001102']}").status_code == 404


@pytest.mark.parametrize("who", ["worker1", "town_a", "auditor"])
def test_only_the_county_changes_rules(client_as, web_app, who):
    browser = client_as(who)
    key = profile_id(web_app, "TPL-TOWN-2023")
    assert (
        browser.post("/policy/profiles/new", {"code": "X1", "title": "x", "valid_from": "2026-01-01"}).status_code
        == 403
    )
    assert browser.post(f"/policy/profiles/{key}/clone", {"year": "2027"}).status_code == 403


def test_another_countys_administrator_leaves_ours_alone(client_as, web_app):
    key = new_draft(client_as("county"), web_app)
    outsider = client_as("outsider")
    assert outsider.get(f"/policy/profiles/{key}").status_code == 200
    assert outsider.post(f"/policy/profiles/{key}/publish").status_code == 403
    assert outsider.get(f"/policy/edit/{key}/worker").status_code == 403


def test_what_speaks_for_two_counties_is_changed_by_neither(client_as, web_app):
    key = profile_id(web_app, "CN-DEFAULT")
    assert client_as("county").post(f"/policy/profiles/{key}/version", {"valid_from": "2027-01-01"}).status_code == 403
    assert client_as("admin").post(f"/policy/profiles/{key}/version", {"valid_from": "2027-01-01"}).status_code == 302


def test_a_draft_is_made_changed_published_and_then_fixed(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    form = {"title": "网格信息员", "max_age": "60", "basis": "local", "basis_note": "县定"}
    assert browser.post(f"/policy/edit/{key}/worker", form).status_code == 302
    assert head_of(web_app, key).body["worker"]["max_age"] == "60"
    assert browser.post(f"/policy/profiles/{key}/publish").status_code == 302
    assert head_of(web_app, key).status.value == "in_force"
    text = browser.get("/policy/here/?on=2026-11-23").get_data(as_text=True)
    assert "网格信息员" in text
    browser.post(f"/policy/edit/{key}/worker", {**form, "max_age": "50"})
    assert head_of(web_app, key).body["worker"]["max_age"] == "60"


def test_a_bad_value_is_told_at_its_field_and_nothing_typed_is_lost(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    page = browser.post(
        f"/policy/edit/{key}/worker", {"max_age": "sixty", "checks": "身体健康\n公道正派", "basis": "local"}
    )
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "field-error" in text
    assert 'value="sixty"' in text
    assert "公道正派" in text
    assert "worker" not in head_of(web_app, key).body


def test_a_threshold_needs_its_amount_and_a_basis(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    row = {"code": "line", "tier": "monitored", "measure": "per_capita_net", "logic": "or", "year": "2026",
           "basis": "document", "basis_document": "", "basis_clause": ""}  # fmt: skip
    text = browser.post(f"/policy/edit/{key}/thresholds", row).get_data(as_text=True)
    assert "notice-danger" in text
    assert "thresholds" not in head_of(web_app, key).body
    row |= {"below": "8500", "basis": "local"}
    assert browser.post(f"/policy/edit/{key}/thresholds", row).status_code == 302
    assert head_of(web_app, key).body["thresholds"]["rows"][0]["below"] == "8500"


def test_the_same_code_twice_is_refused(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    row = {"code": "hall", "title": "研判会", "level": "village", "every": "month", "basis": "local"}
    assert browser.post(f"/policy/edit/{key}/meetings", row).status_code == 302
    assert browser.post(f"/policy/edit/{key}/meetings", row).status_code == 200
    assert len(head_of(web_app, key).body["meetings"]["rows"]) == 1


def test_a_looser_rule_is_warned_about_not_refused(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    row = {"code": "monitored", "target": "monitored", "every": "quarter", "minimum": "1", "channels": ["phone"],
           "basis": "local"}  # fmt: skip
    assert browser.post(f"/policy/edit/{key}/contact_rules/monitored", row).status_code == 302
    text = browser.get(f"/policy/profiles/{key}").get_data(as_text=True)
    assert "notice-warning" in text
    assert browser.post(f"/policy/profiles/{key}/publish").status_code == 302
    assert head_of(web_app, key).status.value == "in_force"


def test_changing_one_level_keeps_the_others(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    form = {"code": "group", "title": "屋场", "basis": "local"}
    assert browser.post(f"/policy/edit/{key}/levels/group", form).status_code == 302
    titles = {row["code"]: row["title"] for row in head_of(web_app, key).body["levels"]["rows"]}
    assert titles["group"] == "屋场"
    assert titles["county"] == "县级"
    assert len(titles) == 6


def test_an_own_rule_is_removed_and_the_inherited_one_holds_again(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    entry = {"code": "party", "label": "支部", "basis": "local"}
    assert browser.post(f"/policy/edit/{key}/codes.networks/party", entry).status_code == 302
    assert browser.post(f"/policy/edit/{key}/codes.networks/party/remove").status_code == 302
    assert "networks" not in head_of(web_app, key).body["codes"]
    assert browser.post(f"/policy/edit/{key}/codes.networks/party/remove").status_code == 404


def test_a_year_is_cloned_with_its_chain_once(client_as, web_app):
    browser = client_as("admin")
    key = profile_id(web_app, "TPL-TOWN-2023")
    assert browser.post(f"/policy/profiles/{key}/clone", {"year": "2027", "chain": "1"}).status_code == 302
    copy = head_of(web_app, profile_id(web_app, "TPL-TOWN-2027"))
    assert copy.status.value == "draft"
    assert copy.year == 2027
    assert copy.body["dated"] == "2023-01-01"
    assert profile_id(web_app, "CN-DEFAULT", 2)
    page = browser.post(f"/policy/profiles/{key}/clone", {"year": "2027"}, follow_redirects=True)
    assert "TPL-TOWN-2027" in page.get_data(as_text=True)
    with web_app.app_context(), system_access():
        assert db.session.query(PolicyProfile).filter_by(code="TPL-TOWN-2027").count() == 1


def test_two_profiles_side_by_side(client_as, web_app):
    left, right = profile_id(web_app, "AH-2023"), profile_id(web_app, "CQ-FL-YH-2022")
    text = client_as("town_a").get(f"/policy/profiles/compare?left={left}&right={right}").get_data(as_text=True)
    assert "7,000" in text
    assert client_as("town_a").get("/policy/profiles/compare?left=1").status_code == 404


def test_a_profile_goes_out_as_yaml_and_comes_back_as_a_draft(client_as, web_app):
    browser = client_as("county")
    text = browser.get(f"/policy/yaml/{profile_id(web_app, 'AH-SC-GCH-2021')}.yaml").get_data(as_text=True)
    assert "干政[2021]61号" in text
    text = text.replace("AH-SC-GCH-2021", "COPY-2021").replace("341523109", "990001101")
    answer = browser.post("/policy/yaml/new", {"file": (io.BytesIO(text.encode()), "copy.yaml")},
                          content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code == 302, answer.get_data(as_text=True)
    assert head_of(web_app, profile_id(web_app, "COPY-2021")).status.value == "draft"


@pytest.mark.parametrize(("text", "said"), [
    ("profile: [", "1"),
    ("profile: {code: X, title: x, valid_from: 2026-01-01}\nrules: {worker: {max_age: 200, source: local}}",
     "rules.worker.max_age"),
    ("profile: {code: X, title: x, valid_from: 2026-02-30}\nrules: {}", "profile.valid_from"),
    ("profile: {code: X, title: x, valid_from: 2026-01-01}\nrules: {nonsense: {}}", "rules.nonsense"),
    ("profile: {code: X, title: x, valid_from: 2026-01-01}\nrules: {worker: {max_age: 60}}", "rules.worker.max_age"),
])  # fmt: skip
def test_what_is_wrong_in_a_file_is_told_by_its_key(client_as, web_app, text, said):
    page = client_as("county").post("/policy/yaml/new", {"text": text}).get_data(as_text=True)
    assert "notice-danger" in page
    assert said in page
    with web_app.app_context(), system_access():
        assert db.session.query(PolicyProfile).filter_by(code="X").count() == 0


def test_a_binary_file_is_refused(client_as):
    page = client_as("county").post("/policy/yaml/new", {"file": (io.BytesIO(b"\xff\xfe\x00"), "a.yaml")},
                                    content_type="multipart/form-data")  # fmt: skip
    assert "notice-danger" in page.get_data(as_text=True)


def test_a_draft_is_deleted_a_published_profile_is_not(client_as, web_app):
    browser = client_as("county")
    key = new_draft(browser, web_app)
    browser.post(f"/policy/profiles/{key}/publish")
    browser.post(f"/policy/profiles/{key}/delete")
    assert head_of(web_app, key).code == "TEST-2026"
    draft = new_draft(browser, web_app, "OTHER-2026", "990001101")
    assert browser.post(f"/policy/profiles/{draft}/delete").status_code == 302
    with web_app.app_context(), system_access():
        assert db.session.get(PolicyProfile, draft) is None


@pytest.mark.parametrize("bad", [{"code": "small letters"}, {"code": ""}, {"place_code": "12345"}, {"valid_from": "x"},
                                 {"valid_to": "2025-01-01"}, {"year": "1900"}])  # fmt: skip
def test_a_bad_head_makes_no_profile(client_as, web_app, bad):
    form = {
        "code": "BAD-1",
        "title": "坏",
        "place_code": "990001",
        "parent_code": "",
        "valid_from": "2026-01-01",
        **bad,
    }
    answer = client_as("county").post("/policy/profiles/new", form)
    assert answer.status_code == 200
    with web_app.app_context(), system_access():
        assert db.session.query(PolicyProfile).filter_by(title="坏").count() == 0
