"""A campaign's calling hours and retry numbers, changed on their page while nothing is dialled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.domain.enums import CampaignState
from app.extensions import db
from app.models import AuditEntry, Campaign
from app.queries.scope import system_access
from app.services.policies import default_policy, merged, policy_of
from app.views.pages_campaigns_policy_form import policy_form
from tests.factories.cast import Browser, World
from tests.web.test_campaign_pages import make_one
from tests.web.test_reach_pages import text_of


@pytest.fixture
def county(client_as: Callable[[str], Browser]) -> Browser:
    return client_as("county")


@pytest.fixture
def rules(county: Browser, world: World) -> str:
    """The address of a planned campaign's rules."""
    return make_one(county, world.nodes["990001"]).replace("/plan", "/rules")


def filled(app: Flask, **changes: str) -> dict[str, str]:
    """What the browser would send of the shipped rules, with `changes`; an unticked box sends nothing."""
    with app.test_request_context():
        form = policy_form(default_policy())
        data = {field.name: field._value() for field in form if field.type not in ("BooleanField", "CSRFTokenField")}
        data |= {field.name: "y" for field in form if field.type == "BooleanField" and field.data}
    return {name: str(value) for name, value in {**data, **changes}.items() if value != ""} | changes


def policy(app: Flask) -> Any:
    with app.app_context(), system_access():
        found = policy_of(db.session.scalars(select(Campaign).order_by(Campaign.id.desc())).first())
        db.session.remove()
    return found


def test_what_is_saved_is_what_the_campaign_does(web_app: Flask, county: Browser, rules: str) -> None:
    data = filled(web_app, workday="09:30-11:30，15：00~20:00", blocked="2026-12-31", max_attempts="4", max_total="12",
                  sms_fallback_after="", delay_minutes__busy="90", max_tries__busy="5")  # fmt: skip
    data.pop("fallback")
    assert county.post(rules, data).status_code == 302
    kept = policy(web_app)
    told = kept.windows.to_json()
    assert (told["workday"], told["blocked"]) == ([["09:30", "11:30"], ["15:00", "20:00"]], ["2026-12-31"])
    assert (kept.retry.max_attempts, kept.retry.sms_fallback_after, kept.fallback) == (4, None, False)
    busy = next(rule for outcome, rule in kept.retry.rules.items() if outcome.value == "busy")
    assert (busy.delay_minutes, busy.max_tries) == (90, 5)


def test_the_trail_tells_who_changed_the_rules(web_app: Flask, county: Browser, rules: str, world: World) -> None:
    county.post(rules, filled(web_app, ring_timeout_s="60"))
    with web_app.app_context(), system_access():
        query = select(AuditEntry).where(AuditEntry.entity == "campaign", AuditEntry.action == "update")
        entry = next(one for one in db.session.scalars(query) if "policy" in one.changes)
        before, after = entry.changes["policy"]
        user_id = entry.user_id
        db.session.remove()
    assert user_id is not None
    assert "45" in str(before)
    assert "60" in str(after)


@pytest.mark.parametrize(("field", "entered", "complaint"), [
    ("workday", "9 Uhr", "no span of hours"),
    ("workday", "12:00-09:00", "no span of hours"),
    ("workday", "09:00-12:00, 11:00-13:00", "overlap"),
    ("rest_day", "25:00-26:00", "no span of hours"),
    ("blocked", "31.12.2026", "is no day"),
    ("max_attempts", "0", "from 1 to 10"),
    ("max_attempts", "many", "integer"),
    ("min_days", "9", "Not more than"),
    ("max_total", "1", "Not fewer than"),
    ("ring_timeout_s", "5", "from 15 to 120"),
    ("max_tries__no_answer", "99", "from 1 to 20"),
    ("notice_hours", "", "from 1 to 96"),
])  # fmt: skip
def test_a_wrong_entry_is_named_and_nothing_is_lost(
    web_app: Flask, county: Browser, rules: str, field: str, entered: str, complaint: str
) -> None:
    county.get("/lang/en")
    answer = county.post(rules, filled(web_app, **{field: entered}, clue_after_rounds="3"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert complaint in page
    assert f'value="{entered}"' in page
    assert 'value="3"' in page
    assert policy(web_app).to_json() == merged({"fallback": True, "notice": False}).to_json()


def test_a_running_campaign_keeps_its_rules(web_app: Flask, county: Browser, rules: str) -> None:
    base = rules.removesuffix("/rules")
    county.post(f"{base}/launch")
    assert county.get(rules).status_code == 302
    assert county.post(rules, filled(web_app, ring_timeout_s="60")).status_code == 302
    assert policy(web_app).ring_timeout_s == 45
    assert "/rules" not in text_of(county, base)
    county.post(f"{base}/pause")
    assert f'href="{rules}"' in text_of(county, base)


@pytest.mark.parametrize("who", ["worker1", "auditor", "town_a"])
def test_who_does_not_serve_the_area_changes_nothing(
    web_app: Flask, client_as: Callable[[str], Browser], rules: str, who: str
) -> None:
    """A township reads the county's campaign; the others have no such page."""
    assert client_as(who).post(rules, filled(web_app, ring_timeout_s="60")).status_code in (403, 404)
    assert policy(web_app).ring_timeout_s == 45


def test_the_page_speaks_chinese(county: Browser, rules: str) -> None:
    county.get("/lang/zh_Hans")
    page = text_of(county, rules)
    assert "呼叫时段和规则" in page
    assert "What is changed" not in page


def test_a_notice_switched_on_begins_with_the_text(web_app: Flask, county: Browser, rules: str) -> None:
    from app.models import Contact

    county.post(rules, filled(web_app, notice="y"))
    with web_app.app_context(), system_access():
        kinds = set(db.session.scalars(select(Contact.next_kind).where(Contact.next_kind.is_not(None))))
        state = db.session.scalars(select(Campaign.state).where(Campaign.id == int(rules.split("/")[2]))).one()
        db.session.remove()
    assert kinds <= {"notice"}
    assert state is CampaignState.PLANNED
