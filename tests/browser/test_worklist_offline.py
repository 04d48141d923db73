"""UX checks 5, 6, 7: what was logged survives a lost network, a reload, an expired login and another user."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from sqlalchemy import func, select

from app.models import Visit
from tests.browser.conftest import PHONE, PLAIN_HOST, Live, NewContext
from tests.browser.test_worklist_page import SENT, log_all_right
from tests.browser.worklist_world import furnish

OFFLINE_COPY = "caches.match('/work/').then((kept) => Boolean(kept))"
CONTROLLED = "Boolean(navigator.serviceWorker.controller)"


@pytest.fixture
def ids(live: Live) -> list[int]:
    return furnish(live)


@pytest.fixture
def work(live: Live, ids: list[int], phone: Page) -> Page:
    """worker1's list, already kept for offline use."""
    live.login(phone, "worker1")
    live.wait_for(phone, CONTROLLED)
    live.wait_for(phone, OFFLINE_COPY)
    return phone


def count_visits(live: Live, household_ids: list[int]) -> dict[int, int]:
    with live.database() as session:
        query = select(Visit.household_id, func.count()).where(Visit.household_id.in_(household_ids))
        return {row[0]: row[1] for row in session.execute(query.group_by(Visit.household_id))}


def lose_login(page: Page) -> None:
    """As when it has expired. An answer still under way would bring the cookie back."""
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()


def pending(page: Page) -> int:
    return int(page.evaluate("ShouwangOutbox.list().length"))


def test_three_visits_offline_and_a_reload_become_three_records(live: Live, ids: list[int], work: Page) -> None:
    work.context.set_offline(True)
    for household_id in ids[1:4]:
        log_all_right(work, household_id)
    work.reload()
    assert pending(work) == 3
    assert work.locator(f'[data-card="{ids[1]}"]').is_hidden()
    work.context.set_offline(False)
    live.wait_for(work, SENT, 30)
    assert count_visits(live, ids) == dict.fromkeys(ids[1:4], 1)


def test_what_was_sent_offline_stays_off_a_list_kept_from_before(live: Live, ids: list[int], work: Page) -> None:
    log_all_right(work, ids[2])
    live.wait_for(work, SENT)
    work.context.set_offline(True)
    work.reload()
    assert work.locator(f'[data-card="{ids[2]}"]').is_hidden()


def test_an_entry_that_arrives_twice_is_stored_once(live: Live, ids: list[int], work: Page) -> None:
    work.route("**/work/log", lambda route: (route.fetch(), route.abort()))  # stored, but the answer gets lost
    log_all_right(work, ids[1])
    live.wait_for(work, "ShouwangOutbox.state === 'offline'")
    assert pending(work) == 1
    work.unroute("**/work/log")
    work.evaluate("ShouwangOutbox.flush()")
    live.wait_for(work, SENT)
    assert count_visits(live, ids) == {ids[1]: 1}


def test_an_expired_login_keeps_the_visits_and_a_new_one_sends_them(live: Live, ids: list[int], work: Page) -> None:
    lose_login(work)
    for household_id in ids[1:3]:
        log_all_right(work, household_id)
    live.wait_for(work, "ShouwangOutbox.state === 'signed-out'")
    assert pending(work) == 2
    assert "/login/" in (work.locator("#outbox a").get_attribute("href") or "")
    live.login(work, "worker1")
    live.wait_for(work, SENT)
    assert count_visits(live, ids) == dict.fromkeys(ids[1:3], 1)


def test_another_user_neither_sees_nor_sends_them(live: Live, ids: list[int], work: Page) -> None:
    lose_login(work)
    log_all_right(work, ids[1])
    live.wait_for(work, "ShouwangOutbox.state === 'signed-out'")
    live.login(work, "worker2")
    work.evaluate("ShouwangOutbox.flush()")
    assert pending(work) == 0
    assert "姜志强" not in work.inner_text("body")
    assert count_visits(live, ids) == {}
    live.logout(work)
    live.login(work, "worker1")
    live.wait_for(work, SENT)
    assert count_visits(live, ids) == {ids[1]: 1}


def test_the_kept_list_goes_with_its_user(live: Live, ids: list[int], work: Page) -> None:
    live.logout(work)
    live.wait_for(work, "caches.match('/work/').then((kept) => !kept)")


def test_a_refused_entry_is_kept_and_says_why(live: Live, ids: list[int], work: Page) -> None:
    work.context.set_offline(True)
    work.tap(f'[data-card="{ids[0]}"] [data-clue]')
    work.tap('#clue-sheet input[value="unfounded"]')
    work.fill("#clue-result", "没有这回事")
    work.tap("#clue-sheet button[type=submit]")
    settle_as_somebody_else(live, ids[0])
    work.context.set_offline(False)
    live.wait_for(work, "ShouwangOutbox.list().some((entry) => entry.refused)")
    notice = work.locator("#outbox .notice-danger")
    assert "试cadre" in notice.inner_text()
    assert notice.locator("[data-retry]").is_visible()
    assert pending(work) == 1


def settle_as_somebody_else(live: Live, household_id: int) -> None:
    from app.domain.enums import ClueState
    from app.models import Clue
    from app.services import clues

    with live.database() as session:
        clue = session.scalars(select(Clue).where(Clue.household_id == household_id)).one()
        clues.move(session, clue.id, ClueState.RESOLVED_ON_SITE, user_id=live.world.users["cadre"], result="已解决")


def test_plain_http_keeps_and_sends_from_an_open_page(live: Live, ids: list[int], new_context: NewContext) -> None:
    page = new_context(PHONE).new_page()
    live.login(page, "worker1", PLAIN_HOST)
    assert page.evaluate("window.isSecureContext") is False
    page.context.set_offline(True)
    log_all_right(page, ids[1])
    live.wait_for(page, "ShouwangOutbox.state === 'offline'")
    assert page.locator("#outbox .notice").count() == 2  # how many wait, and that this page must stay open
    page.context.set_offline(False)
    live.wait_for(page, SENT, 30)
    assert count_visits(live, ids) == {ids[1]: 1}
