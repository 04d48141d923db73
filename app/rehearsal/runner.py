"""Live through a quarter: one thread, a clock that jumps, the real client, the real callbacks, the workers' code."""

from __future__ import annotations

import logging
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

import config
from app.bootstrap import create_core, upgrade_schema
from app.domain.quarters import CHINA, Quarter
from app.extensions import db
from app.models import Campaign, GridNode, Household, Member
from app.queries.campaigns import count_dispositions
from app.queries.scope import system_access
from app.rehearsal import ledger
from app.rehearsal.invariants import Evidence, Finding, check_all
from app.services import campaigns, carriers, demo, pacing, planning, routes, tokens
from app.services.policies import policy_of
from app.simulation import simulator_settings
from app.webhooks import register as register_webhooks
from tasks.steps import run_due_work
from tasks.units import unit
from telephony.clock import ManualClock
from telephony.simulator.core import Simulator
from telephony.simulator.inprocess import InProcessCarrier, SimulatorHttpClient, wsgi_fetch
from telephony.simulator.readings import faults_struck
from telephony.simulator.trace import Trace
from telephony.twilio.client import TwilioCarrier

TWIN_HOUSEHOLDS = 40
SETTLE = timedelta(days=4)  # after the quarter, callbacks delayed by up to 48 h still arrive


@dataclass(frozen=True)
class RehearsalPlan:
    """`faults`: fault name → options, {} for a faultless carrier. `folder` is emptied first."""

    quarter: Quarter
    households: int
    seed: int
    folder: Path
    faults: Mapping[str, Mapping[str, Any]]
    calls_per_second: float = 1.0
    concurrent_calls: int = 20
    database_url: str | None = None


@dataclass
class Outcome:
    """What came of it. `counts`: disposition → contacts; `trace` and `database`: what is left behind."""

    plan: RehearsalPlan
    counts: dict[str, int]
    findings: list[Finding]
    faults: dict[str, int]
    calls: int
    texts: int
    callbacks: int
    trace: Path
    database: str
    virtual_days: float

    @property
    def violations(self) -> int:
        return sum(finding.violations for finding in self.findings)


