"""A campaign run from its pages, from the form to its end, and what the monitor says meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.enums import CampaignState
from app.domain.quarters import Quarter
from app.extensions import db
from app.models import Attempt, Campaign, CarrierRoute, Contact, GridNode, PacingBudget, Tick
from app.queries.scope import system_access
from app.services import pacing
from telephony.clock import ManualClock
from tests.factories.cast import Browser, World
from tests.factories.outcomes import make_households, make_quarter
from tests.web.test_reach_pages import TOTAL, text_of

Q4 = Quarter(2026, 4)


@pytest.fixture
def running(web_app: Flask) -> int:
    """The county's campaign of this quarter, half done."""
    with web_app.app_context(), system_access():
        nodes = db.session.query(GridNode).filter(GridNode.code.like("99%")).order_by(GridNode.code).all()
        county = next(node for node in nodes if node.depth == 1)
        groups = [node for node in nodes if node.depth == 4]
        make_households(db.session, groups)
        campaign = make_quarter(db.session, county, groups, Q4)
        pacing.ensure_budgets(db.session)
        db.session.add(CarrierRoute(channel="voice", prefix="+", carrier="simulator"))
        db.session.commit()
        number = campaign.id
        db.session.remove()
    return int(number)


@pytest.fixture
def county(web_app: Flask, client_as: Callable[[str], Browser]) -> Browser:
    return client_as("county")


def state_of(app: Flask, campaign_id: int) -> CampaignState:
    with app.app_context(), system_access():
        state = db.session.get_one(Campaign, campaign_id).state
        db.session.remove()
    return state


def change(app: Flask, act: Callable[[], object]) -> None:
    with app.app_context(), system_access():
        act()
        db.session.commit()
        db.session.remove()


def make_one(browser: Browser, node_id: int, quarter: str = "2026Q4") -> str:
    """Through the form; the address of the plan."""
    data = {"quarter": quarter, "node_id": node_id, "fallback": "y"}
    answer = browser.post("/campaigns/new", data, token_from="/campaigns/new")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return str(answer.headers["Location"])


def test_from_the_form_to_a_running_campaign_and_to_its_end(web_app: Flask, county: Browser, world: World) -> None:
    plan = make_one(county, world.nodes["990001"])
    base, number = plan.removesuffix("/plan"), int(re.findall(r"\d+", plan)[0])

    assert state_of(web_app, number) is CampaignState.PLANNED
    for act, state in (("launch", "RUNNING"), ("pause", "PAUSED"), ("resume", "RUNNING"), ("close", "CLOSED")):
        assert county.post(f"{base}/{act}").status_code == 302
        assert state_of(web_app, number) is CampaignState[state]


def test_what_the_state_forbids_is_refused_in_words(web_app: Flask, county: Browser, running: int) -> None:
    county.post(f"/campaigns/{running}/resume")
    page = text_of(county, f"/campaigns/{running}")

    assert "notice-warning" in page
    assert state_of(web_app, running) is CampaignState.RUNNING


def test_the_buttons_are_those_of_the_state(web_app: Flask, county: Browser, running: int) -> None:
    page = text_of(county, f"/campaigns/{running}")

    offered = set(re.findall(rf'action="/campaigns/{running}/(\w+)"', page))
    assert offered == {"pause", "close", "pacing"}


def test_each_step_asks_before_it_acts(county: Browser, running: int) -> None:
    page = text_of(county, f"/campaigns/{running}")
    forms = re.findall(rf'<form[^>]*action="/campaigns/{running}/(?:pause|close)"[^>]*>', page)

    assert len(forms) == 2
    assert all("data-confirm=" in form and "data-once" in form for form in forms)


def test_a_step_without_a_token_is_refused(web_app: Flask, county: Browser, running: int) -> None:
    assert county.client.post(f"/campaigns/{running}/pause").status_code == 400
    assert state_of(web_app, running) is CampaignState.RUNNING


def test_a_campaign_of_next_quarter_cannot_be_launched_yet(web_app: Flask, county: Browser, world: World) -> None:
    plan = make_one(county, world.nodes["990001"], "2027Q1")
    county.post(plan.replace("plan", "launch"))

    assert "2027年1月1日" in text_of(county, plan)
    assert state_of(web_app, int(re.findall(r"\d+", plan)[0])) is CampaignState.PLANNED


def test_a_second_campaign_of_the_same_area_is_refused(county: Browser, running: int, world: World) -> None:
    data = {"quarter": "2026Q4", "node_id": world.nodes["990001"]}
    page = county.post("/campaigns/new", data, token_from="/campaigns/new")

    assert page.status_code == 200
    assert "field-error" in page.get_data(as_text=True)


