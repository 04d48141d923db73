"""How much of a carrier's rate is used while calls are due.

    python -m tests.bench.dispatch [--cps 30] [--seconds 20] [--only sqlite | postgresql] [--workers 1 | 2]

One worker process, then two that share the work, on SQLite and on PostgreSQL. The baseline is the rate itself: 100 % of
the carrier's slots. The carrier answers in each worker after 150 ms; the clock is the wall's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import String, create_engine, text

from app.domain.quarters import Quarter
from app.models import Campaign, GridNode, Household
from tests import servers
from tests.factories.fake_carrier import FakeCarrier

LATENCY_S = 0.15
ANY_TIME = {"windows": {"workday": [["00:00", "23:59"]], "rest_day": [["00:00", "23:59"]], "holiday_calls": True,
                        "festivals_blocked": False}, "window_margin_s": 30}  # fmt: skip


@contextmanager
def installation(url: str | None) -> Iterator[Any]:
    """A migrated, empty installation with one county, and its session."""
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import system_access
    from app.services import carriers, schema
    from telephony.clock import SystemClock
    from tests.conftest import make_settings
    from tests.factories.campaigning import make_routes
    from tests.factories.world import make_tree

    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite:///{folder}/bench.db"
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        schema.upgrade(engine)
        engine.dispose()
        app = create_core(make_settings(url, Path(folder)), clock_source=SystemClock())
        with app.app_context(), system_access():
            carriers.register(FakeCarrier(latency=lambda: time.sleep(LATENCY_S)))
            make_tree(db.session)
            make_routes(db.session, "voice")
            db.session.commit()
            yield db.session
            db.session.remove()
            db.engine.dispose()


def fill(session: Any, households: int) -> None:
    """`households` absent ones with one number each, by set-based SQL."""
    from app.models.types import cipher

    group = session.query(GridNode).filter_by(depth=4).first()
    series = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n)"
    area = "node_id, l1_id, l2_id, l3_id, l4_id"
    now, number = datetime.now(UTC).replace(tzinfo=None), cipher.encrypt("+8610000000001")
    values = {"n": households, "node": group.id, "l1": group.l1_id, "l2": group.l2_id, "l3": group.l3_id,
              "l4": group.l4_id, "now": now, "e": number}  # fmt: skip
    own = ":node, :l1, :l2, :l3, :l4"
    said = {"id", "code", "head_name", "language", "category", "is_demo", "created_at", "updated_at", "node_id"}
    silent = {column.name: "''" if isinstance(column.type, String) else "false"
              for column in Household.__table__.columns if not column.nullable and column.name not in said}  # fmt: skip
    for statement in (
        f"INSERT INTO household (id, code, head_name, language, category, is_demo, created_at, updated_at, {area},"
        f" {', '.join(silent)}) {series} SELECT i, 'B' || i, '测', 'cmn-CN', 'general', true, :now, :now, {own},"
        f" {', '.join(silent.values())} FROM n",
        f"INSERT INTO phone (household_id, e164, e164_hash, tail, zone, owner, owner_name, priority, state, is_demo,"
        f" {area}) {series} SELECT i, :e, 'h' || i, '0001', 'Asia/Shanghai', 'head', '', 1, 'active', true, {own}"
        " FROM n",
        f"INSERT INTO absence (household_id, whole_household, since_on, place, note, is_demo, {area})"
        f" {series} SELECT i, true, '2026-01-01', '', '', true, {own} FROM n",
    ):
        session.connection().execute(text(statement), values)
    session.commit()
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("ANALYZE"))
        session.commit()


def make_campaign(session: Any) -> Campaign:
    from app.domain.quarters import CHINA
    from app.services import campaigns

    county = session.query(GridNode).filter_by(depth=1).one()
    quarter = Quarter.of(datetime.now(UTC).astimezone(CHINA).date())
    campaign = campaigns.create_campaign(session, quarter, county, policy=ANY_TIME)
    session.commit()
    return campaign


def bench_dispatch(session: Any, cps: float, seconds: float, workers: int) -> list[datetime]:
    """When each call was placed, by whichever worker."""
    from app.services import campaigns, pacing, planning

    fill(session, int(cps * seconds * 1.2))
    campaign = make_campaign(session)
    planning.plan(session, campaign)
    pacing.set_limits(session, "simulator", calls_per_second=cps, concurrent_calls=1_000_000)
    session.commit()
    processes = multiprocessing.get_context("spawn")
    placed, ready, go = processes.Queue(), processes.Barrier(workers + 1), processes.Event()
    url = session.get_bind().url.render_as_string(hide_password=False)
    crew = [processes.Process(target=work, args=(url, seconds + 3, placed, ready, go)) for _ in range(workers)]
    for one in crew:
        one.start()
    ready.wait(timeout=120)
    campaigns.launch(session, campaigns.get_campaign(session, campaign.id))
    session.commit()
    go.set()
    times = [at for _ in crew for at in placed.get(timeout=seconds + 120)]
    for one in crew:
        one.join(timeout=60)
    return sorted(times)


def work(url: str, seconds: float, placed: Any, ready: Any, go: Any) -> None:
    """A worker process: dispatch for `seconds`, then put the instants of its calls."""
    from app.bootstrap import create_core, settle
    from app.services import carriers
    from tasks.dispatcher import dispatch, stopping
    from tasks.units import worker_context
    from telephony.clock import SystemClock
    from tests.conftest import make_settings

    carrier = FakeCarrier(latency=lambda: time.sleep(LATENCY_S), series=os.getpid())
    with tempfile.TemporaryDirectory() as folder:
        app = create_core(make_settings(url, Path(folder)), clock_source=SystemClock())
        carriers.register(carrier)
        settle()
        ready.wait(timeout=120)
        go.wait(timeout=120)
        threading.Timer(seconds, stopping.set).start()
        with worker_context(app):
            while not stopping.is_set():
                dispatch()
    placed.put([at for at, _ in carrier.placed])


def report(name: str, workers: int, times: list[datetime], cps: float, seconds: float) -> None:
    start = times[0] + timedelta(seconds=1)  # a cold start is not the rate
    inside = [at for at in times if start <= at < start + timedelta(seconds=seconds - 2)]
    used = len(inside) / (cps * (seconds - 2))
    busiest = max(sum(at <= other < at + timedelta(seconds=1) for other in times[i : i + int(cps * 3)])
                  for i, at in enumerate(times))  # fmt: skip
    print(f"{name:<10} {workers} worker(s), {cps:g} calls/s: {used:.1%} of the slots used over {seconds - 2:g} s;"
          f" busiest second {busiest} calls", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cps", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--workers", type=int, choices=(1, 2))
    chosen = parser.parse_args()
    for name in ("sqlite", "postgresql"):
        for workers in (1, 2):
            if chosen.only not in (None, name) or chosen.workers not in (None, workers):
                continue
            with ExitStack() as stack:
                url = stack.enter_context(servers.postgres()) if name == "postgresql" else None
                session = stack.enter_context(installation(url))
                times = bench_dispatch(session, chosen.cps, chosen.seconds, workers)
            report(name, workers, times, chosen.cps, chosen.seconds)


if __name__ == "__main__":
    main()
