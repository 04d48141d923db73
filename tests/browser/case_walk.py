"""Cases walked through in a browser: who is at work, and what a person does at one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from playwright.sync_api import BrowserContext, Page
from sqlalchemy import update

from app.domain.casework import ways
from app.domain.casework.flow import RETURN
from app.domain.enums import ClueKind, ClueSource
from app.domain.policy import Step, Workflow
from app.domain.policy.kinds import LevelKind, ProfileStatus
from app.domain.quarters import CHINA
from app.models import Case, GridNode, HelpPlan, PolicyProfile
from app.services.casework import files
from app.services.clues.raising import raise_clue
from app.services.policy.loading import load_shipped
from tests.browser.conftest import Live
from tests.factories.world import make_household

OWN_GROUP = "990001101201001"
SEATS = {LevelKind.GROUP: "worker1", LevelKind.TOWNSHIP: "town_a", LevelKind.COUNTY: "county"}
VILLAGE = ("cadre", "officer")  # whoever brought the case in does not decide on it a second time
DECIDE = 'form[action$="/decide"]'


@dataclass(frozen=True)
class Now:
    """Where a case stands. `away`: the code that sends it back from here, "" where the template has none."""

    step: Step | None
    outcome: str
    entries: int
    person: str
    away: str
    target: str


class Office:
    """The people of one county, each in a browser of their own that stays signed in."""

    def __init__(self, live: Live, contexts: Callable[[str], BrowserContext]) -> None:
        self.live, self._contexts = live, contexts
        self._last = ""

    def page(self, name: str, path: str) -> Page:
        """`path` as `name` sees it; not fetched again by the one who has just been led there."""
        context = self._contexts(name)
        page = context.pages[0] if context.pages else context.new_page()
        if not context.cookies():
            self.live.login(page, name)
        if self._last != name or page.url != self.live.address(path):
            page.goto(self.live.address(path), wait_until="domcontentloaded")
        self._last = name
        assert "/login" not in page.url, (name, path)
        return page

    def send(self, page: Page, form: str = ".form-foot", twice: bool = False) -> None:
        """Press the button of the form."""
        button = page.locator(f"{form} button[class*=btn-]:not(.btn-close)").first
        with page.expect_navigation(wait_until="domcontentloaded"):
            button.dblclick() if twice else button.click()

    @property
    def today(self) -> str:
        return self.live.clock.now().astimezone(CHINA).date().isoformat()


def put_in_force(live: Live, profile: str) -> None:
    """The shipped profile holds in the whole county from now on."""
    with live.database() as session:
        load_shipped(session)
        values = {"place_code": "990001", "status": ProfileStatus.IN_FORCE, "valid_to": None}
        session.execute(update(PolicyProfile).where(PolicyProfile.code == profile).values(**values))


def bring_clue(live: Live, name: str) -> tuple[int, int]:
    """A household of the worker's group and a clue the worker raised about it: their ids."""
    with live.database() as session:
        node = session.get(GridNode, live.world.nodes[OWN_GROUP])
        household = make_household(session, node, name=name, absent=False)
        clue = raise_clue(session, household, ClueKind.INCOME_DROP, ClueSource.WORKER, detail="务工停了，收入骤减",
                          user_id=live.world.users["worker1"])  # fmt: skip
        return household.id, clue.id


def now(live: Live, case_id: int) -> Now:
    with live.database() as session:
        case = session.get(Case, case_id)
        if not case.step:
            return Now(None, case.outcome, case.entries, "", "", "")
        flow = files.flow_of(case)
        step = flow.step(case.step)
        back = [w for w in ways(flow, step.code, files.travelled(case)) if w.needs_reason and not w.ends]
        way = next((w for w in back if w.code == RETURN), back[0] if back else None)
        return Now(step, "", case.entries, _person(live, case, step), way.code if way else "",
                   way.target if way else "")  # fmt: skip


