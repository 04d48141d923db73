"""Every screen speaks one language: Chinese without English words, English without Chinese ones (UX check 15)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from app.domain.quarters import Quarter
from app.models import CarrierRoute, GridNode
from app.services import pacing
from tests.browser.conftest import DESK, Live, NewContext
from tests.browser.language_scan import HAN, LATIN, Scan, data_of
from tests.browser.worklist_world import furnish
from tests.factories.cast import MEMBERS
from tests.factories.outcomes import make_households, make_quarter
from tests.factories.rosters import roster, row

CHINESE = frozenset({"English", "Excel", "WPS", "XLSX", "xlsx", "MB", "https", "zxm", "Twilio"})
# Codes the county itself gives: names to sign in with, English titles of levels, ids of a dialogue.
CHINESE_AT = {
    "/account": frozenset({*MEMBERS, "town"}), "/levels/": frozenset({"county", "township", "village", "group"}),
    "/campaign": frozenset({"checkin"}), "/answers/": frozenset({"health", "fine"}),
}  # fmt: skip
LANGUAGES = ("zh_Hans", "en")
READERS = [("county", "zh_Hans"), ("town_a", "zh_Hans"), ("worker1", "zh_Hans"), ("county", "en"), ("worker1", "en")]
FORMS = ("/households/add", "/accounts/new", "/account/password", "/campaigns/new", "/workers/add")
ENGLISH = frozenset({"守望", "简体中文"})
NOWHERE = ("/household/999999", "/no/such/page")
LIVELY = {  # pages whose scripts write text of their own
    "county": ("/reach/", "/campaigns/{campaign}", "/households/add", "/households/list/", "/grid/"),
    "worker1": ("/work/", "/household/{household}"),
}


@dataclass
class County:
    live: Live
    campaign: int
    household: int


@pytest.fixture
def county(live: Live) -> County:
    """The cast's county with a quarter half done, work on worker1's list, and a line."""
    household = furnish(live)[0]
    with live.database() as session:
        town = session.query(GridNode).filter_by(code="990001101").one()
        groups = session.query(GridNode).filter_by(depth=4, l2_id=town.id).order_by(GridNode.code).all()
        make_households(session, groups)
        campaign = make_quarter(session, town, groups, Quarter(2026, 4), rings=False)
        pacing.ensure_budgets(session)
        session.add(CarrierRoute(channel="voice", prefix="+", carrier="simulator"))
        return County(live, campaign.id, household)


def scan(county: County, new_context: NewContext, language: str, name: str | None = None) -> Scan:
    page = new_context(DESK, locale="en-GB" if language == "en" else "zh-CN").new_page()
    page.route("**/*.css*", lambda route: route.abort())  # what is said does not depend on how it looks
    if name:
        county.live.login(page, name)
    page.wait_for_load_state("networkidle")  # a late answer would bring the session of before the switch back
    page.goto(county.live.address(f"/lang/{language}"))
    data = data_of(county.live)
    if language == "en":
        return Scan(county.live, page, HAN, ENGLISH, data)
    own_name = LATIN.findall(name or "")  # stands at the top of every page
    return Scan(county.live, page, LATIN, CHINESE.union(own_name), data, CHINESE_AT)


def assert_clean(walk: Scan) -> None:
    assert not walk.found, "\n".join(f"{path}: {text}" for text, path in walk.found.items())


@pytest.mark.parametrize(("name", "language"), READERS)
def test_every_kind_of_page(county: County, new_context: NewContext, name: str, language: str) -> None:
    walk = scan(county, new_context, language, name)
    walk.crawl(["/", "/account/", "/search/?q=郑", "/search/?q=00000", *NOWHERE])
    for path in LIVELY.get(name, ()):
        walk.open(path.format(campaign=county.campaign, household=county.household))

    assert len(walk.seen) > 10
    assert_clean(walk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_form_says_of_mistakes(county: County, new_context: NewContext, language: str, tmp_path: Path) -> None:
    walk = scan(county, new_context, language, "county")
    for path in FORMS:
        walk.open(path)
        _send_as_it_is(walk)
    _send_roster_with_mistakes(walk, tmp_path / "名册.xlsx")

    assert_clean(walk)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refused_log_in(county: County, new_context: NewContext, language: str) -> None:
    walk = scan(county, new_context, language)
    walk.open("/login/")
    walk.page.fill("#username", "nobody")
    walk.page.fill("#password", "wrong")
    with walk.page.expect_navigation():
        walk.page.keyboard.press("Enter")
    walk.read()

    assert_clean(walk)


def _send_as_it_is(walk: Scan) -> None:
    """The form with nothing filled in and no date a date, past the browser's own checks."""
    form = walk.page.locator("main form").first
    with walk.page.expect_navigation():
        form.evaluate("""(form) => {
            for (const day of form.querySelectorAll("input[type=date]")) { day.type = "text"; day.value = "?"; }
            HTMLFormElement.prototype.submit.call(form);
        }""")
    walk.read()


def _send_roster_with_mistakes(walk: Scan, file: Path) -> None:
    file.write_bytes(roster(row(1), row(2, phone1="1381234567", away_since="?", head_name=""), row(3, absent="否"),
                            row(4, node_code="980001"), row(5, phone1="O381234567l")))  # fmt: skip
    walk.open("/imports/")
    walk.page.set_input_files("#file", file)
    with walk.page.expect_navigation():
        walk.page.locator("form:has(#file) button").click()
    walk.data = data_of(walk.live)  # the file's name and rows are the county's too
    walk.read()
    assert walk.page.locator("table").count() > 0
