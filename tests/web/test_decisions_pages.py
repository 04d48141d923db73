"""Decisions in the registers: who may take them, what they change, and that the reason stands in the trail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app import models as m
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import Browser, World

As = Callable[[str], Browser]


def value_of(app: Flask, model: Any, key: int, column: str) -> Any:
    with app.app_context(), system_access():
        return getattr(db.session.get(model, key), column)


def reasons(app: Flask, action: str) -> list[str]:
    with app.app_context(), system_access():
        return [entry.reason for entry in db.session.query(m.AuditEntry).filter_by(action=action)]


def test_change_is_accepted_from_its_page(client_as: As, world: World, web_app: Flask) -> None:
    key = world.a["change_request"]
    assert client_as("town_a").post(f"/changes/action/accept/{key}", {}).status_code == 302
    assert value_of(web_app, m.ChangeRequest, key, "state") == "accepted"


def test_decided_change_is_not_decided_again(client_as: As, world: World, web_app: Flask) -> None:
    key, browser = world.a["change_request"], client_as("town_a")
    browser.post(f"/changes/action/accept/{key}", {})
    browser.post(f"/changes/action/reject/{key}", {})
    assert value_of(web_app, m.ChangeRequest, key, "state") == "accepted"


def test_clue_is_settled_with_what_was_found(client_as: As, world: World, web_app: Flask) -> None:
    key = world.a["clue"]
    answer = client_as("town_a").post(f"/decide/clue/{key}", {"state": "unfounded", "result": "已核实"})
    assert answer.status_code == 302
    assert value_of(web_app, m.Clue, key, "state") == "unfounded"
    assert value_of(web_app, m.Clue, key, "result") == "已核实"


def test_task_is_closed_with_a_reason(client_as: As, world: World, web_app: Flask) -> None:
    key = world.a["work_task"]
    client_as("cadre").post(f"/decide/task/{key}", {"result": "not_needed", "reason": "重复登记"})
    assert value_of(web_app, m.WorkTask, key, "state") == "dropped"
    assert reasons(web_app, "task_closed") == ["重复登记"]


def test_household_moves_with_a_reason(client_as: As, world: World, web_app: Flask) -> None:
    key, node = world.a["household"], world.nodes["990001101202001"]
    client_as("town_a").post(f"/decide/household/{key}/move", {"node": str(node), "reason": "搬迁"})
    assert value_of(web_app, m.Household, key, "node_id") == node
    assert "搬迁" in reasons(web_app, "moved")


def test_number_may_be_called_again(client_as: As, world: World, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        phone = db.session.get(m.Phone, world.a["phone"])
        entry = m.OptOut(e164_hash=phone.e164_hash, tail=phone.tail, source="call")
        db.session.add(entry)
        db.session.commit()
        key = entry.id
    client_as("town_a").post(f"/decide/opt-out/{key}", {"reason": "本人要求"})
    assert value_of(web_app, m.OptOut, key, "revoked_at") is not None
    assert reasons(web_app, "opt_out_revoked") == ["本人要求"]


def test_unit_with_households_is_not_closed(client_as: As, world: World, web_app: Flask) -> None:
    node = world.nodes["990001101201001"]
    answer = client_as("county").post(f"/decide/unit/{node}/close", {"reason": "撤并"})
    assert answer.status_code == 200
    assert value_of(web_app, m.GridNode, node, "is_active") is True


@pytest.mark.parametrize(("name", "address"), [
    ("worker1", "/decide/household/{household}/move"), ("town_a", "/decide/unit/1/close"),
    ("auditor", "/decide/clue/{clue}"), ("worker1", "/decide/task/{work_task}"),
])  # fmt: skip
def test_wrong_office_is_sent_away(client_as: As, world: World, name: str, address: str) -> None:
    answer = client_as(name).get(address.format(**world.a.ids))
    assert answer.status_code in (302, 403)


def test_another_township_s_clue_does_not_exist(client_as: As, world: World) -> None:
    assert client_as("town_a").get(f"/decide/clue/{world.b['clue']}").status_code == 404


def test_list_shows_the_village_beside_the_name(client_as: As, world: World) -> None:
    page = client_as("town_a").get("/clues/list/").get_data(as_text=True)
    assert f'href="/household/{world.a["household"]}"' in page
    assert "测试11村" in page


def test_trail_shows_before_and_after_in_words(client_as: As, world: World, web_app: Flask) -> None:
    browser = client_as("county")
    browser.post(f"/phones/edit/{world.a['phone']}", {"owner": "member", "priority": "1", "state": "suspended"})
    with web_app.app_context(), system_access():
        query = db.session.query(m.AuditEntry).filter_by(action="update", entity="phone")
        key = query.order_by(m.AuditEntry.id.desc()).first().id
    page = browser.get(f"/audit/show/{key}").get_data(as_text=True)
    assert "suspended" not in page
    assert "停机" in page
