"""A campaign in a real browser: two clicks pause it, its figures move by themselves, its pages fit and weigh little."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Page, Response

from app.domain.enums import CampaignState, Disposition
from app.domain.quarters import Quarter
from app.models import Campaign, CarrierRoute, Contact, GridNode
from app.services import pacing
from tests.browser.conftest import Live
from tests.factories.outcomes import make_households, make_quarter

PAGE_KB, DASHBOARD_KB = 150, 300  # UX check 11


@pytest.fixture
def campaign_id(live: Live) -> int:
    with live.database() as session:
        nodes = session.query(GridNode).filter(GridNode.code.like("99%")).order_by(GridNode.code).all()
        county = next(node for node in nodes if node.depth == 1)
        groups = [node for node in nodes if node.depth == 4]
        make_households(session, groups)
        campaign = make_quarter(session, county, groups, Quarter(2026, 4))
        pacing.ensure_budgets(session)
        session.add(CarrierRoute(channel="voice", prefix="+", carrier="simulator"))
        session.flush()
        return int(campaign.id)


def test_two_clicks_pause_it(live: Live, desk: Page, campaign_id: int) -> None:
    live.login(desk, "county")
    desk.goto(live.address(f"/campaigns/{campaign_id}"))
    desk.click('form[action$="/pause"] button')
    with desk.expect_navigation():
        desk.click("#confirm-dialog [data-confirm-ok]")

    with live.database() as session:
        assert session.get_one(Campaign, campaign_id).state is CampaignState.PAUSED


def test_a_change_of_mind_changes_nothing(live: Live, desk: Page, campaign_id: int) -> None:
    live.login(desk, "county")
    desk.goto(live.address(f"/campaigns/{campaign_id}"))
    desk.click('form[action$="/close"] button')
    desk.keyboard.press("Escape")

    assert not desk.locator("#confirm-dialog").is_visible()
    with live.database() as session:
        assert session.get_one(Campaign, campaign_id).state is CampaignState.RUNNING


def test_the_figures_move_by_themselves_and_still_add_up(live: Live, desk: Page, campaign_id: int) -> None:
    live.login(desk, "county")
    desk.goto(live.address(f"/campaigns/{campaign_id}"))
    before = _figures(desk)
    with live.database() as session:
        contact = session.query(Contact).filter_by(campaign_id=campaign_id, disposition=Disposition.PENDING).first()
        contact.disposition = Disposition.REFUSED
    deadline = time.monotonic() + 10  # UX check 22
    while (after := _figures(desk)) == before:
        assert time.monotonic() < deadline
        desk.wait_for_timeout(200)

    *parts, due, not_due, total = after
    assert sum(parts) == due
    assert due + not_due == total == before[-1]


def _figures(page: Page) -> list[int]:
    """The eight dispositions of those due, their sum, those not due, all households of the area."""
    cells = page.locator(".dispositions tr td:nth-of-type(1)").all_inner_texts()
    return [int(cell.replace(",", "")) for cell in cells]


@pytest.mark.parametrize("path", ["/campaigns/", "/campaigns/{id}", "/campaigns/{id}/plan", "/campaigns/new", "/reach/",
                                  "/reach/?by=hour", "/reach/list?due=1", "/campaigns/{id}/calls"])  # fmt: skip
def test_no_page_scrolls_sideways_on_a_phone(live: Live, phone: Page, campaign_id: int, path: str) -> None:
    live.login(phone, "county")
    phone.goto(live.address(path.format(id=campaign_id)))

    assert phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize(("path", "most"), [("/campaigns/{id}", PAGE_KB), ("/campaigns/{id}/plan", PAGE_KB),
                                            ("/reach/list?due=1", PAGE_KB), ("/reach/", DASHBOARD_KB),
                                            ("/reach/?by=hour", DASHBOARD_KB)])  # fmt: skip
def test_a_page_opened_for_the_first_time_weighs_little(live: Live, new_context: Any, campaign_id: int, path: str,
                                                        most: int) -> None:  # fmt: skip
    context = new_context({"viewport": {"width": 1366, "height": 768}})
    live.login(context.new_page(), "county")
    page = context.new_page()
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    sizes: list[int] = []
    hosts: set[str] = set()

    def weigh(answer: Response) -> None:
        sizes.append(answer.request.sizes()["responseBodySize"])
        hosts.add(answer.url.split("/")[2])

    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto(live.address(path.format(id=campaign_id)), wait_until="networkidle")

    assert sum(sizes) < most * 1024
    assert hosts == {live.url.split("/")[2]}


def test_charts_are_drawn_and_named(live: Live, desk: Page, campaign_id: int) -> None:
    live.login(desk, "county")
    desk.goto(live.address("/reach/"), wait_until="networkidle")
    chart = desk.locator("[data-chart]").first

    assert chart.get_attribute("role") == "img"
    assert chart.get_attribute("aria-label")
    assert chart.locator("svg path").count() > 4
