"""The base ledger of a whole county beside other writers.

    python -m tests.bench.ledgers [--rows 300000] [--postgres]

A register with `rows` households in 5,000 groups, each with its head and a number, in a temporary SQLite file or in a
throw-away PostgreSQL. Ours reads them by one statement, decrypts and masks the ID numbers, and writes styled cells with
title, totals and print set-up. The others write as many rows of constant cells without style or totals: openpyxl in
write_only mode (SLOW_ROWS of them; its rate a row does not change) and rustpy-xlsxwriter from a generator (STACK B3).
Each in a process of its own. Prints seconds, rows a second and peak megabytes above what the process had before.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests import servers

SLOW_ROWS = 20_000
GROUPS = 5_000
CHUNK = 20_000
Figures = tuple[float, float, int]  # seconds, peak MB above what the process had before, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--postgres", action="store_true", help="a throw-away PostgreSQL instead of a SQLite file")
    chosen = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="shouwang-bench-")))
        url = stack.enter_context(servers.postgres()) if chosen.postgres else f"sqlite:///{folder / 'ledgers.db'}"
        bench(folder, url, chosen.rows)


def bench(folder: Path, url: str, rows: int) -> None:
    print(f"prepared in {_alone(_prepare, folder, url, rows)[0]:.0f} s", flush=True)
    print(f"{'':20}{'seconds':>9}{'rows/s':>9}{'MB more':>9}")
    for work, wanted in ((_ledger, rows), (_count_and_sums, rows), (_openpyxl, min(rows, SLOW_ROWS)), (_rustpy, rows)):
        seconds, more, count = _alone(work, folder, url, wanted)
        print(f"{work.__name__.lstrip('_'):20}{seconds:9.2f}{count / seconds:9.0f}{more:9.0f}", flush=True)


def _alone(work: Callable[[Path, str, int], Figures], folder: Path, url: str, rows: int) -> Figures:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, folder, url, rows).result()


def _session(folder: Path, url: str) -> Any:
    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import SYSTEM, enter
    from app.services import schema
    from telephony.clock import ManualClock
    from tests.conftest import MONDAY_MORNING, make_settings

    create_core(make_settings(url, folder), clock_source=ManualClock(MONDAY_MORNING)).app_context().push()
    schema.upgrade(db.engine)
    enter(SYSTEM)
    return db.session


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(work: Callable[[], int]) -> Figures:
    before, started = _peak(), time.perf_counter()
    rows = work()
    return time.perf_counter() - started, _peak() - before, rows


def _prepare(folder: Path, url: str, rows: int) -> Figures:
    from sqlalchemy import insert, text

    from app.extensions import clock
    from app.models import Household, Member, Phone
    from app.models.types import cipher
    from tests.factories.world import area_of, make_node

    started = time.perf_counter()
    session = _session(folder, url)
    county = make_node(session, None, "990001", "测试县")
    towns = [make_node(session, county, f"990001{n:03d}", f"测试{n}镇") for n in range(100, 120)]
    villages = [make_node(session, town, f"{town.code}{n:03d}", f"第{n}村") for town in towns for n in range(200, 210)]
    groups = [make_node(session, village, f"{village.code}{n:03d}", f"第{n}组")
              for village in villages for n in range(1, GROUPS // 200 + 1)]  # fmt: skip
    areas, now, hashed = [area_of(group) for group in groups], clock.now(), cipher.blind("x")
    for first in range(1, rows + 1, CHUNK):
        span = range(first, min(first + CHUNK, rows + 1))
        own = [{"id": n, "household_id": n, **areas[n * len(areas) // (rows + 1)]} for n in span]
        homes = [{**row, "code": f"{row['id']:018d}", "head_name": "赵试户", "address": "试村路一号", "created_at": now}
                 for row in own]  # fmt: skip
        for home in homes:
            home.pop("household_id")
        session.execute(insert(Household.__table__), homes)
        head = {"name": "赵试户", "relation": "head", "id_number": "110101199003070011"}
        session.execute(insert(Member.__table__), [row | head for row in own])
        number = {"e164": "+8610012341234", "e164_hash": hashed, "tail": "1234", "zone": "Asia/Shanghai"}
        session.execute(insert(Phone.__table__), [row | number for row in own])
    session.commit()
    session.execute(text("ANALYZE"))
    session.commit()
    return time.perf_counter() - started, 0, rows


def _asked(session: Any) -> Any:
    from app.queries import ledgers
    from app.queries.scope import today

    return ledgers.ask_for(ledgers.own_places(session)[0], today())


def _ledger(folder: Path, url: str, rows: int) -> Figures:
    from app.domain.ledgers.words import LedgerCode
    from app.sheets.ledgers.ledger import write_ledger

    session = _session(folder, url)
    ask = _asked(session)

    def work() -> int:
        with (folder / "ledger.xlsx").open("wb") as target:
            return write_ledger(session, target, LedgerCode.HOUSEHOLDS, ask)

    return _timed(work)


def _count_and_sums(folder: Path, url: str, rows: int) -> Figures:
    from app.domain.ledgers.words import LedgerCode
    from app.queries import ledgers

    session = _session(folder, url)
    ask = _asked(session)

    def work() -> int:
        found = ledgers.read_sums(session, LedgerCode.HOUSEHOLDS, ask)[ask.place.id][0]
        assert found == ledgers.read_count(session, LedgerCode.HOUSEHOLDS, ask)
        return int(found)

    return _timed(work)


def _cells(number: int) -> list[Any]:
    return [number, "测试100镇", "第200村", "第1组", f"{number:018d}", "赵试户", "110101********0011", "*******1234",
            "一般农户", 1, "试村路一号", "否", "", ""]  # fmt: skip


def _openpyxl(folder: Path, url: str, rows: int) -> Figures:
    from openpyxl import Workbook

    def work() -> int:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("台账")
        for number in range(1, rows + 1):
            sheet.append(_cells(number))
        book.save(folder / "openpyxl.xlsx")
        return rows

    return _timed(work)


def _rustpy(folder: Path, url: str, rows: int) -> Figures:
    import rustpy_xlsxwriter

    def work() -> int:
        heads = [f"列{n}" for n in range(14)]
        found = (dict(zip(heads, _cells(number), strict=True)) for number in range(1, rows + 1))
        with (folder / "rustpy.xlsx").open("wb") as target:
            rustpy_xlsxwriter.write_worksheet(found, target, sheet_name="台账")
        return rows

    return _timed(work)


if __name__ == "__main__":
    main()
