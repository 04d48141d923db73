"""The pages of plans: who may do what, what is refused and kept, numbers that open their lists (D0-44, D4-24)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from PIL import Image

from app import models as m
from app.domain.measures.words import DispatchState, ItemState, LineState, PlanState
from tests.factories.cast import Browser
from tests.web.measures.conftest import Scene, changes_of, open_plan, put_in_force, read, text_of

As = Callable[[str], Browser]


def test_the_known_risk_is_ticked_and_the_plan_opens(client_as: As, web_app: Flask, scene: Scene) -> None:
    cadre = client_as("cadre")
    page = text_of(cadre, f"/plan/open/{scene.household}")
    assert re.search(r'<input checked[^>]*value="income"', page)

    plan = open_plan(cadre, web_app, scene)

    page = text_of(cadre, f"/plan/{plan}")
    assert "帮扶车间就业" in page
    assert "务工合同或工资流水" in page


def test_bad_input_is_named_and_kept(client_as: As, web_app: Flask, scene: Scene) -> None:
    cadre = client_as("cadre")
    plan = open_plan(cadre, web_app, scene)
    line = read(web_app, m.PlanLine, plan_id=plan)

    answer = cadre.post(f"/plan/line/{line.id}/item", {"kind": "measure", "class_code": "", "what": "留着的字",
                                                        "due_on": "2026-13-40", "amount": "一千"})  # fmt: skip

    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "留着的字" in page
    assert "一千" in page
    assert page.count("has-error") == 3
    assert cadre.post(f"/plan/open/{scene.household}", {"goal": "没有选风险"}).status_code == 200


@pytest.mark.parametrize("name", ["worker1", "auditor"])
def test_who_writes_no_plans_sees_no_button_and_is_refused(
    client_as: As, web_app: Flask, scene: Scene, name: str
) -> None:
    plan = open_plan(client_as("cadre"), web_app, scene)
    other = client_as(name)

    assert f"/plan/{plan}/submit" not in text_of(other, f"/plan/{plan}")
    assert other.post(f"/plan/{plan}/submit", {"seen": changes_of(web_app, plan)}).status_code in (302, 403)
    assert other.get(f"/plan/open/{scene.household}").status_code in (302, 403)
    assert read(web_app, m.HelpPlan, id=plan).state is PlanState.DRAFT


@pytest.mark.parametrize("name", ["worker2", "town_b", "outsider"])
def test_outside_the_area_there_is_no_such_plan(client_as: As, web_app: Flask, scene: Scene, name: str) -> None:
    plan = open_plan(client_as("cadre"), web_app, scene)

    assert client_as(name).get(f"/plan/{plan}").status_code == 404


def test_the_township_checks_and_a_double_click_checks_once(client_as: As, web_app: Flask, scene: Scene) -> None:
    cadre, town = client_as("cadre"), client_as("town_a")
    plan = open_plan(cadre, web_app, scene)
    seen = changes_of(web_app, plan)
    cadre.post(f"/plan/{plan}/submit", {"seen": seen})
    cadre.post(f"/plan/{plan}/submit", {"seen": seen})
    assert cadre.post(f"/plan/{plan}/check", {"passed": "yes"}).status_code in (302, 403)
    assert read(web_app, m.HelpPlan, id=plan).state is PlanState.CHECKING

    seen = changes_of(web_app, plan)
    refused = town.post(f"/plan/{plan}/check", {"seen": seen, "passed": "no", "reason": ""})
    assert "请写明" in refused.get_data(as_text=True)
    for _click in range(2):
        town.post(f"/plan/{plan}/check", {"seen": seen, "passed": "yes"})

    assert read(web_app, m.HelpPlan, id=plan).state is PlanState.IN_FORCE
    assert read(web_app, m.PlanCheck, plan_id=plan).passed


def test_a_measure_goes_to_a_department_and_comes_back(client_as: As, web_app: Flask, scene: Scene) -> None:
    put_in_force(client_as, web_app, scene)
    town, item = client_as("town_a"), read(web_app, m.PlanItem, household_id=scene.household)
    form = text_of(town, f"/plan/item/{item.id}/send")
    assert "县人社局" in form
    assert 'value="2026-12-07"' in form  # ten working days

    town.post(f"/plan/item/{item.id}/send", {"department": scene.department, "due_on": "2026-12-07", "words": "请核定"})
    sent = read(web_app, m.MeasureDispatch, item_id=item.id)
    assert "县人社局" in text_of(town, "/dispatches/")
    assert client_as("cadre").post(f"/dispatches/{sent.id}/answer", {"said": "granted"}).status_code in (302, 403)
    town.post(f"/dispatches/{sent.id}/return", {"words": "缺少合同"})

    assert read(web_app, m.MeasureDispatch, id=sent.id).state is DispatchState.RETURNED
    assert read(web_app, m.PlanItem, id=item.id).state is ItemState.PLANNED
    assert "缺少合同" in text_of(town, "/dispatches/?state=returned")


def test_a_measure_begins_is_told_published_and_assessed(client_as: As, web_app: Flask, scene: Scene) -> None:
    plan = put_in_force(client_as, web_app, scene)
    cadre, item = client_as("cadre"), read(web_app, m.PlanItem, household_id=scene.household)
    refused = cadre.post(f"/plan/item/{item.id}/begin", {"on": "2027-01-01", "amount": ""})
    assert refused.status_code == 200
    cadre.post(f"/plan/item/{item.id}/begin", {"on": "2026-11-23", "amount": "2000.50"})
    measure = read(web_app, m.Measure, plan_item_id=item.id)
    cadre.post(f"/plan/measure/{measure.id}/inform", {"way": "signed", "on": "2026-11-23"})
    cadre.post(f"/plan/measure/{measure.id}/effect", {"effect": "effective", "on": "2026-11-23", "note": "月增收2000元",
                                                       "before": "", "after": ""})  # fmt: skip
    cadre.post(f"/measure-notices/{scene.village}")

    page = text_of(cadre, f"/plan/{plan}")
    assert "月增收2000元" in page
    record = read(web_app, m.PublicityRecord, id=read(web_app, m.Measure, id=measure.id).publicity_id)
    notice = text_of(cadre, f"/papers/measures-notice/{record.id}")
    assert "周案一" in notice
    assert "就业帮扶" in notice


def test_a_double_click_adds_one_measure_and_crosses_off_once(client_as: As, web_app: Flask, scene: Scene) -> None:
    plan = put_in_force(client_as, web_app, scene)
    cadre, line = client_as("cadre"), read(web_app, m.PlanLine, plan_id=plan)
    seen = changes_of(web_app, plan)
    more = {"kind": "measure", "class_code": "industry", "what": "养鸡", "due_on": "2026-12-10", "seen": seen}
    for _click in range(2):
        cadre.post(f"/plan/line/{line.id}/item", more)
    assert read(web_app, m.PlanItem, line_id=line.id, what="养鸡").amount is None

    for number in re.findall(r"/plan/evidence/(\d+)", text_of(cadre, f"/plan/{plan}")):
        cadre.post(f"/plan/evidence/{number}", {"on": "2026-11-23", "note": "村部"})
    for _click in range(2):
        cadre.post(f"/plan/line/{line.id}/cross-off", {"note": "稳定就业"})
    assert read(web_app, m.PlanLine, id=line.id).state is LineState.CROSSED_OFF
    cadre.post(f"/plan/line/{line.id}/reopen", {"note": "又失业"})
    assert read(web_app, m.PlanLine, id=line.id).state is LineState.OPEN


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    return out.getvalue()


def test_evidence_is_ticked_with_a_photo_and_shown(client_as: As, web_app: Flask, scene: Scene) -> None:
    plan = put_in_force(client_as, web_app, scene)
    worker = client_as("worker1")
    with_id = re.findall(r"/plan/evidence/(\d+)", text_of(worker, f"/plan/{plan}"))
    assert "照片" in worker.post(f"/plan/evidence/{with_id[0]}", {"on": "2026-11-23"}).get_data(as_text=True)

    ticked = {"on": "2026-11-23", "note": "村部", "file": (io.BytesIO(picture()), "a.png")}
    worker.post(f"/plan/evidence/{with_id[0]}", ticked, content_type="multipart/form-data")

    photo = client_as("town_a").get(f"/plan/evidence/{with_id[0]}/photo")
    assert photo.data == picture()
    assert client_as("town_b").get(f"/plan/evidence/{with_id[0]}/photo").status_code == 404


@pytest.mark.parametrize("path", [
    "/plans/", "/plans/?tab=reckoning", "/plans/?tab=nonsense", "/cross-off/", "/cross-off/?done=1", "/dispatches/",
    "/dispatches/?overdue=1&state=x", "/measure-figures/", "/measure-notices/",
])  # fmt: skip
@pytest.mark.parametrize("name", ["worker1", "county"])
def test_lists_open_empty_and_full(client_as: As, web_app: Flask, scene: Scene, name: str, path: str) -> None:
    text_of(client_as(name), path)


def test_each_number_opens_its_list(client_as: As, web_app: Flask, scene: Scene) -> None:
    county = client_as("county")
    page = text_of(county, "/measure-figures/")
    links = sorted(set(re.findall(r'href="(/measure-figures/[a-z_]+)"', page)))
    assert "/measure-figures/no_measure" in links

    for link in links:
        assert 'data-count="0"' not in text_of(county, link)
    assert "周案一" in text_of(county, "/measure-figures/no_measure")
    assert county.get("/measure-figures/nonsense").status_code == 404


def test_a_household_without_a_plan_is_on_the_list_until_it_has_one(
    client_as: As, web_app: Flask, scene: Scene
) -> None:
    cadre = client_as("cadre")
    assert "周案一" in text_of(cadre, "/plans/")

    open_plan(cadre, web_app, scene)

    assert "周案一" not in text_of(cadre, "/plans/?tab=without")
    assert "周案一" in text_of(cadre, "/plans/?tab=drafts")
