"""How fast the pages people live in are on a county's data, beside stock Flask-AppBuilder lists of the same tables.

    python -m tests.bench.duties [--households 300000] [--sqlite] [--repeat 20] [--url URL]

Members are three, visits ten times the households (3,000,000 by default). PostgreSQL is a throw-away server
(tests/servers.py); --sqlite writes a temporary file, for the demo's size. Every page is asked for as its own user and
read to its end; p50 and p95 in milliseconds, in one process, after two warming requests. --url measures a database
that an earlier run has filled, or fills an empty one and leaves it.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import servers
from tests.bench.duties_data import fill, find_users, is_filled, make_users
from tests.bench.duties_stock import stock_application

STOCK_PAGES = 25


def measure(ask: Callable[[], Any], repeat: int) -> tuple[float, float]:
    """(p50, p95) in milliseconds."""
    times = []
    for number in range(repeat + 2):
        started = time.perf_counter()
        ask()
        if number >= 2:
            times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, round(0.95 * len(times)))]


def page(browser: Any, path: str) -> Callable[[], Any]:
    def ask() -> None:
        answer = browser.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        answer.get_data()

    return ask


def bench(url: str, households: int, repeat: int) -> None:
    from app.bootstrap import settle
    from tests.factories.cast import Browser, open_web

    with tempfile.TemporaryDirectory() as folder:
        app = open_web(url, Path(folder))
        with app.app_context():
            if not is_filled():
                fill(households)
                make_users(app)
            find_users()
        users = {name: Browser(app, name) for name in ("worker", "cadre", "town", "county", "auditor")}
        stock = stock_application(url)
        settle()  # as the server does when it has started
        show("register list, first page", page(users["county"], "/households/list/"), repeat,
             stock("/stockhouseholds/list/"))  # fmt: skip
        show("register list, filtered", page(users["county"], "/households/list/?_flt_0_category=watch"), repeat,
             stock("/stockhouseholds/list/?_flt_0_code=B7"))  # fmt: skip
        last = households // STOCK_PAGES
        show("register list, last page", page(users["county"], f"/households/list/?page_HouseholdView={last}"), repeat,
             stock(f"/stockhouseholds/list/?page_StockHouseholds={last}"))  # fmt: skip
        show("visits, first page", page(users["county"], "/visits/list/"), repeat, stock("/stockvisits/list/"))
        last = 10 * households // STOCK_PAGES
        show("visits, last page", page(users["county"], f"/visits/list/?page_VisitView={last}"), repeat,
             stock(f"/stockvisits/list/?page_StockVisits={last}"))  # fmt: skip
        for name, path in (("worker", "/work/"), ("worker", "/duties/list"), ("cadre", "/work/"),
                           ("worker", "/today/"), ("cadre", "/today/"), ("town", "/today/"), ("county", "/today/"),
                           ("auditor", "/today/"), ("town", "/duties/list?overdue=1"), ("county", "/duties/"),
                           ("county", "/duties/list?overdue=1")):  # fmt: skip
            show(f"{name} {path}", page(users[name], path), repeat if name == "worker" else max(5, repeat // 4))
        queries(app, repeat)


def queries(app: Any, repeat: int) -> None:
    """The same without the page: what the duty engine itself takes."""
    from app.extensions import clock, db
    from app.queries.duties import DueFilter, count_area, count_due, duties_due
    from app.queries.scope import acting_as
    from app.queries.worklist import list_joined
    from tests.bench.duties_data import USERS

    with app.app_context():
        with acting_as(USERS["worker"]):
            show("query: a worker's duty list", lambda: list_joined(db.session, clock.now(), limit=100), repeat)
        with acting_as(USERS["county"]):
            few = max(5, repeat // 4)
            show("query: the county's overdue count", lambda: count_due(db.session, DueFilter(overdue=True)), few)
            show("query: overdue by township", lambda: count_area(db.session, 2), few)
            show("query: the county's most urgent 50", lambda: duties_due(db.session, DueFilter(overdue=True)), few)
        db.session.rollback()


def show(title: str, ask: Callable[[], Any], repeat: int, stock: Callable[[], Any] | None = None) -> None:
    p50, p95 = measure(ask, repeat)
    line = f"{title:34} p50 {p50:8.1f} ms   p95 {p95:8.1f} ms"
    if stock is not None:
        stock_p50, stock_p95 = measure(stock, max(3, repeat // 4))
        line += f"   stock p50 {stock_p50:8.1f} p95 {stock_p95:8.1f}   ratio {stock_p50 / p50:.1f}"
    print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=300_000)
    parser.add_argument("--sqlite", action="store_true", help="a temporary SQLite file instead of PostgreSQL")
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--url", help="a database to fill if it is empty, and to leave")
    chosen = parser.parse_args()
    logging.disable(logging.ERROR)  # stock views complain of column types on every page
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
