"""A whole case in a real browser by each of the four documents: from the clue to the end of monitoring (DOMAIN 2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select

from app.domain.enums import ClueState, HouseholdCategory
from app.domain.measures.words import PlanState
from app.models import Case, CaseEntry, Clue, HelpPlan, Household, Measure, MonitoringRecord
from tests.browser import case_walk as walk
from tests.browser.conftest import DESK, Live
from tests.factories.casework import shipped_workflows

DOCUMENTS = {"AH-2023": "ah-2023", "AH-SC-GCH-2021": "gch-2021", "TPL-TOWN-2023": "town-2023",
             "CQ-FL-YH-2022": "yh-2022"}  # fmt: skip
ABOVE_THE_VILLAGE = {"town_a", "county"}


@pytest.fixture(scope="module")
def contexts(browser: Browser) -> Iterator[dict[str, BrowserContext]]:
    """One browser for each person, signed in once for all four documents."""
    opened: dict[str, BrowserContext] = {}
    yield opened
    for context in opened.values():
        context.close()


@pytest.fixture
def office(live: Live, browser: Browser, contexts: dict[str, BrowserContext]) -> walk.Office:
    def context_of(name: str) -> BrowserContext:
        if name not in contexts:
            options: dict[str, Any] = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", **DESK}
            contexts[name] = browser.new_context(**options)
            contexts[name].set_default_timeout(15_000)
        return contexts[name]

    return walk.Office(live, context_of)


@pytest.mark.parametrize("profile", DOCUMENTS)
def test_a_case_from_the_clue_to_the_end_of_monitoring(office: walk.Office, live: Live, profile: str) -> None:
    walk.put_in_force(live, profile)
    flow = shipped_workflows()[DOCUMENTS[profile]][1]
    household, clue = walk.bring_clue(live, "周案一")
    case = open_from_clue(office, household, clue)

    passed = go_through(office, case)

    assert list(dict.fromkeys(passed)) == walk.shortest(flow)
    assert len(passed) > len(walk.shortest(flow)), "what was sent back is passed again"
    with live.database() as session:
        assert session.get(Case, case).template.code == flow.code
        assert session.get(Clue, clue).state is ClueState.CONFIRMED
        assert session.get(Household, household).category is HouseholdCategory.MARGINAL
        record = session.scalars(select(MonitoringRecord).where(MonitoringRecord.household_id == household)).one()
        assert (record.case_id, record.eliminated_on) == (case, None)

    walk.make_plan(office, household)
    ended = walk.open_case(office, f"/case/open/{household}", household, "elimination")
    go_through(office, ended, send_back=False)

    with live.database() as session:
        plan = session.scalars(select(HelpPlan).where(HelpPlan.household_id == household)).one()
        assert plan.state is PlanState.IN_FORCE
        measure = session.scalars(select(Measure).where(Measure.household_id == household)).one()
        assert measure.kind == "对接帮扶车间就业"
        record = session.scalars(select(MonitoringRecord).where(MonitoringRecord.household_id == household)).one()
        assert record.elimination_kind == "helped"
        assert session.get(Household, household).category is HouseholdCategory.GENERAL


def test_a_household_that_is_refused_has_it_in_writing(office: walk.Office, live: Live) -> None:
    """By one of the documents: the step that refuses differs (tests/db/casework walks all), the page does not."""
    walk.put_in_force(live, next(iter(DOCUMENTS)))
    household, clue = walk.bring_clue(live, "周案二")
    case = open_from_clue(office, household, clue)
    at = walk.now(live, case)
    assert at.step is not None
    while at.step.next_on_fail != "refused":
        walk.decide(office, case, at)
        at = walk.now(live, case)
        assert at.step is not None

    walk.decide(office, case, at, "fail", reason="收入高于监测标准，“三保障”没有问题")

    paper = office.page("cadre", f"/case/{case}/papers/refusal").inner_text("body")
    assert walk.now(live, case).outcome == "refused"
    assert "周案二" in paper
    assert "收入高于监测标准，“三保障”没有问题" in paper


def open_from_clue(office: walk.Office, household: int, clue: int) -> int:
    """The village cadre says on the clue's page that it is true."""
    link = office.page("cadre", f"/clue/{clue}").locator(f'a[href*="/case/open/{household}"]')
    return walk.open_case(office, link.get_attribute("href") or "", household)


def go_through(office: walk.Office, case: int, send_back: bool = True) -> list[str]:
    """Every step by whose turn it is, once each for two clicks; the first level above the village sends it back once.
    Codes of the steps passed."""
    passed: list[str] = []
    before = ""
    while (at := walk.now(office.live, case)).step is not None:
        if at.person != before:
            others_only_look(office, case, at.person)
        before = at.person
        if send_back and at.away and at.person in ABOVE_THE_VILLAGE:
            send_back = False
            goes_back(office, case, at)
            continue
        said = walk.decide(office, case, at, twice=True)
        after = walk.now(office.live, case)
        notices = 1 if at.step.needs_publicity_days else 0
        assert after.entries == at.entries + 1 + notices, said
        passed.append(at.step.code)
    return passed


def others_only_look(office: walk.Office, case: int, person: str) -> None:
    """Somebody of another level reads where the case stands and has nothing to press."""
    other = "town_a" if person != "town_a" else "county"
    page = office.page(other, f"/case/{case}")
    assert page.locator(walk.DECIDE).count() == 0
    assert "本环节由" in page.inner_text("main")


def goes_back(office: walk.Office, case: int, at: walk.Now) -> None:
    """Not without a reason; with one, the case lies where the template says, and the reason stands in its history."""
    walk.decide(office, case, at, at.away)
    assert walk.now(office.live, case).entries == at.entries, "sent back without a reason"
    walk.decide(office, case, at, at.away, reason="缺少收入凭证，请补齐")
    after = walk.now(office.live, case)
    assert after.step is not None
    assert after.step.code == at.target
    with office.live.database() as session:
        entries = select(CaseEntry).where(CaseEntry.case_id == case).order_by(CaseEntry.number.desc())
        last = session.scalars(entries).first()
        assert last.reason == "缺少收入凭证，请补齐"
