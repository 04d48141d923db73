"""The page of a case: whose turn it is, what is refused, and that a double click decides once (UX 20)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from app import models as m
from app.domain.enums import HouseholdCategory
from app.domain.quarters import CHINA
from app.extensions import db
from app.queries.scope import system_access
from app.services.casework import turns
from app.services.grid_care import sync
from telephony.clock import ManualClock
from tests.factories.cast import Browser, World
from tests.web.casework.conftest import Scene

As = Callable[[str], Browser]
Brought = Callable[[str], None]


def case_now(app: Flask, scene: Scene) -> tuple[str, str, int]:
    """(step, outcome, entries)."""
    with app.app_context(), system_access():
        db.session.remove()
        case = db.session.get(m.Case, scene.case)
        assert case is not None
        return case.step, case.outcome, case.entries


def decide(browser: Browser, scene: Scene, entries: int, **values: Any) -> Any:
    return browser.post(f"/case/{scene.case}/decide", {"number": entries, **values})


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_who_has_the_turn_decides(client_as: As, web_app: Flask, scene: Scene) -> None:
    cadre = client_as("cadre")
    assert "记录决定" in text_of(cadre, f"/case/{scene.case}")

    assert decide(cadre, scene, 1, decision="pass").status_code == 302

    assert case_now(web_app, scene)[0] == "household_check"


@pytest.mark.parametrize("name", ["worker1", "town_a", "county"])
def test_another_level_sees_no_button_and_is_refused(client_as: As, web_app: Flask, scene: Scene, name: str) -> None:
    browser = client_as(name)
    assert "记录决定" not in text_of(browser, f"/case/{scene.case}")

    assert decide(browser, scene, 1, decision="pass").status_code == 403
    assert case_now(web_app, scene)[2] == 1


def test_whose_turn_it_is_is_worked_out_once(client_as: As, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(client_as("cadre"), scene, 1, decision="pass")  # from here on the submitter is barred, and others looked for
    asked: list[str] = []
    found = turns.list_deciders
    monkeypatch.setattr(turns, "list_deciders", lambda *args: asked.append(args[2].code) or found(*args))

    assert "记录决定" not in text_of(client_as("town_a"), f"/case/{scene.case}")

    assert asked == ["household_check"]


def test_the_auditor_reads_and_posts_nothing(client_as: As, scene: Scene) -> None:
    auditor = client_as("auditor")

    assert "记录决定" not in text_of(auditor, f"/case/{scene.case}")
    assert decide(auditor, scene, 1, decision="pass").status_code in (302, 403)


@pytest.mark.parametrize("name", ["worker2", "town_b", "outsider"])
@pytest.mark.parametrize("path", ["", "/papers", "/papers/notice", "/papers/file"])
def test_outside_the_area_there_is_no_such_case(client_as: As, scene: Scene, name: str, path: str) -> None:
    assert client_as(name).get(f"/case/{scene.case}{path}").status_code == 404


def test_a_double_click_decides_once(client_as: As, web_app: Flask, scene: Scene) -> None:
    cadre = client_as("cadre")
    decide(cadre, scene, 1, decision="pass")

    second = decide(cadre, scene, 1, decision="pass")

    assert second.status_code == 400
    assert "刚刚有人处理过" in second.get_data(as_text=True)
    assert case_now(web_app, scene)[::2] == ("household_check", 2)


def test_not_passed_without_a_reason_keeps_what_was_chosen(client_as: As, scene: Scene) -> None:
    answer = decide(client_as("cadre"), scene, 1, decision="fail")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "请写明理由" in page
    assert 'value="fail" required checked' in page


def test_a_refusal_has_its_written_answer(client_as: As, web_app: Flask, scene: Scene) -> None:
    cadre = client_as("cadre")
    decide(cadre, scene, 1, decision="fail", reason="收入明显高于标准")

    paper = text_of(cadre, f"/case/{scene.case}/papers/refusal")

    assert case_now(web_app, scene)[1] == "refused"
    assert "收入明显高于标准" in paper
    assert "周案一" in paper
    seal = re.search(r'class="paper-seal">(\S+)（盖章）<br>(\S+)</p>', paper)
    assert seal is not None
    assert (seal[1].endswith("村"), seal[2]) == (True, "2026年11月23日"), seal[0]
    page = text_of(cadre, f"/case/{scene.case}")
    assert re.findall(r'<li class="(\w*)"', page[page.index('class="steps"') :])[:3] == ["stopped", "", ""]


@pytest.mark.parametrize("decision", ["", "included", "__class__", "pass' OR 1=1"])
def test_a_decision_nobody_offered(client_as: As, web_app: Flask, scene: Scene, decision: str) -> None:
    assert decide(client_as("cadre"), scene, 1, decision=decision).status_code == 400
    assert case_now(web_app, scene)[2] == 1


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999", "１"])
def test_a_page_number_that_is_none(client_as: As, web_app: Flask, scene: Scene, number: str) -> None:
    assert decide(client_as("cadre"), scene, number, decision="pass").status_code == 400  # type: ignore[arg-type]
    assert case_now(web_app, scene)[2] == 1


def test_votes_that_do_not_add_up_name_the_field(
    client_as: As, web_app: Flask, scene: Scene, brought: Brought, clock: ManualClock
) -> None:
    brought("review")
    entries = case_now(web_app, scene)[2]
    vote = {"held_on": clock.now().date().isoformat(), "present": 12, "in_favour": 9, "against": 1, "abstained": 1,
            "minutes": "同意"}  # fmt: skip

    answer = decide(client_as("cadre"), scene, entries, decision="pass", **vote)

    assert answer.status_code == 400
    assert "共计 11 票，而到场 12 人" in answer.get_data(as_text=True)
    assert 'value="9"' in answer.get_data(as_text=True)


def test_the_notice_is_put_up_and_waits(
    client_as: As, web_app: Flask, scene: Scene, brought: Brought, clock: ManualClock
) -> None:
    brought("review")
    cadre = client_as("cadre")
    day = clock.now().date().isoformat()
    answer = cadre.post(f"/case/{scene.case}/notice", {"number": case_now(web_app, scene)[2], "from_on": day,
                                                        "place": "村公示栏"})  # fmt: skip
    assert answer.status_code == 302

    vote = {"held_on": day, "present": 12, "in_favour": 12, "against": 0, "abstained": 0, "minutes": "同意"}
    early = decide(cadre, scene, case_now(web_app, scene)[2], decision="pass", **vote)
    clock.advance(timedelta(days=5).total_seconds())
    late = decide(client_as("cadre"), scene, case_now(web_app, scene)[2], decision="pass", **vote)

    assert (early.status_code, late.status_code) == (400, 302)
    assert case_now(web_app, scene)[0] == "township_check"


def test_the_clock_speaks_in_words(client_as: As, scene: Scene, clock: ManualClock) -> None:
    clock.advance(timedelta(days=9).total_seconds())

    page = text_of(client_as("cadre"), f"/case/{scene.case}")

    assert "已超期 7 天" in page


def test_the_list_names_whose_turn_it_is(client_as: As, scene: Scene) -> None:
    page = text_of(client_as("town_a"), "/cases/list/?_flt_0_state=open")

    assert "周案一" in page
    assert "申请授权" in page


def test_a_township_may_send_back(client_as: As, web_app: Flask, scene: Scene, brought: Brought) -> None:
    brought("township_check")
    town = client_as("town_a")
    number = case_now(web_app, scene)[2]

    assert decide(town, scene, number, decision="return", reason="缺照片").status_code == 302
    assert case_now(web_app, scene)[0] == "review"
    assert "缺照片" in text_of(town, f"/case/{scene.case}")


def test_the_township_says_which_offices_went_along(
    client_as: As, web_app: Flask, world: World, scene: Scene, brought: Brought
) -> None:
    offices(web_app, world)
    brought("township_check")
    town, number = client_as("town_a"), case_now(web_app, scene)[2]
    assert "甲镇民政办" in text_of(town, f"/case/{scene.case}")
    assert "乙镇民政办" not in text_of(town, f"/case/{scene.case}")

    wrong = decide(town, scene, number, decision="pass", took_part=["乙镇民政办"])
    done = decide(town, scene, number, decision="pass", took_part=["甲镇民政办", "甲镇派出所"])

    assert (wrong.status_code, done.status_code) == (400, 302)
    for path in (f"/case/{scene.case}", f"/case/{scene.case}/papers/step/{number + 1}",
                 f"/papers/township-check/{scene.case}"):  # fmt: skip
        page = text_of(town, path)
        assert "甲镇民政办、甲镇派出所" in page, path


def test_the_village_is_not_asked_for_offices(client_as: As, web_app: Flask, world: World, scene: Scene) -> None:
    offices(web_app, world)

    assert "甲镇民政办" not in text_of(client_as("cadre"), f"/case/{scene.case}")


def test_the_comparison_stands_on_the_township_check(client_as: As, web_app: Flask, scene: Scene) -> None:
    with web_app.app_context(), system_access():
        household = db.session.get(m.Household, scene.household)
        for item, finding in (("vehicle", "小型汽车一辆"), ("property", "无")):
            db.session.add(m.ComparisonResult(household=household, item_code=item, finding=finding, is_found=True,
                                              checked_on=date(2026, 11, 20)))  # fmt: skip
        db.session.commit()
        db.session.remove()

    page = text_of(client_as("town_a"), f"/papers/township-check/{scene.case}")

    assert "小型汽车一辆" in page
    assert "2026年11月20日" in page


def offices(app: Flask, world: World) -> None:
    """Two offices of township A, one of township B."""
    with app.app_context(), system_access():
        for name, code in (("甲镇民政办", "990001101"), ("甲镇派出所", "990001101"), ("乙镇民政办", "990001102")):
            node = db.session.get(m.GridNode, world.nodes[code])
            db.session.add(m.Department(node_id=node.id, node=node, name=name, kind_code="civil",
                                        from_on=date(2026, 1, 1)))  # fmt: skip
        db.session.commit()
        db.session.remove()


def test_the_county_includes_with_kind_and_risk(client_as: As, web_app: Flask, scene: Scene, brought: Brought) -> None:
    brought("county_decision")
    county = client_as("county")
    number = case_now(web_app, scene)[2]

    missing = decide(county, scene, number, decision="pass")
    done = decide(county, scene, number, decision="pass", category="marginal", risks=risk_codes(web_app)[:1])

    assert (missing.status_code, done.status_code) == (400, 302)
    with web_app.app_context(), system_access():
        household = db.session.get(m.Household, scene.household)
        assert household is not None
        assert household.category == "marginal"
    assert "待录入" in text_of(county, f"/case/{scene.case}")


def test_what_a_case_decided_is_entered_in_the_platform(
    client_as: As, web_app: Flask, scene: Scene, brought: Brought, clock: ManualClock
) -> None:
    brought("county_decision")
    today = clock.now().astimezone(CHINA).date()
    county = client_as("county")
    number = case_now(web_app, scene)[2]
    with web_app.app_context(), system_access():  # of this kind already: the outcome changes no category
        household = db.session.get(m.Household, scene.household)
        household.category = HouseholdCategory.MARGINAL
        db.session.commit()
        county_id = household.l1_id
        db.session.remove()

    decide(county, scene, number, decision="pass", category="marginal", risks=risk_codes(web_app)[:1])
    waits = text_of(county, f"/case/{scene.case}")
    with web_app.app_context(), system_access():
        batch = sync.export(db.session, db.session.get(m.GridNode, county_id), str(uuid4()))
        db.session.commit()
        exported = text_of(county, f"/case/{scene.case}")
        sync.mark_synced(db.session, db.session.get(m.SyncBatch, batch.id), today)
        db.session.commit()
        db.session.remove()
    entered = text_of(county, f"/case/{scene.case}")

    assert "待录入" in waits
    assert "待确认" in exported
    assert f"{today.month}月{today.day}日录入" in entered


def risk_codes(app: Flask) -> list[str]:
    from app.queries.policy import rules_for

    with app.app_context(), system_access():
        case = db.session.query(m.Case).order_by(m.Case.id.desc()).first()
        assert case is not None
        return [code.code for code in rules_for(case.node_id, case.opened_on).codes["risk_kinds"]]
