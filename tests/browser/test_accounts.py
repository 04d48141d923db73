"""UX check 24: a county administrator makes a village user, who must choose a password of their own."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from app.security.roles import TABLE
from tests.browser.conftest import DESK, Live, NewContext
from tests.factories.cast import PASSWORD


def choose_unit(page: Page, name: str) -> None:
    """Type into the searchable field and take the first match."""
    page.click("#unit-ts-control")
    page.keyboard.type(name)
    page.click(f'.ts-dropdown .option:has-text("{name}")')


def permission_names(page: Page) -> list[str]:
    text = page.inner_text("body")
    return [name for name in (*TABLE, "can_list", "can_edit") if re.search(rf"\b{name}\b", text)]


def test_county_makes_a_village_user_with_a_unit_and_no_permission_name(
    live: Live, desk: Page, new_context: NewContext
) -> None:
    live.login(desk, "county")
    desk.goto(live.address("/accounts/new"))
    assert permission_names(desk) == []
    desk.fill("#name", "李新")
    desk.fill("#username", " li xin ")
    desk.select_option("#role", "village_cadre")
    choose_unit(desk, "测试11村")
    with desk.expect_navigation():
        desk.click("main form button[type=submit]")
    secret = desk.inner_text(".secret")
    assert "lixin" in desk.inner_text("main")
    assert permission_names(desk) == []

    theirs = new_context(DESK).new_page()
    theirs.goto(live.address("/login/"))
    theirs.fill("#username", "li xin")
    theirs.fill("#password", secret)
    with theirs.expect_navigation():
        theirs.keyboard.press("Enter")
    theirs.goto(live.address("/households/list/"))
    assert theirs.url.endswith("/account/password")  # wherever they turn
    for field, value in (("#old", secret), ("#new", PASSWORD), ("#again", PASSWORD)):
        theirs.fill(field, value)
    with theirs.expect_navigation():
        theirs.click("main form button[type=submit]")
    theirs.goto(live.address("/households/list/"))
    assert "孙a" in theirs.inner_text("main")
    assert "孙b" not in theirs.inner_text("main")
