"""The month: up from the groups, nil with one tap, sent back, closed; red flags; bulletin (D2-14, D2-35, D4-30)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from app import models as m
from app.domain.monthly.words import ReportState
from app.extensions import db
from app.queries.scope import system_access
from tests.factories.cast import Browser
from tests.web.meetings.conftest import Scene

As = Callable[[str], Browser]
MONTH = "2026-10"  # today is 23 November: the month before is reported


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def submit(browser: Browser, node: int, month: str = MONTH, **data: str) -> Any:
    return browser.post(f"/report/{node}/{month}/submit", {"seen": "0", **data})


def states(scene: Scene) -> dict[int, ReportState]:
    with scene.app.app_context(), system_access():
        db.session.remove()
        return {one.node_id: one.state for one in db.session.query(m.MonthlyReport)}


def test_nothing_to_report_is_one_tap(client_as: As, scene: Scene) -> None:
    worker = client_as("worker1")
    assert "无情况，零报告" in text_of(worker, f"/report/{scene.group}/{MONTH}")

    assert submit(worker, scene.group, nil="1").status_code == 302

    assert states(scene) == {scene.group: ReportState.SUBMITTED}
    assert "零报告" in text_of(client_as("cadre"), f"/report/{scene.village}/{MONTH}")


def test_the_month_goes_up_and_is_closed(client_as: As, scene: Scene) -> None:
    submit(client_as("worker1"), scene.group)
    assert submit(client_as("cadre"), scene.village, comment="本月平稳").status_code == 302
    closed = submit(client_as("town_a"), scene.town)

    assert closed.status_code == 302
    assert states(scene) == {scene.group: ReportState.SUBMITTED, scene.village: ReportState.SUBMITTED,
                             scene.town: ReportState.CLOSED}  # fmt: skip
    page = text_of(client_as("town_a"), f"/report/{scene.village}/{MONTH}")
    assert "本月平稳" in page
    assert "第2组" in page  # had not reported by then


def test_figures_are_counted_and_nil_needs_a_quiet_month(client_as: As, scene: Scene, world: Any) -> None:
    with scene.app.app_context(), system_access():
        clue = db.session.get(m.Clue, world.a["clue"])
        assert clue is not None
        clue.raised_at = datetime(2026, 10, 9, 2, 0, tzinfo=UTC)
        db.session.commit()

    refused = submit(client_as("worker1"), scene.group, nil="1")
    sent = submit(client_as("worker1"), scene.group, comment="一条线索")

    assert refused.status_code == 400
    assert "1 条线索" in refused.get_data(as_text=True)
    assert sent.status_code == 302
    with scene.app.app_context(), system_access():
        report = db.session.query(m.MonthlyReport).one()
        assert (report.figures["clues"], report.is_nil) == (1, False)


def test_a_report_is_sent_back_and_sent_again(client_as: As, scene: Scene) -> None:
    worker, cadre = client_as("worker1"), client_as("cadre")
    submit(worker, scene.group)
    with scene.app.app_context(), system_access():
        key = db.session.query(m.MonthlyReport).one().id

    without = cadre.post(f"/report/{key}/return", {"seen": "1", "reason": ""})
    back = cadre.post(f"/report/{key}/return", {"seen": "1", "reason": "缺走访"})
    assert [without.status_code, back.status_code] == [400, 302]
    assert "缺走访" in text_of(worker, f"/report/{scene.group}/{MONTH}")

    assert submit(worker, scene.group, seen="2").status_code == 302
    assert states(scene) == {scene.group: ReportState.SUBMITTED}


def test_what_was_summed_up_is_not_sent_back(client_as: As, scene: Scene) -> None:
    submit(client_as("worker1"), scene.group)
    submit(client_as("cadre"), scene.village)
    with scene.app.app_context(), system_access():
        key = db.session.query(m.MonthlyReport).filter_by(node_id=scene.group).one().id

    answer = client_as("cadre").post(f"/report/{key}/return", {"seen": "1", "reason": "缺走访"})

    assert answer.status_code == 400
    assert states(scene)[scene.group] is ReportState.SUBMITTED


def test_a_double_click_sends_once(client_as: As, scene: Scene) -> None:
    worker = client_as("worker1")
    answers = [submit(worker, scene.group, nil="1").status_code for _time in range(2)]

    assert answers == [302, 400]
    assert scene.count(m.MonthlyReportEntry) == 1


@pytest.mark.parametrize(
    ("name", "unit", "status"),
    [("cadre", "group", 403), ("worker1", "village", 404), ("town_a", "village", 403), ("town_b", "village", 404)],
)
def test_each_level_sends_its_own(client_as: As, scene: Scene, name: str, unit: str, status: int) -> None:
    assert submit(client_as(name), getattr(scene, unit)).status_code == status
    assert states(scene) == {}


@pytest.mark.parametrize(
    ("month", "status"), [("2026-11", 400), ("2027-01", 400), ("2026-13", 404), ("x", 404), ("0001-01", 404)]
)
def test_months_that_cannot_be_reported(client_as: As, scene: Scene, month: str, status: int) -> None:
    assert submit(client_as("worker1"), scene.group, month).status_code == status
    assert states(scene) == {}


def test_a_remark_that_is_too_long_is_kept_on_the_page(client_as: As, scene: Scene) -> None:
    answer = submit(client_as("worker1"), scene.group, comment="长" * 1001)

    assert answer.status_code == 400
    assert "长" * 1001 in answer.get_data(as_text=True)


@pytest.mark.parametrize(("name", "words"), [("worker1", "组报告"), ("cadre", "村两委会"), ("town_a", "部门联席会议"),
                                             ("county", "会商")])  # fmt: skip
def test_the_calendar_shows_what_ones_own_unit_owes(client_as: As, scene: Scene, name: str, words: str) -> None:
    page = text_of(client_as(name), "/monthly/")

    assert words in page
    assert "本地选择" in page  # the clause


def test_marks_follow_what_is_done(client_as: As, scene: Scene) -> None:
    worker = client_as("worker1")
    assert 'data-count="1"' in text_of(worker, "/monthly/due")
    assert "/monthly/due" in text_of(worker, "/today/")

    submit(worker, scene.group)

    assert 'data-count="0"' in text_of(worker, "/monthly/due")


def test_months_without_records_lead_to_what_is_missing(client_as: As, scene: Scene) -> None:
    page = text_of(client_as("town_a"), f"/month-flags/?month={MONTH}")

    assert "测试11村" in page
    assert f"/report/{scene.village}/{MONTH}" in page
    assert "会议未召开" in page
    assert "测试21村" not in page  # the other township's


def test_a_village_that_did_everything_has_no_flag(client_as: As, scene: Scene) -> None:
    submit(client_as("cadre"), scene.village)
    page = text_of(client_as("cadre"), "/month-flags/?month=2026-11&depth=3")

    assert "村两委会" in page  # its days are over
    assert "研判会" not in page  # it was held and locked


@pytest.mark.parametrize("query", ["month=2019-01", "month=x", "depth=9", "depth=1"])
def test_flags_of_nonsense(client_as: As, scene: Scene, query: str) -> None:
    assert client_as("cadre").get(f"/month-flags/?{query}").status_code == 400


def test_the_bulletin_reconciles_on_paper_and_as_a_sheet(client_as: As, scene: Scene) -> None:
    town = client_as("town_a")
    page = text_of(town, f"/bulletin/?node={scene.town}&month=2026-11")
    answer = town.get(f"/bulletin/month.xlsx?node={scene.town}&month=2026-11")

    assert "测试11村" in page
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
    assert [row[0] for row in rows] == ["测试11村", "测试12村", "合计"]
    assert rows[-1][1:] == [a + b for a, b in zip(rows[0][1:], rows[1][1:], strict=True)]
    assert rows[0][1] > 0


def test_the_quarters_papers(client_as: As, scene: Scene) -> None:
    county = client_as("county")
    assert "测试1镇" in text_of(county, "/bulletin/quarter?quarter=2026Q4")
    assert county.get("/bulletin/quarter.xlsx?quarter=2026Q4").status_code == 200
    assert county.get("/bulletin/quarter?quarter=2026Q5").status_code == 400


def test_the_auditor_takes_no_sheet_away(client_as: As, scene: Scene) -> None:
    assert client_as("auditor").get("/bulletin/month.xlsx").status_code in (302, 403)


def test_dispatch_lists_what_lies_open(client_as: As, scene: Scene, world: Any) -> None:
    page = text_of(client_as("town_a"), "/dispatch/")

    assert f"/household/{world.a['household']}" in page
    assert f"/household/{world.b['household']}" not in page
    assert f"/meetings/new?node={scene.town}&amp;kind=dispatch" in page
    assert "/meetings/new" not in text_of(client_as("cadre"), "/dispatch/")


def test_the_numbers_at_the_top_of_the_dispatch_open_their_lists(client_as: As, scene: Scene, world: Any) -> None:
    town = client_as("town_a")
    page = text_of(town, f"/dispatch/?node={scene.town}")
    href, number = re.findall(r'href="(/dispatch/whole[^"]+)".*?class="kpi-value[^"]*">(\d+)<', page, re.DOTALL)[0]
    assert f">{number}<" in page
    assert text_of(town, href.replace("&amp;", "&")).count('<td class="main"') == int(number) > 0
    assert "超期案件" in text_of(town, "/dispatch/whole?matter=case")
    assert town.get("/dispatch/whole?matter=issue").status_code == 404


def test_every_number_of_the_ages_opens_its_list(client_as: As, scene: Scene, world: Any) -> None:
    town = client_as("town_a")
    page = text_of(town, f"/dispatch/?node={scene.town}")
    numbers = re.findall(r'href="(/dispatch/aged[^"]+)">(?:<meter[^>]*></meter> )?(\d+)</a>', page)

    assert numbers
    for href, number in numbers:
        assert len(re.findall('<td class="main"', text_of(town, href.replace("&amp;", "&")))) == int(number), href
    own = f"/dispatch/aged?matter=clue&level=village&node={scene.town}"
    assert f"/household/{world.a['household']}" in text_of(town, own)
    assert client_as("town_b").get(own).status_code == 404


@pytest.mark.parametrize("asked", ["", "matter=clue", "matter=x&level=village", "matter=clue&level=x",
                                   "matter=clue&level=village&band=5", "matter=clue&level=village&band=-1",
                                   "matter=clue&level=village&band=x"])  # fmt: skip
def test_ages_that_mean_nothing(client_as: As, scene: Scene, asked: str) -> None:
    assert client_as("town_a").get(f"/dispatch/aged?{asked}").status_code == 404
