"""The pages of duties, sweeps and the day: every number leads to as many names, and everybody sees their own part."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.duties.words import SweepState
from app.extensions import db
from app.models import AuditEntry, GridNode, Household, PolicyProfile, Sweep
from app.queries.scope import system_access
from app.services import visits
from app.services.visits import Heard
from tests.factories.cast import Browser, World
from tests.factories.world import make_household

As = Callable[[str], Browser]
BODY = {"contact_rules": [
    {"code": "monitored", "target": "monitored", "every": "month", "channels": ["in_person"],
     "source": {"local": True, "note": "试"}},
    {"code": "long_absent", "target": "long_absent", "every": "quarter", "channels": ["phone", "in_person"],
     "source": {"local": True}},
    {"code": "sweep", "target": "everyone", "every": "year", "due": "03-31", "channels": ["in_person"],
     "source": {"local": True}},
]}  # fmt: skip


@pytest.fixture
def county(web_app: Flask, world: World, clock: Any) -> Flask:
    """Rules for the county, and households in both townships: overdue, due, contacted, gone."""
    now = clock.now()
    with web_app.app_context(), system_access():
        db.session.add(PolicyProfile(code="T-1", title="试行规则", place_code="990001", status="in_force",
                                     valid_from=now.date() - timedelta(days=900), body=BODY))  # fmt: skip
        for code in ("990001101201001", "990001102201001"):
            node = db.session.get(GridNode, world.nodes[code])
            for number, category in enumerate(("unstable", "general", "marginal", "general")):
                home = make_household(db.session, node, name=f"户{number}", category=category, absent=number == 1)
                home.created_at = now - timedelta(days=400 if number < 3 else 1)
                if number == 2:
                    visits.record(db.session, home, "in_person", Heard("head", [], []), at=now, closes_duty=True)
        db.session.commit()
    return web_app


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def links(page: str) -> list[tuple[str, int]]:
    """(address, number) of every tile and cell that shows a number and leads somewhere."""
    tiles = re.findall(r'<a href="([^"]+)" class="kpi[^"]*">.*?kpi-value">([\d,]+)<', page, re.S)
    cells = re.findall(r'<td class="num">\s*<a href="([^"]+)">([\d,]+)</a>', page)
    return [(unescape(href), int(value.replace(",", ""))) for href, value in (*tiles, *cells)]


def names_behind(browser: Browser, address: str) -> int:
    """How many names the page lists, over all its further pages."""
    page = text_of(browser, address)
    counted = re.search(r'data-count="(\d+)"', page)
    if counted is None:  # a generated register says how many records it holds
        found = re.search(r"([\d,]+) records|共 ?([\d,]+) ?条|([\d,]+) ?条", page)
        assert found is not None, address
        return int(next(part for part in found.groups() if part).replace(",", ""))
    assert len(re.findall(r'<td class="main"', page)) == int(counted[1]) or "vacancies" in address
    return int(counted[1])


@pytest.mark.parametrize("name", ["worker1", "lead", "cadre", "officer", "town_a", "county", "auditor"])
def test_every_number_of_the_day_opens_as_many_names(county: Flask, client_as: As, name: str) -> None:
    browser = client_as(name)
    found = links(text_of(browser, "/today/"))
    assert len(found) >= 3
    for address, number in found:
        assert names_behind(browser, address) == number, address


@pytest.mark.parametrize("name", ["cadre", "town_a", "county"])
def test_every_count_by_unit_opens_as_many_names(county: Flask, client_as: As, name: str) -> None:
    browser = client_as(name)
    found = links(text_of(browser, "/duties/"))
    assert found
    for address, number in found:
        assert names_behind(browser, address) == number, address


def test_each_township_sees_its_own(county: Flask, client_as: As, world: World) -> None:
    counts = {name: names_behind(client_as(name), "/duties/list") for name in ("town_a", "town_b", "county")}
    assert counts["town_a"] + counts["town_b"] == counts["county"] > 0
    foreign = f"/duties/list?node={world.nodes['990001102']}"
    assert client_as("town_a").get(foreign).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [("word=nonsense", 400), ("category=rich", 400), ("after=x", 400), ("node=x", 404), ("node=99999999", 404)],
)
def test_nonsense_in_the_address_is_refused(county: Flask, client_as: As, query: str, status: int) -> None:
    assert client_as("county").get(f"/duties/list?{query}").status_code == status


def test_a_reason_stands_with_its_clause_and_the_time(county: Flask, client_as: As) -> None:
    page = text_of(client_as("worker1"), "/duties/list?word=monitored&overdue=1")
    assert "户0" in page
    assert "本地" in page or "Local choice" in page


def test_the_list_goes_out_as_a_workbook_and_leaves_a_line(county: Flask, client_as: As) -> None:
    answer = client_as("town_a").get("/duties/list.xlsx")
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    with county.app_context(), system_access():
        query = select(AuditEntry.id).where(AuditEntry.entity == "duties", AuditEntry.action == "export")
        assert db.session.scalar(query)
    assert client_as("auditor").get("/duties/list.xlsx").status_code == 403


def test_the_worker_starts_with_the_households_the_others_with_the_day(county: Flask, client_as: As) -> None:
    assert client_as("worker1").get("/").headers["Location"] == "/work/"
    assert client_as("town_a").get("/").headers["Location"] == "/today/"


# ---------------------------------------------------------------- sweeps


def begin(browser: Browser, world: World, **changes: str) -> Any:
    form = {"name": "年度遍访", "kind": "year", "node_id": str(world.nodes["990001101"]), "target": "everyone",
            "counts": "any", "from_on": "2026-11-01", "to_on": "2026-12-31", **changes}  # fmt: skip
    return browser.post("/sweeps/new", form)


def sweep_of(app: Flask, name: str = "年度遍访") -> Any:
    with app.app_context(), system_access():
        return db.session.scalar(select(Sweep).where(Sweep.name == name))


def test_a_sweep_counts_live_names_the_uncovered_and_is_closed_with_its_figures(
    county: Flask, client_as: As, world: World
) -> None:
    town = client_as("town_a")
    address = begin(town, world).headers["Location"]
    uncovered = names_behind(town, f"{address}/uncovered")
    for link, number in links(text_of(town, address)):
        assert names_behind(town, link) == number
    with county.app_context(), system_access():
        home = db.session.scalars(select(Household).where(Household.head_name == "户0").order_by(Household.id)).first()
        assert home is not None
        visits.record(db.session, home, "phone", Heard("head", [], []), at=home.created_at + timedelta(days=400),
                      closes_duty=True)  # fmt: skip
        db.session.commit()
    assert names_behind(town, f"{address}/uncovered") == uncovered - 1

    town.post(f"{address}/close", {"note": "已完成"})
    sweep = sweep_of(county)
    assert (sweep.state, sweep.closing_note) == (SweepState.CLOSED, "已完成")
    assert sweep.summary["households"] - sweep.summary["contacted"] == uncovered - 1
    assert sum(unit["contacted"] for unit in sweep.summary["units"]) == sweep.summary["contacted"]
    town.post(f"{address}/close", {"note": "再来"})
    assert sweep_of(county).closing_note == "已完成"


@pytest.mark.parametrize(
    "changes",
    [{"name": ""}, {"name": "长" * 81}, {"to_on": "2026-10-01"}, {"to_on": "2028-10-01"}, {"from_on": "x"},
     {"kind": "daily"}, {"target": "rich"}, {"node_id": "7777"}],
)  # fmt: skip
def test_a_bad_sweep_is_refused_and_keeps_what_was_typed(
    county: Flask, client_as: As, world: World, changes: dict[str, str]
) -> None:
    answer = begin(client_as("town_a"), world, **{"name": "错的排查", **changes})
    assert answer.status_code == 200
    assert sweep_of(county, "错的排查") is None


def test_a_township_begins_no_sweep_of_another(county: Flask, client_as: As, world: World) -> None:
    assert begin(client_as("town_a"), world, node_id=str(world.nodes["990001102"])).status_code == 200
    assert sweep_of(county) is None


def test_a_village_sees_the_townships_sweep_and_cannot_close_it(county: Flask, client_as: As, world: World) -> None:
    address = begin(client_as("town_a"), world).headers["Location"]
    cadre = client_as("cadre")
    assert "/close" not in text_of(cadre, address)
    assert cadre.post(f"{address}/close", {}).status_code == 403
    assert client_as("town_b").get(address).status_code == 404


@pytest.mark.parametrize("name", ["worker1", "auditor"])
def test_who_may_not_begin_a_sweep_gets_403(county: Flask, client_as: As, world: World, name: str) -> None:
    browser = client_as(name)
    assert "/sweeps/new" not in text_of(browser, "/sweeps/")
    assert begin(browser, world).status_code == 403


def test_the_month_is_counted_by_unit_with_zeros(county: Flask, client_as: As) -> None:
    page = text_of(client_as("town_a"), "/sweeps/month")
    assert "测试11村" in page
    assert "测试12村" in page
    assert client_as("town_a").get("/sweeps/month?month=2026-13").status_code == 400


def test_the_uncovered_go_out_as_a_workbook(county: Flask, client_as: As, world: World) -> None:
    town = client_as("town_a")
    address = begin(town, world).headers["Location"]
    assert town.get(f"{address}.xlsx").data[:2] == b"PK"


def test_an_empty_register_says_what_to_do_first(client_as: As, web_app: Flask, clock: Any) -> None:
    with web_app.app_context(), system_access():
        for household in db.session.query(Household):
            household.gone_on = clock.now().date()
        db.session.commit()
        db.session.remove()
    steps = re.findall(r'<li class="(\w*)"><span class="step-mark">', text_of(client_as("county"), "/today/"))
    assert steps == ["done", "done", "", "", ""]
    page = text_of(client_as("county"), "/today/")
    assert '<a href="/imports/">导入农户名册</a>' in page
    assert "没有待联系的农户" not in page
    worker = text_of(client_as("worker1"), "/today/")
    assert "由乡镇或县里导入名册" in worker
    assert "first-steps" not in worker.partition("<main")[2]
