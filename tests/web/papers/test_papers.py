"""Every form filled from data, printed and as DOCX; and notices that cannot say more than they may."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import date

import docx
import pytest
from flask import Flask

from app import models as m
from app.domain.casework.notices import PublicNotice
from app.domain.measures.notices import PublicMeasure, PublicMeasures
from app.domain.papers.registry import FORMS, Subject
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import Browser, World
from tests.web.measures.conftest import Scene, put_in_force, read, scene, text_of

__all__ = ["scene"]
As = Callable[[str], Browser]
# What a notice must keep to itself, planted wherever a record has room for it.
SECRETS = {"id": "110101199003070011", "phone": "+8610099998888", "bank": "6222020200112233445", "health": "尿毒症"}


def poison(app: Flask, scene: Scene) -> None:
    """The household, its plan and its measure tell everything."""
    everything = " ".join(SECRETS.values())
    with app.app_context(), system_access():
        household = db.session.get(m.Household, scene.household)
        member = household.members[0]
        member.id_number, member.health, member.health_code = SECRETS["id"], SECRETS["health"], "serious"
        household.phones[0].e164, household.phones[0].tail = SECRETS["phone"], SECRETS["phone"][-4:]
        for model in (m.Measure, m.HelpPlan, m.PlanLine, m.PlanItem):
            for row in db.session.query(model).filter_by(household_id=scene.household):
                for name in ("kind", "note", "effect_note", "goal", "what", "crossing_note"):
                    if hasattr(row, name) and not (model is m.PlanItem and name == "kind"):
                        setattr(row, name, everything[:80])
        db.session.commit()
        db.session.remove()


def begun(client_as: As, app: Flask, scene: Scene) -> m.PublicityRecord:
    """A measure that secures and one that helps to earn, on one notice."""
    put_in_force(client_as, app, scene)
    cadre, item = client_as("cadre"), read(app, m.PlanItem, household_id=scene.household)
    cadre.post(f"/plan/item/{item.id}/begin", {"on": "2026-11-23", "amount": ""})
    line = read(app, m.PlanLine, household_id=scene.household)
    cadre.post(f"/plan/line/{line.id}/item", {"kind": "measure", "class_code": "health", "what": "大病报销",
                                               "member": "", "due_on": "2026-12-10", "amount": ""})  # fmt: skip
    item = read(app, m.PlanItem, household_id=scene.household, class_code="health")
    cadre.post(f"/plan/item/{item.id}/begin", {"on": "2026-11-23", "amount": ""})
    cadre.post(f"/measure-notices/{scene.village}")
    return read(app, m.PublicityRecord, kind="measures", node_id=scene.village)


def words_of(document: bytes) -> str:
    opened = docx.Document(io.BytesIO(document))
    cells = [cell.text for table in opened.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in opened.paragraphs), *cells])


# ---------------------------------------------------------------- notices


def test_the_types_of_notices_have_no_room_for_personal_data() -> None:
    named = {field.name for kind in (PublicNotice, PublicMeasures, PublicMeasure) for field in fields(kind)}

    assert named == {
        "number",
        "unit",
        "head_name",
        "people",
        "kind",
        "days",
        "from_on",
        "to_on",
        "office",
        "rows",
        "group",
    }


@pytest.mark.parametrize("suffix", ["", ".docx"])
def test_a_notice_of_measures_keeps_what_it_must(client_as: As, web_app: Flask, scene: Scene, suffix: str) -> None:
    record = begun(client_as, web_app, scene)
    poison(web_app, scene)

    answer = client_as("cadre").get(f"/papers/measures-notice/{record.id}{suffix}")

    said = words_of(answer.data) if suffix else answer.get_data(as_text=True)
    assert "周案一" in said
    assert "就业帮扶" in said
    for secret in (*SECRETS.values(), SECRETS["id"][-4:], SECRETS["phone"][-4:], "健康帮扶", "大病"):
        assert secret not in said


@pytest.mark.parametrize("suffix", ["", ".docx"])
def test_a_notice_of_a_case_keeps_what_it_must(client_as: As, web_app: Flask, world: World, suffix: str) -> None:
    case, household = world.a["case_file"], world.a["household"]
    poison(web_app, Scene(household, 0, 0))

    answer = client_as("cadre").get(f"/papers/notice/{case}{suffix}")

    said = words_of(answer.data) if suffix else answer.get_data(as_text=True)
    assert "孙a" in said
    for secret in (*SECRETS.values(), SECRETS["id"][-4:], SECRETS["phone"][-4:]):
        assert secret not in said


# ---------------------------------------------------------------- every form


def links(page: str) -> list[str]:
    return sorted(set(re.findall(r'href="(/papers/[a-z-]+/\d+)"', page)))


def test_every_form_of_a_household_opens_on_paper_and_as_docx(client_as: As, web_app: Flask, scene: Scene,
                                                              world: World) -> None:  # fmt: skip
    begun(client_as, web_app, scene)
    town = client_as("town_a")
    pages = [text_of(town, f"/papers/household/{one}") for one in (scene.household, world.a["household"])]
    found = sorted({link for page in pages for link in links(page)})

    for link in found:
        page = text_of(town, link)
        assert 'class="paper' in page or "/open" in page
        if "/income/" not in link:
            assert words_of(town.get(f"{link}.docx").data).strip()
    forms = {link.split("/")[2] for link in found}
    filled = {form.code for form in FORMS if form.subject is Subject.HOUSEHOLD}
    # of what the prepared county has no record of: a passed meeting, a refusal, an elimination, a dispatch
    assert filled - forms == {"minutes", "review", "refusal", "elimination", "dispatch", "contact", "visit"} - forms


def test_every_form_of_a_unit_opens(client_as: As, web_app: Flask, scene: Scene, world: World) -> None:
    county = client_as("county")
    found = {link for code in ("990001", "990001101", "990001101201")
             for link in links(text_of(county, f"/papers/?node={world.nodes[code]}"))}  # fmt: skip

    for link in sorted(found):
        text_of(county, link)
        assert county.get(f"{link}.docx").status_code == 200
    assert {"leading-group", "training", "handbooks", "payroll", "evaluation", "appointment"} <= {
        link.split("/")[2] for link in found
    }


def test_the_plan_on_paper_says_what_the_database_holds(client_as: As, web_app: Flask, scene: Scene) -> None:
    plan = put_in_force(client_as, web_app, scene)

    said = words_of(client_as("town_a").get(f"/papers/plan/{plan}.docx").data)

    for words in ("周案一", "帮扶车间就业", "务工合同或工资流水", "稳定就业", "2026年12月10日"):
        assert words in said


def test_a_dispatch_on_paper_says_what_was_asked(client_as: As, web_app: Flask, scene: Scene) -> None:
    put_in_force(client_as, web_app, scene)
    town, item = client_as("town_a"), read(web_app, m.PlanItem, household_id=scene.household)
    town.post(f"/plan/item/{item.id}/send", {"department": scene.department, "due_on": "2026-12-07", "words": "请核定"})
    sent = read(web_app, m.MeasureDispatch, item_id=item.id)

    said = words_of(town.get(f"/papers/dispatch/{sent.id}.docx").data)

    assert all(words in said for words in ("县人社局", "请核定", "2026年12月7日", "帮扶车间就业"))


def test_numbers_are_masked_on_paper(client_as: As, web_app: Flask, scene: Scene) -> None:
    poison(web_app, scene)

    for code in ("information", "check", "application"):
        assert SECRETS["id"] not in text_of(client_as("town_a"), f"/papers/{code}/{scene.household}")


def test_an_income_sheet_is_printed_for_a_reason_that_is_logged(client_as: As, web_app: Flask, scene: Scene) -> None:
    with web_app.app_context(), system_access():
        sheet = m.IncomeSheet(household_id=scene.household, judged_on=date(2026, 11, 1), persons=2, wage=1_234_500,
                              window_from=date(2025, 11, 1), window_to=date(2026, 10, 31))  # fmt: skip
        db.session.add(sheet)
        db.session.commit()
        key = sheet.id
        db.session.remove()
    town = client_as("town_a")

    assert "12,345.00" not in text_of(town, f"/papers/income/{key}")
    assert town.get(f"/papers/income/{key}.docx").status_code == 302
    assert "12,345.00" not in town.post(f"/papers/income/{key}/open", {"as": "page"}, follow_redirects=True).get_data(
        as_text=True
    )
    shown = town.post(f"/papers/income/{key}/open", {"reason": "check", "as": "page"}).get_data(as_text=True)

    assert "12,345.00" in shown
    assert read(web_app, m.AuditEntry, action="reveal", entity="paper_income", entity_id=key).reason == "check"
    assert client_as("auditor").get(f"/papers/income/{key}").status_code == 403


@pytest.mark.parametrize("path", ["/papers/nonsense/1", "/papers/plan/999999", "/papers/plan/999999.docx",
                                  "/papers/warning/999999", "/papers/inspection/999999",
                                  "/papers/household/999999", "/papers/refusal/1"])  # fmt: skip
def test_papers_that_do_not_exist(client_as: As, scene: Scene, path: str) -> None:
    assert client_as("town_a").get(path).status_code == 404


def test_papers_of_another_township_do_not_exist(client_as: As, web_app: Flask, scene: Scene) -> None:
    plan = put_in_force(client_as, web_app, scene)
    other = client_as("town_b")

    for path in (f"plan/{plan}", f"plan/{plan}.docx", f"information/{scene.household}", f"household/{scene.household}"):
        assert other.get(f"/papers/{path}").status_code == 404


def test_a_grid_worker_sees_no_payroll(client_as: As, world: World, scene: Scene) -> None:
    assert client_as("worker1").get(f"/papers/payroll/{world.a['subsidy_run']}").status_code == 404


@pytest.mark.parametrize(("form", "table"), [("warning", "warning_batch"), ("inspection", "inspection")])
def test_warnings_and_inspections_are_printed_for_their_own_township(
    client_as: As, world: World, form: str, table: str
) -> None:
    path = f"/papers/{form}/{world.a[table]}"

    assert 'class="signatures"' in text_of(client_as("town_a"), path)
    assert client_as("county").get(f"{path}.docx").status_code == 200
    assert client_as("town_b").get(path).status_code == 404
    assert client_as("worker1").get(path).status_code in (302, 403, 404)
