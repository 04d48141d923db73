"""UX checks 11, 13, 14, 16, 17: every page of the menu, in both sizes, is light, quiet, narrow and accessible."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, Response

from app.models import Visit
from tests.browser.conftest import DESK, PHONE, Live, NewContext
from tests.browser.measuring import LARGE_TEXT, SMALL_TARGETS, UNCOVERED
from tests.browser.test_worklist_page import SENT
from tests.browser.worklist_world import furnish
from tests.factories.cast import PASSWORD

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BESIDES = ("/account/", "/account/password", "/accounts/new", "/households/add", "/search/?q=none")
PAGE_BYTES, DASHBOARD_BYTES = 150 * 1024, 300 * 1024  # cold, over the wire
DASHBOARDS = ("/reach/", "/campaigns/", "/dashboard")
NARROW = {"width": 320, "height": 640}
ZOOMED = {"width": 683, "height": 384}  # what 200 % leaves of a screen of 1366 × 768
AXE = Axe()


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


@dataclass
class Findings:
    """{address: {what was asked: what is wrong}}, only where something is."""

    found: dict[str, dict[str, list[Any]]] = field(default_factory=dict)

    def note(self, address: str, asked: str, wrong: list[Any]) -> None:
        if wrong:
            self.found.setdefault(address, {})[asked] = wrong[:3]

    def __str__(self) -> str:
        return "\n".join(f"{address} {asked}: {one}" for address, all_asked in self.found.items()
                         for asked, wrong in all_asked.items() for one in wrong)  # fmt: skip


def sideways(page: Page) -> list[int]:
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [over] if over > 0 else []


def menu_of(page: Page) -> list[str]:
    return [str(link.get_attribute("href")) for link in page.locator(".menu a").all()]


def serious(page: Page) -> list[str]:
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    found: dict[str, Any] = AXE.run(page, options=options)
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]
            if one["impact"] in ("serious", "critical")]  # fmt: skip


def addresses(live: Live) -> list[str]:
    """Beside the menu: a record's page, its form, the file, a unit and a decision."""
    ids = live.world.a
    return [*BESIDES, f"/households/show/{ids['household']}", f"/phones/edit/{ids['phone']}",
            f"/household/{ids['household']}", f"/grid/{live.world.nodes['990001101']}", f"/decide/clue/{ids['clue']}",
            f"/reveal/phone/{ids['phone']}", f"/accounts/{live.world.users['worker1']}"]  # fmt: skip


def test_every_page_on_a_desk(live: Live, new_context: NewContext) -> None:
    """Each page is opened once, cold, and asked everything: its weight, whom it asks, barriers, and 200 % zoom."""
    context = new_context(DESK)
    page = context.new_page()
    live.login(page, "county")
    places = menu_of(page) + addresses(live)
    context.route("**/*", lambda route: route.continue_())  # without the browser's cache: every page is a cold one
    wire, wrong = Wire(context), Findings()
    for address in places:
        wire.take()
        answer = page.goto(live.address(address), wait_until="load")
        wrong.note(address, "status", [] if answer and answer.status == 200 else [answer])
        weight, limit = wire.take(), DASHBOARD_BYTES if address.startswith(DASHBOARDS) else PAGE_BYTES
        wrong.note(address, "bytes", [] if 10_000 < weight < limit else [weight])
        wrong.note(address, "axe", serious(page))
        page.set_viewport_size(ZOOMED)
        wrong.note(address, "sideways at 200 %", sideways(page))
        page.set_viewport_size(DESK["viewport"])
    assert not wrong.found, str(wrong)
    assert wire.hosts == {"127.0.0.1"}


def test_every_page_on_a_phone(live: Live, new_context: NewContext) -> None:
    """Barriers, fingers' room, the smallest phone, and large text, on one visit of each page."""
    page = new_context(PHONE).new_page()
    live.login(page, "county")
    wrong = Findings()
    for address in menu_of(page) + addresses(live):
        page.goto(live.address(address))
        wrong.note(address, "axe", serious(page))
        wrong.note(address, "targets", page.evaluate(SMALL_TARGETS))
        page.set_viewport_size(NARROW)
        wrong.note(address, "sideways at 320 px", sideways(page))
        page.set_viewport_size(PHONE["viewport"])
        page.evaluate("document.documentElement.classList.add('large-text')")
        wrong.note(address, "large text", page.evaluate(LARGE_TEXT))
    assert not wrong.found, str(wrong)


def test_large_text_outlives_the_log_out(live: Live, phone: Page) -> None:
    live.login(phone, "worker1")
    phone.tap("[data-large-text]")
    live.logout(phone)
    assert "large-text" in (phone.locator("html").get_attribute("class") or "")
    live.login(phone, "worker1")
    assert phone.evaluate("getComputedStyle(document.body).fontSize") == "19px"


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


def test_the_keyboard_alone_logs_a_visit_and_escape_gives_the_focus_back(live: Live, desk: Page) -> None:
    furnish(live)
    live.login(desk, "worker1")
    opener = "document.activeElement.matches('[data-log=visit]')"
    press_while_not(desk, opener)
    household_id = int(desk.evaluate("document.activeElement.dataset.household"))
    with live.database() as session:
        before = session.query(Visit).filter_by(household_id=household_id).count()
    desk.keyboard.press("Enter")
    live.wait_for(desk, "document.getElementById('log-sheet').open")
    desk.keyboard.press("Escape")
    live.wait_for(desk, f"!document.getElementById('log-sheet').open && {opener}")
    assert desk.evaluate(UNCOVERED)

    desk.keyboard.press("Enter")
    for wanted in ("[data-outcome=reached]", "[data-all-right]"):
        press_while_not(desk, f"document.activeElement.matches('{wanted}')")
        desk.keyboard.press("Enter")
    live.wait_for(desk, SENT)
    with live.database() as session:
        assert session.query(Visit).filter_by(household_id=household_id).count() == before + 1


def press_while_not(page: Page, condition: str) -> None:
    for _ in range(60):
        if page.evaluate(condition):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"cannot be reached with the keyboard: {condition}")


def press_until(page: Page, wanted: str) -> None:
    """Tab to the element with this id."""
    for _ in range(20):
        if page.evaluate("document.activeElement.id") == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} cannot be reached with the keyboard")