class DrivenClock(ManualClock):
    """A manual clock under which the carrier lives on while somebody sleeps."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.carrier: InProcessCarrier | None = None

    def sleep(self, seconds: float) -> None:
        if self.carrier is None:
            super().sleep(seconds)
        elif seconds > 0:
            self.carrier.run_for(seconds)


def rehearse(plan: RehearsalPlan, say: Callable[[str], None]) -> Outcome:
    """Run the whole quarter of `plan`, and a small one twice to compare the traces; then check the invariants."""
    shutil.rmtree(plan.folder, ignore_errors=True)
    plan.folder.mkdir(parents=True)
    say("rehearsing the same small quarter twice, to compare the traces …")
    twins = [_twin_trace(plan, number) for number in (1, 2)]
    say(f"rehearsing {plan.quarter} with {plan.households} households …")
    with _live(plan, plan.folder) as world:
        world.run(say)
        return world.outcome(twins)


def _twin_trace(plan: RehearsalPlan, number: int) -> list[str]:
    folder = plan.folder / f"twin-{number}"
    small = RehearsalPlan(plan.quarter, min(plan.households, TWIN_HOUSEHOLDS), plan.seed, folder, plan.faults,
                          plan.calls_per_second, plan.concurrent_calls)  # fmt: skip
    folder.mkdir()
    with _live(small, folder) as world:
        world.run(lambda line: None)
        lines = world.trace_path.read_text(encoding="utf-8").splitlines()
    shutil.rmtree(folder)
    return lines


@dataclass
class World:
    plan: RehearsalPlan
    app: Flask
    clock: DrivenClock
    carrier: InProcessCarrier
    trace: Trace
    trace_path: Path
    log_path: Path
    campaign_id: int

    def run(self, say: Callable[[str], None]) -> None:
        """From event to event until the quarter is over and the last late callback has come."""
        start, ends = self.plan.quarter.bounds_at(CHINA)
        due: datetime | None = self.clock.now()
        told = 0
        while due is not None:
            happens = self.carrier.next_event_at()
            instant = min(due, happens) if happens is not None else due
            if instant >= ends:
                break
            self.carrier.run_until(max(instant, self.clock.now()))
            due = run_due_work(self.clock.now())
            if due is None and (happens := self.carrier.next_event_at()) is not None:
                due = happens
            if (weeks := (self.clock.now() - start).days // 7) > told:
                told = weeks
                say(f"  week {weeks}: {self.clock.now():%Y-%m-%d}")
        self._settle(max(ends, self.clock.now()))

    def _settle(self, ends: datetime) -> None:
        """Close the campaign, let what is under way end, and let the last callbacks arrive."""
        self.carrier.run_until(ends)
        with unit() as session:
            campaigns.close(session, campaigns.get_campaign(session, self.campaign_id))
        until = ends + SETTLE
        while (due := run_due_work(self.clock.now())) is not None and due < until:
            self.carrier.run_until(max(due, self.clock.now() + timedelta(seconds=1)))
        self.carrier.run_until(max(until, self.clock.now()))
        run_due_work(self.clock.now())

    def outcome(self, twins: list[list[str]]) -> Outcome:
        records = list(self.trace.records)
        rows = ledger.read(db.session)
        campaign = db.session.get_one(Campaign, self.campaign_id)
        evidence = Evidence(
            records=records, ledger=rows, policy=policy_of(campaign), cps=self.plan.calls_per_second,
            cap=self.plan.concurrent_calls, log_text=self.log_path.read_text(encoding="utf-8"),
            personal=_personal_words(), twin=twins[0], twin_again=twins[1],
        )  # fmt: skip
        kinds = [record["kind"] for record in records]
        start, _ = self.plan.quarter.bounds_at(CHINA)
        return Outcome(
            plan=self.plan, counts=_dispositions(self.campaign_id), findings=check_all(evidence),
            faults=_faults(records), calls=kinds.count("create"), texts=kinds.count("sms"),
            callbacks=kinds.count("webhook"), trace=self.trace_path,
            database=self.app.config["SQLALCHEMY_DATABASE_URI"],
            virtual_days=(self.clock.now() - start).total_seconds() / 86_400,
        )  # fmt: skip


@contextmanager
def _live(plan: RehearsalPlan, folder: Path) -> Iterator[World]:
    settings = _settings(plan, folder)
    start, _ = plan.quarter.bounds_at(CHINA)
    clock = DrivenClock(start + timedelta(hours=8))
    upgrade_schema(settings)
    application = create_core(settings, clock_source=clock)
    register_webhooks(application)
    trace = Trace(folder / "trace.jsonl")
    with tokens.seeded(plan.seed), _log_to(folder / "rehearsal.log"), application.app_context(), system_access():
        simulator = Simulator(
            simulator_settings(settings, seed=plan.seed, calls_per_second=plan.calls_per_second, faults=plan.faults),
            clock, trace,
        )  # fmt: skip
        carrier = InProcessCarrier(simulator, wsgi_fetch(_outside_context(application)), clock)
        clock.carrier = carrier
        carriers.register(_client(settings, carrier))
        campaign_id = _launch(plan)
        try:
            yield World(plan, application, clock, carrier, trace, folder / "trace.jsonl", folder / "rehearsal.log",
                        campaign_id)  # fmt: skip
        finally:
            db.session.remove()
            db.engine.dispose()
            trace.close()


def _settings(plan: RehearsalPlan, folder: Path) -> config.Settings:
    """Settings of a world of its own: nothing of the real installation is read or touched."""
    chance = random.Random(plan.seed)  # noqa: S311 (a rehearsal must repeat itself)
    return config.load({
        "SHOUWANG_HOME": str(folder),
        "DATABASE_URL": plan.database_url or f"sqlite:///{folder / 'rehearsal.db'}",
        "CELERY_BROKER_URL": "memory://", "REDIS_URL": "memory://",
        "SECRET_KEY": chance.randbytes(32).hex(), "FIELD_KEY": "cmVoZWFyc2FsLXJlaGVhcnNhbC1yZWhlYXJzYWwtMTI=",
        "PUBLIC_BASE_URL": "http://rehearsal.invalid",
        "TWILIO_ACCOUNT_SID": "AC" + chance.randbytes(16).hex(), "TWILIO_AUTH_TOKEN": chance.randbytes(16).hex(),
        "TWILIO_FROM": "+8610000000000", "TWILIO_API_BASE": "http://simulator.invalid",
    })  # fmt: skip


def _client(settings: config.Settings, carrier: InProcessCarrier) -> TwilioCarrier:
    return TwilioCarrier(
        account_sid=settings.twilio_account_sid, auth_token=settings.twilio_auth_token, from_=settings.twilio_from,
        api_base=settings.twilio_api_base, http_client=SimulatorHttpClient(carrier), name=settings.carrier,
    )  # fmt: skip


def _launch(plan: RehearsalPlan) -> int:
    demo.load(db.session, plan.households, seed=plan.seed, logins=False)
    county = db.session.scalars(select(GridNode).where(GridNode.depth == 1)).one()
    routes.ensure_defaults(db.session, "simulator")
    pacing.set_limits(db.session, "simulator", calls_per_second=plan.calls_per_second,
                      concurrent_calls=plan.concurrent_calls)  # fmt: skip
    campaign = campaigns.create_campaign(db.session, plan.quarter, county, is_demo=True)
    planning.plan(db.session, campaign)
    campaigns.launch(db.session, campaign)
    campaign_id = campaign.id
    db.session.commit()
    return campaign_id


def _outside_context(application: Flask) -> Callable[..., Any]:
    """Callbacks arrive in an application context of their own, as they do from a socket."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        with application.app_context():
            return application(environ, start_response)

    return serve


@contextmanager
def _log_to(path: Path) -> Iterator[None]:
    """Everything that is logged, at the most talkative level, into one file: I12 reads it."""
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    rooms = [logging.getLogger(name) for name in ("shouwang", "app", "tasks", "telephony", "twilio", "werkzeug")]
    before = [(room.level, room.propagate) for room in rooms]
    for room in rooms:
        room.addHandler(handler)
        room.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        for room, (level, propagate) in zip(rooms, before, strict=True):
            room.removeHandler(handler)
            room.setLevel(level)
            room.propagate = propagate
        handler.close()


def _dispositions(campaign_id: int) -> dict[str, int]:
    return {str(key): count for key, count in count_dispositions(db.session, campaign_id).items()}


def _faults(records: list[dict[str, Any]]) -> dict[str, int]:
    return dict(sorted(faults_struck(records).items()))


def _personal_words() -> frozenset[str]:
    """Names of people in the register, long enough not to be found by accident."""
    names = {*db.session.scalars(select(Household.head_name)), *db.session.scalars(select(Member.name))}
    return frozenset(name for name in names if len(name) >= 3)
