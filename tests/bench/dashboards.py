"""How fast the dashboards, the inbox and the list of ledgers are on a county's data, and what each block of them takes.

    python -m tests.bench.dashboards [--households 300000] [--sqlite] [--repeat 20] [--url URL]

The county is that of tests/bench/duties_data.py (3,000,000 visits by default), with clues, cases, measures, changes for
the platform and a quarter's check-in besides. p50 and p95 in milliseconds, in one process, after two warming requests.
--url measures a database that an earlier run has filled, or fills an empty one and leaves it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import case, literal, select

from app.bootstrap import settle
from tests import servers
from tests.bench import duties_data
from tests.bench.duties import page, show
from tests.factories.cast import Browser, open_web

PAGES = (("county", "/dashboard/"), ("town", "/dashboard/"), ("county", "/inbox/"), ("town", "/inbox/"),
         ("county", "/dashboard/rows?block=categories"), ("county", "/dashboard/rows?block=measures&page=1000"),
         ("county", "/ledgers/"), ("town", "/ledgers/"), ("county", "/ledgers/households"),
         ("town", "/ledgers/households"))  # fmt: skip


def bench(url: str, households: int, repeat: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        app = open_web(url, Path(folder))
        with app.app_context():
            if not duties_data.is_filled():
                duties_data.fill(households)
                duties_data.make_users(app)
                fill_more()
            duties_data.find_users()
        settle()  # as the server does when it has started
        for name, path in PAGES:
            show(f"{name} {path}", page(Browser(app, name), path), repeat)
        for name in ("county", "town"):
            blocks(app, name, repeat)


def blocks(app: Any, name: str, repeat: int) -> None:
    """The same without the page."""
    from app.extensions import clock, db
    from app.queries import ledgers, reach
    from app.queries.dashboards import BlockName, read_queues, tally
    from app.queries.duties.units import count_area
    from app.queries.scope import acting_as, today
    from app.views.duties.scope import depth_below

    with app.app_context(), acting_as(duties_data.USERS[name]):
        on, now, depth = today(), clock.now(), depth_below(None)
        show(f"{name}: contacts by unit", lambda: count_area(db.session, depth, now=now), repeat)
        for block in BlockName:
            show(f"{name}: {block.value}", lambda block=block: tally(db.session, block, on), repeat)
        show(f"{name}: queues", lambda: read_queues(db.session, now, on), repeat)
        show(f"{name}: check-in", lambda: reach.list_campaign_ids("2026Q4"), repeat)
        ask = ledgers.ask_for(ledgers.own_places(db.session)[0], on)
        for code in ledgers.LISTINGS:
            show(f"{name}: ledger {code.value}", lambda code=code: ledgers.list_standings(db.session, ask, [code]), 3)
        db.session.rollback()


def fill_more() -> None:
    """Two measures for three households in ten, and one open clue, case and change each for a few."""
    from app import models as m
    from app.extensions import clock, db
    from app.models.types import AREA_COLUMNS
    from app.queries.scope import system_access

    home, now = m.Household.__table__, clock.now()
    own = {name: home.c[name] for name in AREA_COLUMNS} | {"household_id": home.c.id}
    area = {name: home.c[name] for name in AREA_COLUMNS}
    day, at = literal(now.date() - timedelta(days=200)), duties_data._at(now - timedelta(days=3))

    def few(one_in: int, rest: int = 0) -> Any:
        return select().select_from(home).where(home.c.id % one_in == rest)

    with system_access():
        for number in range(6):
            kind = case((home.c.id % 4 < 2, "industry"), (home.c.id % 4 < 3, "jobs"), else_="minimum_allowance")
            duties_data._copy(db.session, m.Measure.__table__,
                              {"class_code": kind, "started_on": day, "created_at": at, **own},
                              few(10, number // 2))  # fmt: skip
        duties_data._copy(db.session, m.Clue.__table__,
                          {"kind": literal("housing"), "source": literal("worker"), "urgency": literal("normal"),
                           "state": case((home.c.id % 4 == 0, "pending"), (home.c.id % 4 == 1, "assigned"),
                                         else_="unfounded"), "raised_at": at, **own}, few(15, 4))  # fmt: skip
        duties_data._copy(db.session, m.SyncItem.__table__,
                          {"entity": literal("household"), "entity_id": home.c.id, "change": literal("updated"),
                           "first_at": at, "last_at": at, **area}, few(20, 3))  # fmt: skip
        db.session.commit()
        _cases(db.session, own, at)
        db.session.commit()
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _cases(session: Any, own: dict[str, Any], at: Any) -> None:
    from app import models as m
    from app.domain.policy.kinds import WorkflowKind
    from app.extensions import clock

    home, today = m.Household.__table__, clock.now().date()
    template = m.CaseTemplate(digest="bench", code="bench", title="识别", kind=next(iter(WorkflowKind)), body={})
    session.add(template)
    session.flush()
    title = case((home.c.id % 3 == 0, "入户核实"), (home.c.id % 3 == 1, "村级评议"), else_="乡镇审核")
    values = {"number": literal("B") + duties_data._text(home.c.id), "template_id": literal(template.id),
              "state": literal("open"), "step_title": title, "step_from_at": at, "step_due_at": at,
              "opened_on": literal(today), **own}  # fmt: skip
    duties_data._copy(session, m.Case.__table__, values, select().select_from(home).where(home.c.id % 60 == 7))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--sqlite", action="store_true", help="a temporary SQLite file instead of PostgreSQL")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--url", help="a database to fill if it is empty, and to leave")
    chosen = parser.parse_args()
    logging.disable(logging.ERROR)
    with contextlib.ExitStack() as stack:
        if chosen.url:
            url = chosen.url
        elif chosen.sqlite:
            url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/bench.db"
        else:
            url = stack.enter_context(servers.postgres())
        bench(url, chosen.households, chosen.repeat)


if __name__ == "__main__":
    main()
