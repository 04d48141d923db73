"""The generated registers keep what people type: encrypted, normalised, derived, or refused in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app import models as m
from app.domain.enums import CampaignState, ContactState, Disposition, ExclusionReason
from app.domain.id_numbers import Sex, make_demo_id
from app.extensions import db
from app.models.types import cipher
from app.queries.scope import system_access
from tests.factories.cast import Browser, World
from tests.factories.world import area_of

As = Callable[[str], Browser]


def latest(app: Flask, model: Any) -> dict[str, Any]:
    """The newest row's columns, read outside the scope."""
    with app.app_context(), system_access():
        row = db.session.query(model).order_by(model.id.desc()).first()
        return {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}


def test_household_gets_initials_and_its_unit(client_as: As, world: World, web_app: Flask) -> None:
    form = {"node": str(world.nodes["990001101201001"]), "code": "N1", "head_name": "王秀英", "category": "marginal",
            "address": "东头", "language": "cmn-CN", "preferred_from": "18:00", "preferred_to": "20:00"}  # fmt: skip
    assert client_as("cadre").post("/households/add", form).status_code == 302
    row = latest(web_app, m.Household)
    assert (row["head_initials"], row["l4_id"]) == ("wxy", world.nodes["990001101201001"])
    assert row["preferred_from"].hour == 18


def test_calling_time_must_run_forwards(client_as: As, world: World, web_app: Flask) -> None:
    form = {"head_name": "孙a", "category": "general", "language": "cmn-CN", "preferred_from": "20:00",
            "preferred_to": "18:00"}  # fmt: skip
    answer = client_as("cadre").post(f"/households/edit/{world.a['household']}", form)
    assert answer.status_code == 200
    assert re.search(r"<h1>修改农户：\S+</h1>", answer.get_data(as_text=True))  # the heading names the record
    assert latest(web_app, m.Household)["preferred_from"] is None


def test_phone_is_normalised_and_hashed(client_as: As, world: World, web_app: Flask) -> None:
    form = {"household": str(world.a["household"]), "phone_number": "138 1234-5678", "owner": "member", "priority": "2"}
    assert client_as("worker1").post("/phones/add", form).status_code == 302
    row = latest(web_app, m.Phone)
    assert (row["e164"], row["tail"]) == ("+8613812345678", "5678")
    assert row["e164_hash"] == cipher.blind("+8613812345678")


