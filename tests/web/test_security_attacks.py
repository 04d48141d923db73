"""What a township officer may reach for in the neighbouring township, by every door there is (STACK A3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.extensions import db
from app.models import Absence, AuditEntry, GridNode, Household, Phone, Visit
from app.queries.scope import system_access
from tests.factories.cast import Browser, World

As = Callable[[str], Browser]
SHOWN = {
    "households": "household", "members": "member", "phones": "phone", "absences": "absence", "contacts": "contact",
    "attempts": "attempt", "answers": "answer", "recordings": "recording", "messages": "sms_message",
    "visits": "visit", "clues": "clue", "tasks": "work_task", "changes": "change_request",
    "campaign-register": "campaign",
}  # fmt: skip
EDITED = ("households", "members", "phones", "absences")
DELETED = ("members", "phones", "absences")


@pytest.fixture
def attacker(client_as: As) -> Browser:
    return client_as("town_a")


def row_count(app: Flask, model: type) -> int:
    with app.app_context(), system_access():
        return int(db.session.query(model).count())


@pytest.mark.parametrize("route", SHOWN)
def test_list_holds_own_rows_only(attacker: Browser, world: World, route: str) -> None:
    page = attacker.get(f"/{route}/list/").get_data(as_text=True)
    assert f"/{route}/show/{world.a[SHOWN[route]]}" in page
    assert f"/{route}/show/{world.b[SHOWN[route]]}" not in page


@pytest.mark.parametrize("route", SHOWN)
def test_show_is_not_found_and_noted(attacker: Browser, world: World, web_app: Flask, route: str) -> None:
    key = world.b[SHOWN[route]]
    assert attacker.get(f"/{route}/show/{world.a[SHOWN[route]]}").status_code == 200
    assert attacker.get(f"/{route}/show/{key}").status_code == 404
    with web_app.app_context(), system_access():
        entry = db.session.query(AuditEntry).filter_by(action="refused").one()
        assert (entry.user_id, entry.entity_id) == (world.users["town_a"], key)


@pytest.mark.parametrize("route", EDITED)
def test_edit_is_not_found(attacker: Browser, world: World, route: str) -> None:
    path = f"/{route}/edit/{world.b[SHOWN[route]]}"
    assert attacker.get(path).status_code == 404
    assert attacker.post(path, {"head_name": "x", "name": "x", "place": "x"}).status_code == 404


@pytest.mark.parametrize("route", DELETED)
def test_delete_is_not_found(attacker: Browser, world: World, web_app: Flask, route: str) -> None:
    assert attacker.post(f"/{route}/delete/{world.b[SHOWN[route]]}").status_code == 404


def test_row_action_is_not_found(attacker: Browser, world: World) -> None:
    assert attacker.post(f"/phones/action/reveal/{world.b['phone']}").status_code == 404


def test_list_action_with_a_foreign_row_is_not_found(attacker: Browser, world: World) -> None:
    answer = attacker.post("/phones/action_post", {"action": "reveal", "rowid": str(world.b["phone"])})
    assert answer.status_code in (400, 404)


def test_action_by_get_does_nothing(attacker: Browser, world: World) -> None:
    assert attacker.get(f"/phones/action/reveal/{world.a['phone']}").status_code in (404, 405)


def test_reveal_is_not_found(attacker: Browser, world: World) -> None:
    assert attacker.post(f"/reveal/phone/{world.b['phone']}?reason=call").status_code == 404


def test_search_finds_nothing(attacker: Browser, world: World) -> None:
    page = attacker.get("/households/list/?_flt_0_head_name=孙").get_data(as_text=True)
    assert "孙a" in page
    assert "孙b" not in page


def test_lookup_offers_own_rows_only(attacker: Browser) -> None:
    found = attacker.get("/households/lookup?q=孙").json["results"]
    assert [row["text"] for row in found] == ["孙a H-a"]


def test_lookup_of_units_stops_at_the_township(attacker: Browser) -> None:
    names = {row["text"].split()[0] for row in attacker.get("/nodes/lookup?q=测试").json["results"]}
    assert names == {"测试1镇", "测试11村", "测试12村"}


def test_forged_household_in_a_form_is_refused(attacker: Browser, world: World, web_app: Flask) -> None:
    before = row_count(web_app, Phone)
    form = {"household": str(world.b["household"]), "phone_number": "13812345678", "owner": "head", "priority": "1"}
    attacker.post("/phones/add", form)
    assert row_count(web_app, Phone) == before


def test_forged_member_of_another_household_is_refused(attacker: Browser, world: World, web_app: Flask) -> None:
    before = row_count(web_app, Absence)
    form = {"household": str(world.a["household"]), "member": str(world.b["member"]), "since_on": "2026-01-01"}
    attacker.post("/absences/add", form)
    assert row_count(web_app, Absence) == before


def test_prefilled_foreign_parent_is_not_found(attacker: Browser, world: World) -> None:
    assert attacker.get(f"/phones/add?_flt_0_household={world.b['household']}").status_code == 404


def test_forged_unit_of_a_new_household_is_refused(attacker: Browser, world: World, web_app: Flask) -> None:
    form = {"node": str(world.nodes["990001102201001"]), "code": "NEW", "head_name": "周", "category": "general",
            "language": "cmn-CN"}  # fmt: skip
    attacker.post("/households/add", form)
    assert row_count(web_app, Household) == 2


def test_forged_area_columns_are_ignored(attacker: Browser, world: World, web_app: Flask) -> None:
    own = world.nodes["990001101201001"]
    form = {"node": str(own), "code": "NEW", "head_name": "周", "category": "general", "language": "cmn-CN",
            "l2_id": str(world.nodes["990001102"]), "node_id": str(world.nodes["990001102"])}  # fmt: skip
    assert attacker.post("/households/add", form).status_code == 302
    with web_app.app_context(), system_access():
        household = db.session.query(Household).filter_by(code="NEW").one()
        assert (household.node_id, household.l2_id) == (own, world.nodes["990001101"])


def test_forged_unit_on_edit_does_not_move_the_household(attacker: Browser, world: World, web_app: Flask) -> None:
    foreign = str(world.nodes["990001102201001"])
    form = {"head_name": "孙a", "category": "general", "language": "cmn-CN", "node": foreign, "node_id": foreign}
    assert attacker.post(f"/households/edit/{world.a['household']}", form).status_code == 302
    with web_app.app_context(), system_access():
        assert db.session.get(Household, world.a["household"]).node_id == world.nodes["990001101201001"]


def test_assignment_on_a_foreign_unit_is_refused(attacker: Browser, world: World, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        from app.models import Assignment, GridWorker

        worker = db.session.query(GridWorker.id).filter_by(user_id=world.users["town_a"]).scalar()
        before = db.session.query(Assignment).count()
    form = {"worker": str(worker), "node": str(world.nodes["990001102"]), "duty": "township_staff",
            "from_on": "2026-11-01"}  # fmt: skip
    attacker.post("/assignments/add", form)
    with web_app.app_context(), system_access():
        assert db.session.query(Assignment).count() == before


@pytest.mark.parametrize("resource", ["households", "visits", "clues", "contacts"])
def test_api_list_and_get(attacker: Browser, world: World, resource: str) -> None:
    table = resource.rstrip("s")
    rows = attacker.get(f"/api/v1/{resource}/").json
    assert rows["count"] == 1
    assert [row["id"] for row in rows["result"]] == [world.a[table]]
    assert attacker.get(f"/api/v1/{resource}/{world.b[table]}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_api_writes_nothing(attacker: Browser, world: World, method: str) -> None:
    path = "/api/v1/households/" if method == "post" else f"/api/v1/households/{world.a['household']}"
    answer = getattr(attacker.client, method)(path, json={"head_name": "x"})
    assert answer.status_code in (400, 404, 405)


def test_api_hides_names_and_numbers(attacker: Browser) -> None:
    row = attacker.get("/api/v1/households/").json["result"][0]
    assert row["head_name"] == "孙*"
    assert "address" not in row


def test_hidden_column_can_be_neither_filtered_nor_ordered(attacker: Browser) -> None:
    plain = attacker.get("/phones/list/").get_data(as_text=True)
    for query in ("_oc_PhoneView=e164_hash&_od_PhoneView=asc", "_flt_0_e164_hash=0000"):
        page = attacker.get(f"/phones/list/?{query}")
        assert page.status_code == 200
        assert page.get_data(as_text=True).count("/phones/show/") == plain.count("/phones/show/")


@pytest.mark.parametrize("query", ["page_HouseholdView=abc", "psize_HouseholdView=-1", "psize_HouseholdView=0"])
def test_nonsense_pages_are_bad_requests(attacker: Browser, query: str) -> None:
    assert attacker.get(f"/households/list/?{query}").status_code == 400


def test_grid_tree_begins_at_the_own_township(attacker: Browser, world: World) -> None:
    page = attacker.get("/grid/").get_data(as_text=True)
    assert "测试1镇" in page
    assert "测试2镇" not in page
    assert attacker.get(f"/grid/{world.nodes['990001102']}").status_code == 404
    assert attacker.get(f"/grid/{world.nodes['990001102']}/children").status_code == 404


def test_a_group_worker_sees_the_own_group_only(client_as: As) -> None:
    assert "孙a" in client_as("worker1").get("/households/list/").get_data(as_text=True)
    assert "孙a" not in client_as("worker2").get("/households/list/").get_data(as_text=True)


def test_another_county_sees_nothing(client_as: As) -> None:
    outsider = client_as("outsider")
    for route, table in SHOWN.items():
        if table != "sms_message":
            assert f"/{route}/show/" not in outsider.get(f"/{route}/list/").get_data(as_text=True)
    assert "试county" not in outsider.get("/accounts/").get_data(as_text=True)


def test_county_admin_sees_both_townships(client_as: As) -> None:
    page = client_as("county").get("/households/list/").get_data(as_text=True)
    assert "孙a" in page
    assert "孙b" in page


def test_nothing_was_written_by_a_refused_move(client_as: As, web_app: Flask, world: World) -> None:
    form = {"parent": str(world.nodes["980001"]), "reason": "为了试", "on": "2026-11-23", "confirm": "1"}
    client_as("county").post(f"/grid-changes/move/{world.nodes['990001101']}", form)
    with web_app.app_context(), system_access():
        assert db.session.get(GridNode, world.nodes["990001101"]).parent_id == world.nodes["990001"]
        assert {visit.l1_id for visit in db.session.query(Visit)} == {world.nodes["990001"]}
