"""UX checks 11, 13, 14, 17: every page of the menu, in both sizes, is light, quiet, narrow enough and accessible."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Response

from tests.browser.conftest import DESK, PHONE, Live, NewContext
from tests.factories.cast import PASSWORD

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BESIDES = ("/account/", "/account/password", "/accounts/new", "/households/add", "/search/?q=none")
PAGE_BYTES, DASHBOARD_BYTES = 150 * 1024, 300 * 1024  # cold, over the wire
DASHBOARDS = ("/reach/", "/campaigns/")
NARROW = {"width": 320, "height": 640}


class Wire:
    """What a browser fetched: hosts, and bytes as they were sent."""

    def __init__(self, context: BrowserContext) -> None:
        self.hosts: set[str] = set()
        self.sizes: dict[str, int] = {}  # address → bytes; a browser with a cache fetches each once
        context.on("response", self._note)

    def _note(self, response: Response) -> None:
        self.hosts.add(urlsplit(response.url).hostname or "")
        self.sizes[response.url] = int(response.headers.get("content-length", "0"))

    def take(self) -> int:
        """Bytes since the last time."""
        taken, self.sizes = sum(self.sizes.values()), {}
        return taken


def menu_of(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator(".menu a").all()]


def serious(page: Page) -> list[str]:
    found: dict[str, Any] = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]
            if one["impact"] in ("serious", "critical")]  # fmt: skip


def addresses(live: Live) -> list[str]:
    """Beside the menu: a record's page, its form, the file, a unit and a decision."""
    ids = live.world.a
    return [*BESIDES, f"/households/show/{ids['household']}", f"/phones/edit/{ids['phone']}",
            f"/household/{ids['household']}", f"/grid/{live.world.nodes['990001101']}", f"/decide/clue/{ids['clue']}",
            f"/reveal/phone/{ids['phone']}", f"/accounts/{live.world.users['worker1']}"]  # fmt: skip


@pytest.mark.parametrize("form", [DESK, PHONE], ids=["desk", "phone"])
def test_no_page_of_the_county_bars_anybody(live: Live, new_context: NewContext, form: dict[str, Any]) -> None:
    page = new_context(form).new_page()
    live.login(page, "county")
    barred = {}
    for address in menu_of(page) + addresses(live):
        answer = page.goto(live.address(address))
        assert answer is not None
        assert answer.status == 200, address
        barred[address] = serious(page)
    assert {address: rules for address, rules in barred.items() if rules} == {}


def test_no_page_scrolls_sideways_on_the_smallest_phone(live: Live, new_context: NewContext) -> None:
    page = new_context({**PHONE, "viewport": NARROW}).new_page()
    live.login(page, "county")
    wide = {}
    for address in menu_of(page) + addresses(live):
        page.goto(live.address(address))
        wide[address] = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert {address: pixels for address, pixels in wide.items() if pixels > 0} == {}


def test_every_page_is_light_and_asks_nobody_else(live: Live, new_context: NewContext) -> None:
    context = new_context(DESK)
    page = context.new_page()
    live.login(page, "county")
    context.route("**/*", lambda route: route.continue_())  # without the browser's cache: every page is a cold one
    wire, heavy = Wire(context), {}
    for address in menu_of(page):
        wire.take()
        page.goto(live.address(address), wait_until="load")
        weight = wire.take()
        limit = DASHBOARD_BYTES if address in DASHBOARDS else PAGE_BYTES
        heavy |= {address: weight} if not 10_000 < weight < limit else {}
    assert (heavy, wire.hosts) == ({}, {"127.0.0.1"})


def test_the_keyboard_alone_signs_in_searches_and_opens_a_file(live: Live, desk: Page) -> None:
    desk.goto(live.address("/login/"))
    press_until(desk, "username")
    desk.keyboard.type("town_a")
    press_until(desk, "password")
    desk.keyboard.type(PASSWORD)
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    desk.keyboard.press("/")
    desk.keyboard.type("孙a")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    for _ in range(80):
        desk.keyboard.press("Tab")
        if desk.evaluate("(document.activeElement.getAttribute('href') || '').includes('/household/')"):
            break
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    assert desk.url.endswith(f"/household/{live.world.a['household']}")


def press_until(page: Page, wanted: str) -> None:
    """Tab to the element with this id."""
    for _ in range(20):
        if page.evaluate("document.activeElement.id") == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached with the keyboard")