def test_a_household_without_a_number_is_called_once_it_has_one(client_as: As, world: World, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        home = db.session.get_one(m.Household, world.a["household"])
        campaign = m.Campaign(name="测试", quarter="2031Q1", state=CampaignState.RUNNING, policy={},
                              **area_of(home.node))  # fmt: skip
        contact = m.Contact(campaign=campaign, household_id=home.id, quarter="2031Q1", state=ContactState.EXCLUDED,
                            exclusion=ExclusionReason.NO_NUMBER, disposition=Disposition.UNREACHABLE,
                            **area_of(home.node))  # fmt: skip
        db.session.add(contact)
        db.session.commit()
        contact_id = contact.id
    form = {"household": str(world.a["household"]), "phone_number": "138 1234-5679", "owner": "member", "priority": "3"}
    assert client_as("worker1").post("/phones/add", form).status_code == 302
    with web_app.app_context(), system_access():
        row = db.session.get_one(m.Contact, contact_id)
        assert (row.state, row.exclusion, row.disposition) == (ContactState.PLANNED, None, Disposition.PENDING)
        assert row.next_attempt_at is not None


@pytest.mark.parametrize("typed", ["12345", "138123456789", "没有"])
def test_bad_phone_is_refused_in_words(client_as: As, world: World, web_app: Flask, typed: str) -> None:
    before = latest(web_app, m.Phone)["id"]
    form = {"household": str(world.a["household"]), "phone_number": typed, "owner": "head", "priority": "1"}
    answer = client_as("worker1").post("/phones/add", form)
    assert "field-error" in answer.get_data(as_text=True)
    assert latest(web_app, m.Phone)["id"] == before


def test_editing_a_phone_without_typing_keeps_its_number(client_as: As, world: World, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        before = db.session.get(m.Phone, world.a["phone"]).e164
    form = {"phone_number": "", "owner": "member", "priority": "3", "state": "powered_off", "owner_name": "某"}
    assert client_as("worker1").post(f"/phones/edit/{world.a['phone']}", form).status_code == 302
    with web_app.app_context(), system_access():
        row = db.session.get(m.Phone, world.a["phone"])
        assert (row.e164, row.priority, row.state) == (before, 3, "powered_off")


def test_member_keeps_an_id_number_encrypted(client_as: As, world: World, web_app: Flask) -> None:
    number = make_demo_id(latest(web_app, m.Absence)["since_on"].replace(year=1980), Sex.FEMALE, 7)
    form = {"household": str(world.a["household"]), "name": "钱", "relation": "spouse", "sex": "f",
            "new_id_number": number}  # fmt: skip
    assert client_as("town_a").post("/members/add", form).status_code == 302
    row = latest(web_app, m.Member)
    assert (row["id_number"], row["id_hash"]) == (number, cipher.blind(number[:18]))
    assert row["born_on"].year == 1980


def test_absence_of_a_member_of_another_household_is_refused(client_as: As, world: World, web_app: Flask) -> None:
    before = latest(web_app, m.Absence)["id"]
    form = {"household": str(world.a["household"]), "member": str(world.b["member"]), "since_on": "2026-01-01"}
    assert client_as("county").post("/absences/add", form).status_code == 200
    assert latest(web_app, m.Absence)["id"] == before


def test_new_unit_takes_its_place_in_the_tree(client_as: As, world: World, web_app: Flask) -> None:
    form = {"parent": str(world.nodes["990001101201"]), "code": "990001101201009", "name": "第九组",
            "unit_kind": "group"}  # fmt: skip
    assert client_as("county").post("/nodes/add", form).status_code == 302
    row = latest(web_app, m.GridNode)
    assert (row["depth"], row["l3_id"], row["l4_id"]) == (4, world.nodes["990001101201"], row["id"])


def test_unit_code_must_be_one(client_as: As, world: World, web_app: Flask) -> None:
    form = {"parent": str(world.nodes["990001101201"]), "code": "九组", "name": "第九组", "unit_kind": "group"}
    assert client_as("county").post("/nodes/add", form).status_code == 200
    assert latest(web_app, m.GridNode)["name"] != "第九组"


def test_assignment_must_not_end_before_it_begins(client_as: As, world: World, web_app: Flask) -> None:
    with web_app.app_context(), system_access():
        worker = db.session.query(m.GridWorker.id).filter_by(user_id=world.users["cadre"]).scalar()
    before = latest(web_app, m.Assignment)["id"]
    form = {"worker": str(worker), "node": str(world.nodes["990001101201"]), "duty": "village_cadre",
            "from_on": "2026-11-02", "to_on": "2026-11-01"}  # fmt: skip
    browser = client_as("town_a")
    assert browser.post("/assignments/add", form).status_code == 200
    assert latest(web_app, m.Assignment)["id"] == before
    assert browser.post("/assignments/add", {**form, "to_on": "2026-12-01", "position": "0"}).status_code == 200
    assert latest(web_app, m.Assignment)["id"] == before
    assert browser.post("/assignments/add", {**form, "to_on": "2026-12-01", "position": "2"}).status_code == 302
    assert latest(web_app, m.Assignment)["position"] == 2


def test_line_must_exist_in_this_installation(client_as: As, web_app: Flask) -> None:
    form = {"channel": "voice", "prefix": "+86", "carrier": "elsewhere", "is_active": "y"}
    county = client_as("county")
    assert county.post("/lines/add", form).status_code == 200
    with web_app.app_context(), system_access():
        assert db.session.query(m.CarrierRoute).filter_by(carrier="elsewhere").count() == 0


def test_unticked_box_is_no_missing_field(client_as: As, world: World, web_app: Flask) -> None:
    form = {"household": str(world.a["household"]), "since_on": "2026-05-01", "place": "合肥"}
    with web_app.app_context(), system_access():
        db.session.delete(db.session.get(m.Absence, world.a["absence"]))
        db.session.commit()
    assert client_as("worker1").post("/absences/add", form).status_code == 302
    assert latest(web_app, m.Absence)["whole_household"] is False