@pytest.mark.parametrize("data", [{"quarter": "2019Q1", "node_id": "1"}, {"quarter": "2026Q4", "node_id": "999999"},
                                  {"quarter": "", "node_id": ""}, {"quarter": "2026Q4", "node_id": "x"}])  # fmt: skip
def test_a_form_with_nonsense_makes_nothing(web_app: Flask, county: Browser, data: dict[str, str]) -> None:
    page = county.post("/campaigns/new", data, token_from="/campaigns/new")

    assert page.status_code == 200
    assert "field-error" in page.get_data(as_text=True)


def test_every_number_of_the_plan_and_the_monitor_is_its_list(county: Browser, running: int) -> None:
    lists = rf"/campaigns/{running}/(?:contacts|calls|elsewhere)"
    links = re.compile(rf'<a [^>]*?href="({lists}[^"]*)"[^>]*>(.*?)</a>', re.S)
    for path in ("", "/plan"):
        found = _shown(links, text_of(county, f"/campaigns/{running}{path}"))
        assert len(found) > 5
        for address, shown in found:
            assert int(TOTAL.findall(text_of(county, address))[0].replace(",", "")) == shown, address


def _shown(links: re.Pattern[str], page: str) -> set[tuple[str, int]]:
    found = set()
    for address, inner in links.findall(page):
        value = inner.split('kpi-value">')[1] if "kpi-value" in inner else inner
        digits = re.findall(r"(?:^|>)\s*([\d,]+)\s*(?=<|$)", value)
        assert digits, inner
        found.add((address.replace("&amp;", "&"), int(digits[0].replace(",", ""))))
    return found


def test_the_counts_sum_to_the_total(county: Browser, running: int) -> None:
    status = county.get(f"/campaigns/{running}/status.json").get_json()

    assert sum(status["counts"].values()) == status["total"] == 8 * 11
    assert status["live"] == 1


def test_the_moving_part_stands_alone_and_stops_when_all_is_over(web_app: Flask, county: Browser, running: int) -> None:
    part = county.get(f"/campaigns/{running}/live")
    county.post(f"/campaigns/{running}/close")
    last = county.get(f"/campaigns/{running}/live")

    assert "<html" not in part.get_data(as_text=True)
    assert (part.headers.get("X-Refresh"), last.headers.get("X-Refresh")) == (None, "stop")


def test_the_page_refreshes_within_ten_seconds(county: Browser, running: int) -> None:
    seconds = re.findall(r'data-refresh-seconds="(\d+)"', text_of(county, f"/campaigns/{running}"))

    assert [int(value) <= 10 for value in seconds] == [True]


# ---------------------------------------------------------------- why nobody is called


def notice(browser: Browser, campaign_id: int) -> str:
    page = text_of(browser, f"/campaigns/{campaign_id}/live")
    return re.sub(r"\s+", " ", page.split("notice-body", 1)[1].split("</div>", 1)[0])


def quiet(app: Flask) -> None:
    """The one call that rings has ended."""
    change(app, lambda: db.session.query(Attempt).filter(Attempt.number == 9).delete())


def say_english(browser: Browser) -> None:
    browser.get("/lang/en")


def test_it_says_that_calls_are_under_way(county: Browser, running: int) -> None:
    say_english(county)

    assert "1 calls are under way" in notice(county, running)


def test_it_says_when_the_next_window_opens(web_app: Flask, county: Browser, running: int, clock: ManualClock) -> None:
    quiet(web_app)
    say_english(county)
    clock.move_to(datetime(2026, 11, 23, 4, 30, tzinfo=UTC))  # 12:30 in China, between the two windows

    assert "Outside calling hours until Mon 23 Nov 2026, 14:00" in notice(county, running)


def test_it_says_that_no_line_is_set_up(web_app: Flask, county: Browser, running: int) -> None:
    quiet(web_app)
    change(web_app, lambda: db.session.query(CarrierRoute).delete())
    say_english(county)

    assert "No line is set up" in notice(county, running)


def test_it_says_that_people_dial(web_app: Flask, county: Browser, running: int) -> None:
    quiet(web_app)
    change(web_app, lambda: db.session.query(CarrierRoute).update({"carrier": "human"}))
    say_english(county)

    assert "dialled by the grid workers" in notice(county, running)


def test_it_says_that_the_worker_is_silent(web_app: Flask, county: Browser, running: int) -> None:
    quiet(web_app)
    say_english(county)

    assert "no sign of life" in notice(county, running)


def test_it_says_that_calls_are_about_to_begin(web_app: Flask, county: Browser, running: int,
                                               clock: ManualClock) -> None:  # fmt: skip
    quiet(web_app)
    now = clock.now()
    change(web_app, lambda: db.session.add(Tick(name="dispatch", every_s=2, next_at=now, last_at=now)))
    say_english(county)

    assert "about to be called" in notice(county, running)


