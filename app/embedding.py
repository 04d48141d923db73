"""What `shouwang up` does before the processes start: schema, roles, and for the demo its county and campaign."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select

from app.bootstrap import create_core, upgrade_database
from app.domain.enums import CampaignState
from app.domain.quarters import CHINA, Quarter
from app.extensions import clock, db
from app.models import Campaign, GridNode, GridWorker, LoginState
from app.queries.scope import system_access
from app.services import campaigns, demo, pacing, planning, users
from config import Settings

CALLS_PER_SECOND, CONCURRENT_CALLS, MESSAGES_PER_SECOND = 0.1, 20, 0.2  # at 60 times the speed: 6 calls a second


def prepare_installation(settings: Settings, demo_households: int | None) -> list[str]:
    """Upgrade the database; with `demo_households`, load the demo once and start this quarter's check-in.

    Returns the lines that greet the user: the address, one log-in per role, what to look at first.
    """
    upgrade_database(settings)
    application = create_core(settings)
    with application.app_context(), system_access():
        if not demo_households:
            return _greeting(settings, [], None)
        logins = _ensure_demo(demo_households)
        campaign = _ensure_campaign()
        db.session.commit()
        return _greeting(settings, logins, campaign)


def _ensure_demo(households: int) -> list[tuple[str, str, str]]:
    """(role title, username, one-time password) of each demo log-in; those who chose their own keep it."""
    if not demo.is_loaded(db.session):
        loaded = demo.load(db.session, households)
        return [(f"{login.unit} {login.name}", login.username, login.password) for login in loaded.logins]
    rows = db.session.execute(
        select(GridWorker, LoginState).join(LoginState, LoginState.user_id == GridWorker.user_id)
        .where(GridWorker.is_demo.is_(True)).order_by(GridWorker.id)
    )  # fmt: skip
    logins = []
    for worker, state in rows:
        unused = state.must_change_password
        fresh = users.reset_password(db.session, worker.user_id) if unused else "（您已改过 / changed by you）"
        logins.append((f"{worker.title} {worker.name}", worker.user.username, fresh))
    return logins


def _ensure_campaign() -> Campaign:
    """This quarter's campaign of the county: created, planned and launched once; a later start finds it running."""
    quarter = Quarter.of(clock.now().astimezone(CHINA).date())
    county = db.session.scalars(select(GridNode).where(GridNode.depth == 1).order_by(GridNode.id)).first()
    if county is None:
        raise RuntimeError("the demo has no county")
    query = select(Campaign).where(Campaign.quarter == str(quarter), Campaign.node_id == county.id)
    found: Campaign | None = db.session.scalar(query)
    if found is not None:
        return found
    pacing.set_limits(db.session, "simulator", calls_per_second=CALLS_PER_SECOND, concurrent_calls=CONCURRENT_CALLS,
                      messages_per_second=MESSAGES_PER_SECOND)  # fmt: skip
    campaign = campaigns.create_campaign(db.session, quarter, county, is_demo=True)
    planning.plan(db.session, campaign)
    campaigns.launch(db.session, campaign)
    return campaign


def _greeting(settings: Settings, logins: list[tuple[str, str, str]], campaign: Campaign | None) -> list[str]:
    lines = ["", f"守望已启动 / Shouwang is running:  {settings.public_base_url}", ""]
    if logins:
        lines += ["登录账号（一次性密码，首次登录须改） / log-ins (one-time passwords):"]
        lines += [f"  {_padded(who, 34)} {name:<14} {password}" for who, name, password in logins]
        lines.append("")
    if campaign is not None and campaign.state is CampaignState.RUNNING:
        lines += ["先看什么 / look first at:",
                  "  网格员登录（手机宽度）→ 我的任务：没联系上的农户    grid worker: who was missed",
                  "  乡镇账号 → 应答率；县级账号 → 活动监控    township: response rates; county: live monitor",
                  ""]  # fmt: skip
    lines.append("演练中：号码均为虚构，不会真的拨打。Ctrl-C 停止 / Ctrl-C stops everything."
                 if settings.demo else "Ctrl-C 停止 / Ctrl-C stops everything.")  # fmt: skip
    return lines


def _padded(text: str, width: int) -> str:
    """Left-aligned in a terminal, where a Chinese character takes two columns."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * max(1, width - taken)