def _person(live: Live, case: Case, step: Step) -> str:
    if step.actor is not LevelKind.VILLAGE:
        return SEATS[step.actor]
    brought_it = case.submitted_by_id == live.world.users[VILLAGE[0]] and len(case.history) > 1
    return VILLAGE[1] if step.forbid_submitter and brought_it else VILLAGE[0]


def case_of(live: Live, household_id: int) -> int:
    """The newest case of a household."""
    with live.database() as session:
        return int(session.query(Case.id).filter_by(household_id=household_id).order_by(Case.id.desc()).first()[0])


def open_case(office: Office, path: str, household_id: int, kind: str = "recognition") -> int:
    page = office.page("cadre", path)
    page.locator(f'input[name=kind][value="{kind}"]').check()
    page.fill("[name=reason]", "入户核实，收入明显减少")
    office.send(page)
    return case_of(office.live, household_id)


def decide(office: Office, case_id: int, at: Now, decision: str = "pass", reason: str = "", twice: bool = False) -> str:
    """What the page says afterwards. A notice the step needs hangs its days first, a meeting is written down."""
    if at.step is not None and at.step.needs_publicity_days and decision == "pass":
        _hang_notice(office, case_id, at)
    page = office.page(at.person, f"/case/{case_id}")
    form = page.locator(DECIDE)
    if form.locator("[name=held_on]").count() and decision == "pass":
        said = {"held_on": office.today, "present": "12", "in_favour": "11", "against": "0", "abstained": "1",
                "minutes": "一致同意"}  # fmt: skip
        for name, value in said.items():
            form.locator(f"[name={name}]").fill(value)
    if form.locator("[name=category]").count() and decision == "pass":
        form.locator("[name=category]").select_option("marginal")
        form.locator("[name=risks]").first.check()
    form.locator(f'[name=decision][value="{decision}"]').check()
    if reason:
        form.locator("[name=reason]").fill(reason)
    office.send(page, DECIDE, twice)
    return page.inner_text("main")


def _hang_notice(office: Office, case_id: int, at: Now) -> None:
    page = office.page(at.person, f"/case/{case_id}")
    page.locator('form[action$="/notice"] [name=place]').fill("村公示栏")
    office.send(page, 'form[action$="/notice"]')
    assert at.step is not None
    office.live.clock.advance(timedelta(days=at.step.needs_publicity_days).total_seconds())


def make_plan(office: Office, household_id: int) -> None:
    """A plan for the risk on record with its first measure, checked by whoever has to, and the measure begun."""
    page = office.page("cadre", f"/plan/household/{household_id}")
    assert page.locator("[name=templates]:checked").count() >= 1, "the risk of the case is not ticked"
    office.send(page)
    page.locator('main a[href*="/item"]').first.click()
    page.locator("[name=class_code]").select_option(index=1)
    page.fill("[name=what]", "对接帮扶车间就业")
    page.fill("[name=due_on]", office.today)
    office.send(page)
    office.send(page, 'form[action$="/submit"]')
    _check_plan(office, household_id)
    page = office.page("cadre", f"/plan/household/{household_id}")
    page.locator('a[href$="/begin"]').first.click()
    office.send(page)


def _check_plan(office: Office, household_id: int) -> None:
    """Level by level, as long as it is somebody's turn."""
    while turn := _plan(office.live, household_id).turn:
        page = office.page(SEATS[LevelKind(turn)], f"/plan/household/{household_id}")
        page.locator('main a[href*="/check"]').first.click()
        page.locator("[name=passed][value=yes]").check()
        office.send(page)


def _plan(live: Live, household_id: int) -> Any:
    with live.database() as session:
        plan = session.query(HelpPlan).filter_by(household_id=household_id).one()
        session.expunge(plan)
        return plan


def shortest(flow: Workflow) -> list[str]:
    """Codes of the steps a case passes that nothing stops."""
    found, code = [], flow.steps[0].code
    while code not in flow.outcomes:
        found.append(code)
        code = flow.step(code).next_on_pass
    return found
