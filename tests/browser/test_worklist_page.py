"""UX checks 1, 2, 3, 13, 16, 17 on the worker's phone page."""

from __future__ import annotations

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select

from app.domain.enums import WorkTaskKind, WorkTaskState
from app.models import AuditEntry, Clue, Visit, WorkTask
from tests.browser.conftest import DESK, PHONE, Live, NewContext
from tests.browser.worklist_world import OWN_GROUP, furnish

VISIBLE_CARDS = "[data-card]:not([hidden])"
SENT = "ShouwangOutbox.list().length === 0"


@pytest.fixture
def ids(live: Live) -> list[int]:
    return furnish(live)


@pytest.fixture
def work(live: Live, ids: list[int], phone: Page) -> Page:
    """The task list of worker1, signed in, with nothing waiting."""
    live.login(phone, "worker1")
    assert phone.url.endswith("/work/")
    return phone


def log_all_right(page: Page, household_id: int) -> int:
    """Log a reached household where all is well; how many taps it took."""
    taps = [
        f'[data-card="{household_id}"] [data-log=visit]',
        "#log-sheet [data-outcome=reached]",
        "#log-sheet [data-all-right]",
    ]
    for selector in taps:
        page.tap(selector)
    return len(taps)


def visits_of(live: Live, household_ids: list[int]) -> list[tuple[int, str]]:
    with live.database() as session:
        rows = session.execute(select(Visit.household_id, Visit.channel).where(Visit.household_id.in_(household_ids)))
        return [(row[0], str(row[1])) for row in rows]


def test_a_visit_takes_at_most_four_taps_and_leaves_the_list(live: Live, ids: list[int], work: Page) -> None:
    before = int(work.inner_text('[data-filter=""] b'))
    shown = work.locator(VISIBLE_CARDS).count()
    assert log_all_right(work, ids[2]) <= 4
    live.wait_for(work, SENT)
    assert work.locator(VISIBLE_CARDS).count() == shown - 1
    assert int(work.inner_text('[data-filter=""] b')) == before - 1
    assert visits_of(live, [ids[2]]) == [(ids[2], "phone")]


def test_the_next_card_gets_the_focus(live: Live, ids: list[int], work: Page) -> None:
    order = [int(card.get_attribute("data-card") or 0) for card in work.locator("[data-card]").all()]
    log_all_right(work, order[0])
    assert work.evaluate("document.activeElement.dataset.card") == str(order[1])


def test_the_most_urgent_household_is_the_first_card(live: Live, ids: list[int], work: Page) -> None:
    with live.database() as session:
        own = select(WorkTask.household_id).where(
            WorkTask.state == WorkTaskState.OPEN, WorkTask.l4_id == live.world.nodes[OWN_GROUP]
        )
        expected = list(dict.fromkeys(session.scalars(own.order_by(WorkTask.rank, WorkTask.id))))
    assert [int(card.get_attribute("data-card") or 0) for card in work.locator("[data-card]").all()] == expected


def test_a_card_says_who_where_why_and_how_long(live: Live, ids: list[int], work: Page) -> None:
    card = work.locator(f'[data-card="{ids[0]}"]')
    text = card.inner_text()
    assert "郑长贵" in text
    assert "测试11村" in text
    assert "38" in card.locator("[data-kind=missed_contact] .reason").inner_text()
    assert card.locator("[data-kind=missed_contact] .reason").inner_text().strip()


def test_a_call_is_one_tap_and_the_number_is_masked_in_text(live: Live, ids: list[int], work: Page) -> None:
    link = work.locator(f'[data-card="{ids[0]}"] [data-dial]').first
    assert link.get_attribute("href") == "tel:+8610000000500"
    assert "10000000500" not in link.inner_text()


def test_two_tasks_share_a_card_and_closing_one_leaves_the_other(live: Live, ids: list[int], work: Page) -> None:
    log_all_right(work, ids[0])
    live.wait_for(work, SENT)
    card = work.locator(f'[data-card="{ids[0]}"]')
    assert card.is_visible()
    assert card.locator("[data-task]:visible").evaluate_all("rows => rows.map((row) => row.dataset.kind)") == [
        "clue_followup"
    ]
    with live.database() as session:
        query = select(WorkTask.kind).where(WorkTask.household_id == ids[0], WorkTask.state == WorkTaskState.OPEN)
        assert list(session.scalars(query)) == [WorkTaskKind.CLUE_FOLLOWUP]


def test_a_clue_is_settled_with_what_was_found(live: Live, ids: list[int], work: Page) -> None:
    work.tap(f'[data-card="{ids[0]}"] [data-clue]')
    work.tap('#clue-sheet input[value="unfounded"]')
    work.tap("#clue-sheet button[type=submit]")
    assert work.locator("#clue-sheet [data-error]").is_visible()
    work.fill("#clue-result", "已经找到新工作")
    work.tap("#clue-sheet button[type=submit]")
    live.wait_for(work, SENT)
    with live.database() as session:
        assert [clue.state.value for clue in session.scalars(select(Clue).where(Clue.household_id == ids[0]))] == [
            "unfounded"
        ]


