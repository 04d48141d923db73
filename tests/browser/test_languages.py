"""What scripts write speaks the page's language too (UX check 15; the pages themselves: tests/web/language)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from app.domain.quarters import Quarter
from app.models import GridNode
from tests.browser.conftest import DESK, Live, NewContext
from tests.browser.worklist_world import furnish
from tests.factories.outcomes import make_households, make_quarter
from tests.web.language.reading import HAN, LATIN, data_of, without

LANGUAGES = ("zh_Hans", "en")
# Every text that is shown or waits to be shown, also what stands in an opened dialog.
READ = """() => {
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (!node.parentElement.closest("script, style, pre, [lang]:not(html)"))
      said.push(node.data.trim().replace(/\\s+/g, " "));
  for (const node of document.querySelectorAll("[placeholder], [aria-label], [title]"))
    if (!node.closest("[lang]:not(html)"))
      said.push(node.getAttribute("placeholder") || "", node.getAttribute("aria-label") || "", node.title || "");
  return said.filter(Boolean);
}"""
# (who, page, what to touch there before reading)
LIVELY = (
    ("county", "/reach/", ""),
    ("county", "/campaigns/{campaign}", "form[data-confirm] button"),
    ("county", "/households/add", ".ts-control"),
    ("county", "/households/list/", "summary"),
    ("county", "/grid/", ""),
    ("worker1", "/work/", "[data-log=visit]"),
    ("worker1", "/household/{household}", "[data-reveal-ask]"),
)
ALLOWED = {"zh_Hans": {"English", "county", "worker", "checkin"}, "en": {"守望", "简体中文"}}


@dataclass
class County:
    live: Live
    campaign: int
    household: int


@pytest.fixture
def county(live: Live) -> County:
    """The cast's county with a quarter half done, and work on worker1's list."""
    household = furnish(live)[0]
    with live.database() as session:
        town = session.query(GridNode).filter_by(code="990001101").one()
        groups = session.query(GridNode).filter_by(depth=4, l2_id=town.id).order_by(GridNode.code).all()
        make_households(session, groups)
        campaign = make_quarter(session, town, groups, Quarter(2026, 4), rings=False)
        return County(live, campaign.id, household)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_scripts_write(county: County, new_context: NewContext, language: str) -> None:
    live, found = county.live, {}
    with live.database() as session:
        data = data_of(session)
    for name in ("county", "worker1"):
        page = new_context(DESK, locale="en-GB" if language == "en" else "zh-CN").new_page()
        live.login(page, name)
        page.wait_for_load_state("networkidle")  # a late answer would bring the session of before the switch back
        page.goto(live.address(f"/lang/{language}"))
        for who, path, touch in LIVELY:
            if who == name:
                page.goto(live.address(path.format(campaign=county.campaign, household=county.household)))
                found |= dict.fromkeys(foreign(page, touch, language, data), path)
    assert not found, "\n".join(f"{path}: {text}" for text, path in found.items())


def foreign(page: Page, touch: str, language: str, data: list[str]) -> list[str]:
    if touch:
        page.locator(touch).first.click()
        page.wait_for_timeout(300)
    wrong = HAN if language == "en" else LATIN
    return [text for text in page.evaluate(READ) if set(wrong.findall(text)) - ALLOWED[language]
            if set(wrong.findall(without(text, data))) - ALLOWED[language]]  # fmt: skip
