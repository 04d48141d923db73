"""The dashboard and the inbox: every number opens as many rows, everybody sees their own area, nonsense is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Clue, GridNode, Household, Measure
from app.queries.scope import system_access
from tests.factories.cast import Browser, World
from tests.factories.world import area_of, make_household

As = Callable[[str], Browser]


@pytest.fixture
def county(web_app: Flask, world: World, clock: Any) -> Flask:
    """Households of several types in both townships, with clues and measures."""
    with web_app.app_context(), system_access():
        for code in ("990001101201001", "990001102201001"):
            node = db.session.get(GridNode, world.nodes[code])
            for number, category in enumerate(("unstable", "marginal", "early_warning", "general")):
                home = make_household(db.session, node, name=f"户{number}", category=category)
                own: dict[str, Any] = {"household_id": home.id, **area_of(node)}
                db.session.add(Clue(kind="housing", source="worker", state="pending", **own))
                db.session.add(Measure(class_code=("industry", "jobs")[number % 2], started_on=date(2026, 5, 1), **own))
        for home in db.session.query(Household):
            home.created_at = clock.now() - timedelta(days=300)
        db.session.commit()
    return web_app


def page(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.get_data(as_text=True))


def links(text: str) -> list[tuple[str, int]]:
    """(address, number) of tiles and cells that lead to the dashboard's own lists."""
    tiles = re.findall(r'<a href="([^"]+)" class="kpi[^"]*">.*?kpi-value">([\d,]+)<', text, re.S)
    cells = re.findall(r'<td class="num">\s*<a href="([^"]+)">([\d,]+)</a>', text)
    return [(unescape(href), int(value.replace(",", ""))) for href, value in (*tiles, *cells)]


@pytest.mark.parametrize("name", ["cadre", "town_a", "county", "auditor"])
def test_every_number_opens_as_many_rows(county: Flask, client_as: As, name: str) -> None:
    browser = client_as(name)
    found = [one for one in links(page(browser, "/dashboard/")) if one[0].startswith("/dashboard/rows")]
    assert len(found) >= 8
    for address, number in found:
        counted = re.search(r'data-count="(\d+)"', page(browser, address))
        assert counted is not None, address
        assert int(counted[1]) == number, address


def test_places_add_up_and_each_township_sees_its_own(county: Flask, client_as: As, world: World) -> None:
    def total(name: str) -> int:
        found = re.search(r'data-count="(\d+)"', page(client_as(name), "/dashboard/rows?block=categories"))
        assert found is not None
        return int(found[1])

    assert total("town_a") + total("town_b") == total("county") > 0
    foreign = f"/dashboard/rows?block=categories&node={world.nodes['990001102']}"
    assert client_as("town_a").get(foreign).status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [("block=x", 404), ("", 404), ("block=clues&key=x", 400), ("block=clues&page=0", 400),
     ("block=clues&page=x", 400), ("block=clues&node=x", 404)],
)  # fmt: skip
def test_nonsense_in_the_address_is_refused(county: Flask, client_as: As, query: str, status: int) -> None:
    assert client_as("county").get(f"/dashboard/rows?{query}").status_code == status


def test_the_page_reads_without_a_script(county: Flask, client_as: As) -> None:
    """Each chart has a table beside it, and nothing is fetched from elsewhere."""
    text = page(client_as("county"), "/dashboard/")
    assert text.count("data-chart=") <= text.count("<table")
    assert re.findall(r'(?:src|href)="https?://(?!127\.0\.0\.1|localhost)', text) == []


@pytest.mark.parametrize("name", ["cadre", "town_a", "auditor"])
def test_the_inbox_has_its_five_tasks_and_each_leads_on(county: Flask, client_as: As, name: str) -> None:
    browser = client_as(name)
    text = page(browser, "/inbox/")
    assert text.count('class="dash-queue"') == 5
    found = re.findall(r'<li><a href="([^"]+)">', text.split('class="dash-blocks"')[1])
    assert len(found) >= 12
    for address in found:
        assert browser.get(unescape(address)).status_code in (200, 403), address


@pytest.mark.parametrize("path", ["/dashboard/", "/inbox/", "/dashboard/rows?block=clues"])
def test_a_grid_worker_has_the_work_list_instead(county: Flask, client_as: As, path: str) -> None:
    assert client_as("worker1").get(path).status_code == 403


def test_an_outsider_sees_an_empty_county(county: Flask, client_as: As) -> None:
    assert "户0" not in page(client_as("outsider"), "/dashboard/")
