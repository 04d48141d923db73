"""What a list shows is each user's choice, on the screen and on paper (UX check 23)."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Live
from tests.factories.world import make_household

ADDRESS_HEADING = 'th:has-text("住址")'
# What the printed page looks like, as the style sheet for paper has it.
PAPER = """() => {
  const seen = (selector) => [...document.querySelectorAll(selector)].some((node) => node.getClientRects().length > 0);
  const style = (selector) => getComputedStyle(document.querySelector(selector));
  return {
    chrome: [".sidebar", ".topbar", ".tabbar", ".mode-banner", ".row-actions", ".list-tools-end"].filter(seen),
    head: style("main table thead").display, row: style("main table tbody tr").breakInside, table: seen("main table"),
  };
}"""


def test_a_column_that_was_put_away_stays_away_for_this_user(live: Live, desk: Page) -> None:
    live.login(desk, "county")
    desk.goto(live.address("/households/list/"))
    expect(desk.locator(ADDRESS_HEADING)).to_be_visible()
    desk.click("[data-columns] button")
    desk.locator(".columns-menu label", has_text="住址").click()
    expect(desk.locator(ADDRESS_HEADING)).to_be_hidden()
    desk.reload()
    expect(desk.locator(ADDRESS_HEADING)).to_be_hidden()
    desk.emulate_media(media="print")
    expect(desk.locator(ADDRESS_HEADING)).to_be_hidden()
    desk.emulate_media(media="screen")

    live.logout(desk)
    live.login(desk, "town_a")
    desk.goto(live.address("/households/list/"))
    expect(desk.locator(ADDRESS_HEADING)).to_be_visible()


def test_paper_repeats_the_head_cuts_no_row_and_hides_the_menus(live: Live, desk: Page) -> None:
    with live.database() as session:
        from app.models import GridNode

        group = session.get(GridNode, live.world.nodes["990001101201001"])
        for number in range(60):
            make_household(session, group, name=f"户{number}", code=f"P-{number}")
    live.login(desk, "county")
    desk.goto(live.address("/households/list/?psize_HouseholdView=100"))
    desk.emulate_media(media="print")
    paper = desk.evaluate(PAPER)
    assert paper == {"chrome": [], "head": "table-header-group", "row": "avoid", "table": True}
    assert desk.pdf(format="A4").count(b"/Type /Page\n") >= 2
