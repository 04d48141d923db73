"""UX check 18: an engine that knows nothing of the last years' CSS still shows the controls, and a visit is logged."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route

from tests.browser.conftest import Live
from tests.browser.test_worklist_page import SENT, log_all_right, visits_of
from tests.browser.worklist_world import furnish

# Declarations and rules that Chrome 80 throws away (inset: 87, :has(): 105, color-mix(), oklch(), light-dark(): 111+).
YOUNG_DECLARATION = re.compile(
    r"[\w-]+\s*:\s*[^;{}]*\b(?:color-mix|oklch|light-dark)\([^;{}]*;?|(?<![\w-])inset\s*:[^;{}]*;?"
)
YOUNG_RULE = re.compile(r"[^{}]*:(?:has|is|where)\([^{}]*\{[^{}]*\}")
SHOWN = """(selector) => [...document.querySelectorAll(selector)].every((node) => {
  const box = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  return box.width > 20 && box.height > 20 && style.visibility === "visible" && style.borderTopStyle === "solid";
})"""


def as_an_old_engine_reads_it(style: str) -> str:
    return YOUNG_RULE.sub("", YOUNG_DECLARATION.sub("", style))


def forget_young_css(route: Route) -> None:
    answer = route.fetch()
    packed = ("content-encoding", "content-length")
    headers = {name: value for name, value in answer.headers.items() if name not in packed}
    route.fulfill(status=answer.status, headers=headers, body=as_an_old_engine_reads_it(answer.text()))


def test_what_an_old_engine_leaves_out() -> None:
    assert as_an_old_engine_reads_it("a{inset:0;color:red}b:has(i){top:0}p{color:oklch(1 0 0);top:1px}") == (
        "a{color:red}p{top:1px}"
    )


def test_the_controls_are_there_and_a_visit_is_logged(live: Live, phone: Page) -> None:
    ids = furnish(live)
    phone.route("**/*.css*", forget_young_css)
    phone.goto(live.address("/login/"))
    assert phone.evaluate(SHOWN, "#username, #password, main .btn-primary")
    live.login(phone, "worker1")
    assert phone.evaluate(SHOWN, f'[data-card="{ids[0]}"] .task-actions .btn')
    assert log_all_right(phone, ids[2]) <= 4
    live.wait_for(phone, SENT)
    assert visits_of(live, [ids[2]]) == [(ids[2], "phone")]
