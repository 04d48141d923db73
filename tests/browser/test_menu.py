"""The menu grows with the product: it folds, remembers, is searched by name, and is a sheet on phones."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Live, NewContext

HOUSEHOLDS = '[data-heading="households"]'
MENU_LINK = f'{HOUSEHOLDS} a[href="/members/list/"]'


def test_an_opened_heading_stays_open_for_this_user_only(live: Live, desk: Page) -> None:
    live.login(desk, "county")
    desk.goto(live.address("/account/"))
    expect(desk.locator(MENU_LINK)).to_be_hidden()
    desk.click(f"{HOUSEHOLDS} summary")
    desk.goto(live.address("/account/"))
    expect(desk.locator(MENU_LINK)).to_be_visible()

    live.logout(desk)
    live.login(desk, "town_a")
    desk.goto(live.address("/account/"))
    expect(desk.locator(MENU_LINK)).to_be_hidden()


def test_the_key_and_a_few_letters_lead_to_a_page(live: Live, desk: Page) -> None:
    live.login(desk, "county")
    desk.keyboard.press("/")
    desk.keyboard.type("成员")
    expect(desk.locator("#menu-hits")).to_be_visible()
    desk.keyboard.press("ArrowDown")
    assert desk.get_attribute("#global-q", "aria-activedescendant") == "menu-hit-0"
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    assert desk.url.endswith("/members/list/")


def test_escape_closes_what_was_found_and_enter_searches_households(live: Live, desk: Page) -> None:
    live.login(desk, "county")
    desk.keyboard.press("/")
    desk.keyboard.type("成员")
    desk.keyboard.press("Escape")
    expect(desk.locator("#menu-hits")).to_be_hidden()
    desk.fill("#global-q", "孙a")
    with desk.expect_navigation():
        desk.keyboard.press("Enter")
    assert "/search?q=" in desk.url


def test_a_phone_has_five_places_and_one_sheet_with_all(live: Live, new_context: NewContext) -> None:
    phone = new_context(PHONE).new_page()
    live.login(phone, "county")
    places = phone.locator(".tabbar > *")
    assert places.count() <= 5
    expect(phone.locator("#sidebar")).to_be_hidden()
    phone.tap(".tabbar button")
    expect(phone.locator("#sidebar")).to_be_visible()
    expect(phone.locator("#sidebar.show")).to_be_visible()  # a sheet still sliding in is deaf
    phone.keyboard.press("Escape")
    expect(phone.locator("#sidebar")).to_be_hidden()