def test_it_says_when_the_next_household_is_due(web_app: Flask, county: Browser, running: int,
                                                clock: ManualClock) -> None:  # fmt: skip
    quiet(web_app)
    later = clock.now() + timedelta(hours=1)
    change(web_app, lambda: db.session.query(Contact).filter(Contact.next_attempt_at.is_not(None))
           .update({"next_attempt_at": later}))  # fmt: skip
    say_english(county)

    assert "Nobody is due before Mon 23 Nov 2026, 11:00" in notice(county, running)


def test_it_says_that_the_campaign_is_paused(county: Browser, running: int) -> None:
    county.post(f"/campaigns/{running}/pause")
    say_english(county)

    assert "Paused: nobody new is called" in notice(county, running)


# ---------------------------------------------------------------- pace


def test_the_pace_is_changed_while_it_runs(web_app: Flask, county: Browser, running: int) -> None:
    limits = {"carrier": "simulator", "calls_per_second": "2.5", "concurrent_calls": "7", "messages_per_second": "3"}
    county.post(f"/campaigns/{running}/pacing", limits)

    with web_app.app_context(), system_access():
        budget = db.session.get_one(PacingBudget, "simulator")
        assert (budget.calls_per_second, budget.concurrent_calls) == (2.5, 7)
        db.session.remove()


@pytest.mark.parametrize("wrong", [{"calls_per_second": "0"}, {"calls_per_second": "nan"}, {"concurrent_calls": "-1"},
                                   {"concurrent_calls": "1.5"}, {"carrier": "nobody"}, {"carrier": ""}])  # fmt: skip
def test_a_pace_that_makes_no_sense_changes_nothing(web_app: Flask, county: Browser, running: int,
                                                    wrong: dict[str, str]) -> None:  # fmt: skip
    limits = {"carrier": "simulator", "calls_per_second": "2.5", "concurrent_calls": "7", "messages_per_second": "3"}
    county.post(f"/campaigns/{running}/pacing", limits | wrong)

    assert "notice-warning" in text_of(county, f"/campaigns/{running}")
    with web_app.app_context(), system_access():
        assert db.session.get_one(PacingBudget, "simulator").concurrent_calls != 7
        db.session.remove()


# ---------------------------------------------------------------- who may


def test_a_township_reads_its_part_of_the_county_s_campaign(running: int, client_as: Callable[[str], Browser]) -> None:
    town = client_as("town_a")
    status = town.get(f"/campaigns/{running}/status.json").get_json()

    assert status["total"] == 4 * 11
    assert not re.findall(rf'action="/campaigns/{running}/(pause|close)"', text_of(town, f"/campaigns/{running}"))
    assert text_of(town, f"/campaigns/{running}/plan")


def test_a_township_cannot_stop_the_county_s_campaign(web_app: Flask, running: int,
                                                      client_as: Callable[[str], Browser]) -> None:  # fmt: skip
    assert client_as("town_a").post(f"/campaigns/{running}/pause").status_code == 403
    assert state_of(web_app, running) is CampaignState.RUNNING


def test_a_township_runs_a_campaign_of_its_own(web_app: Flask, client_as: Callable[[str], Browser],
                                               world: World) -> None:  # fmt: skip
    town = client_as("town_a")
    plan = make_one(town, world.nodes["990001101"])

    assert town.post(plan.replace("plan", "launch")).status_code == 302
    assert state_of(web_app, int(re.findall(r"\d+", plan)[0])) is CampaignState.RUNNING
    assert client_as("town_b").get(plan).status_code == 404


def test_only_the_county_changes_the_pace(running: int, client_as: Callable[[str], Browser]) -> None:
    limits = {"carrier": "simulator", "calls_per_second": "9", "concurrent_calls": "9", "messages_per_second": "9"}

    assert client_as("town_a").post(f"/campaigns/{running}/pacing", limits).status_code in (302, 403)
    assert client_as("auditor").post(f"/campaigns/{running}/pause").status_code in (302, 403)


def test_a_neighbour_s_call_is_not_found(web_app: Flask, running: int, client_as: Callable[[str], Browser],
                                         world: World) -> None:  # fmt: skip
    query = select(Attempt.id).where(Attempt.l2_id == world.nodes["990001102"]).order_by(Attempt.id)
    with web_app.app_context(), system_access():
        foreign = db.session.scalars(query).first()
        db.session.remove()

    assert client_as("town_b").get(f"/campaigns/call/{foreign}").status_code == 200
    assert client_as("town_a").get(f"/campaigns/call/{foreign}").status_code == 404


@pytest.mark.parametrize("path", ["/campaigns/999999", "/campaigns/999999/plan", "/campaigns/999999/live",
                                  "/campaigns/call/999999", "/campaigns/x"])  # fmt: skip
def test_what_is_not_there_is_not_found(county: Browser, path: str) -> None:
    assert county.get(path).status_code == 404