def test_a_risk_answer_raises_a_clue(live: Live, ids: list[int], work: Page) -> None:
    work.tap(f'[data-card="{ids[1]}"] [data-log=visit]')
    work.tap("#log-sheet [data-outcome=reached]")
    work.tap("#log-sheet [data-open-questions]")
    work.locator('#log-sheet input[name="work"][value="none"]').check(force=True)
    work.tap("#log-sheet [data-save-answers]")
    live.wait_for(work, SENT)
    with live.database() as session:
        kinds = session.scalars(select(Clue.kind).where(Clue.household_id == ids[1]))
        assert [kind.value for kind in kinds] == ["employment_lost"]


def test_no_answer_keeps_the_card_and_says_that_it_was_tried(live: Live, ids: list[int], work: Page) -> None:
    work.tap(f'[data-card="{ids[1]}"] [data-log=visit]')
    work.tap("#log-sheet [data-outcome=no_answer]")
    work.tap("#log-sheet [data-step=unreached] button[type=submit]")
    live.wait_for(work, SENT)
    assert work.locator(f'[data-card="{ids[1]}"] [data-tried]').is_visible()
    work.reload()
    assert work.locator(f'[data-card="{ids[1]}"] [data-tried]').is_visible()


def test_chips_filter_without_a_reload(live: Live, ids: list[int], work: Page) -> None:
    work.tap('[data-filter="clue_followup"]')
    assert work.locator(f'[data-card="{ids[0]}"]').is_visible()
    assert work.locator(f'[data-card="{ids[1]}"]').is_hidden()


def test_a_neighbours_household_is_not_on_the_list(live: Live, ids: list[int], work: Page) -> None:
    assert work.locator(f'[data-card="{ids[-1]}"]').count() == 0


def test_shown_numbers_leave_one_line_an_hour(live: Live, ids: list[int], work: Page) -> None:
    work.reload()
    with live.database() as session:
        shown = select(AuditEntry).where(AuditEntry.action == "numbers_shown")
        assert len(session.scalars(shown).all()) == 1


@pytest.mark.parametrize("form", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_serious_stands_in_anybodys_way(
    live: Live, ids: list[int], new_context: NewContext, form: dict
) -> None:
    page = new_context(form).new_page()
    live.login(page, "worker1")
    found = {"list": serious(page)}
    page.locator("[data-log=visit]").first.click()
    found["outcomes"] = serious(page)
    page.locator("[data-outcome=reached]").click()
    page.locator("[data-open-questions]").click()
    found["questions"] = serious(page)
    page.keyboard.press("Escape")
    page.locator("[data-clue]").first.click()
    found["clue"] = serious(page)
    for path in (f"/household/{ids[0]}", "/search/?q=郑", "/search/"):
        page.goto(live.address(path))
        found[path] = serious(page)
    page.goto(live.address(f"/household/{ids[0]}"))
    page.locator("[data-reveal-ask]").first.click()
    found["reveal"] = serious(page)
    assert found == {place: [] for place in found}


def serious(page: Page) -> list[str]:
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]}"
        for one in result["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_targets_are_large_and_nothing_scrolls_sideways_at_320(
    live: Live, ids: list[int], new_context: NewContext
) -> None:
    page = new_context({**PHONE, "viewport": {"width": 320, "height": 640}}).new_page()
    live.login(page, "worker1")
    for path in ("/work/", f"/household/{ids[0]}", "/search/?q=郑"):
        page.goto(live.address(path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert small_targets(page, 44) == [], path


def test_large_text_gives_large_targets(live: Live, ids: list[int], work: Page) -> None:
    work.context.add_cookies([{"name": "large_text", "value": "1", "url": live.url}])
    work.reload()
    assert float(work.evaluate("getComputedStyle(document.querySelector('.reason')).fontSize").removesuffix("px")) >= 18
    assert small_targets(work, 60, "[data-cards] .btn") == []
    assert work.evaluate("document.documentElement.scrollWidth") <= 390


def small_targets(
    page: Page, least: int, selector: str = "main a, main button, main summary, main .segment"
) -> list[str]:
    """Visible controls lower or narrower than `least` CSS pixels."""
    return page.evaluate(
        """([selector, least]) => Array.from(document.querySelectorAll(selector)).filter((node) => {
          const box = node.getBoundingClientRect();
          return box.width > 0 && node.offsetParent && (box.height < least - 0.5 || box.width < least - 0.5);
        }).map((node) => node.outerHTML.slice(0, 120))""",
        [selector, least],
    )
