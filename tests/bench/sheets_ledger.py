"""The quarter's ledger of contacts beside openpyxl doing the least it can: `python -m
tests.bench.sheets_ledger [rows]`.

A demo register on SQLite of which about `rows` households are away, each with a contact and up to three calls. Ours
reads, decrypts, masks and writes styled cells; openpyxl's write_only mode writes as many constant cells without style.
Then both read the ledger that was written. Each in a process of its own; openpyxl gets SLOW_ROWS rows at most. Prints
seconds, rows a second, peak megabytes above the process before it began, and the ratios a row.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.bench.sheets import _session

SLOW_ROWS = 2000
LEDGER = "ledger.xlsx"
Figures = tuple[float, float, int]  # seconds, peak MB above what the process had before, rows


def main(rows: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="shouwang-bench-"))
    listed = _alone(_prepare, folder, rows)[2]
    print(f"{listed} households away")
    print(f"{'':20}{'seconds':>9}{'rows/s':>9}{'MB more':>9}")
    results = {}
    slow = min(listed, SLOW_ROWS)  # its rate a row does not change with the number of rows
    for work, wanted in ((_ledger, listed), (_township, listed), (_openpyxl_write, slow), (_read, listed),
                         (_openpyxl_read, slow)):  # fmt: skip
        seconds, more, count = _alone(work, folder, wanted)
        name = work.__name__.lstrip("_")
        results[name] = seconds / count
        print(f"{name:20}{seconds:9.2f}{count / seconds:9.0f}{more:9.0f}", flush=True)
    for ours, theirs in (("ledger", "openpyxl_write"), ("read", "openpyxl_read")):
        print(f"{ours} / {theirs}: {results[ours] / results[theirs]:.2f} x the time a row")


def _alone(work: Callable[[Path, int], Figures], folder: Path, rows: int) -> Figures:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, folder, rows).result()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _prepare(folder: Path, rows: int) -> Figures:
    from app.domain.quarters import Quarter
    from app.extensions import clock
    from app.models import GridNode
    from app.services import demo
    from app.sheets.ledgers.contacts import count_ledger_rows

    session = _session(folder, "ledger.db")
    demo.load(session, rows * 3, logins=False)
    _call(session, session.query(GridNode).filter_by(depth=1).one())
    session.commit()
    return 0, 0, count_ledger_rows(session, Quarter.at(clock.now()))


def _call(session: Any, county: Any) -> None:
    from sqlalchemy import insert, select

    from app.domain.enums import AttemptOutcome, AttemptState, Disposition
    from app.domain.quarters import Quarter
    from app.extensions import clock
    from app.models import Absence, Attempt, Campaign, Contact
    from app.models.types import AREA_COLUMNS

    campaign = Campaign(name="bench", quarter=str(Quarter.at(clock.now())), node_id=county.id, l1_id=county.id)
    session.add(campaign)
    session.flush()
    table = Absence.__table__
    away = select(table.c.household_id, *(table.c[name] for name in AREA_COLUMNS)).where(table.c.ended_on.is_(None))
    homes = [dict(row) for row in session.execute(away).mappings()]
    spread = (Disposition.REACHED, Disposition.UNREACHABLE, Disposition.SILENT, Disposition.PENDING)
    session.execute(insert(Contact.__table__), [
        {**home, "id": number, "campaign_id": campaign.id, "quarter": campaign.quarter,
         "disposition": spread[number % len(spread)]} for number, home in enumerate(homes, start=1)])  # fmt: skip
    session.execute(insert(Attempt.__table__), [
        {**home, "contact_id": number, "campaign_id": campaign.id, "number": call, "token": f"{number}-{call}",
         "phone_hash": f"{number}", "carrier": "simulator", "state": AttemptState.DONE, "slot_at": clock.now(),
         "outcome": AttemptOutcome.NO_ANSWER, "ended_at": clock.now() - timedelta(days=call)}
        for number, home in enumerate(homes, start=1) for call in range(1, number % 4 + 1) if call < 4])  # fmt: skip


def _ledger(folder: Path, rows: int) -> Figures:
    return _write_ledger(_session(folder, "ledger.db"), folder, "", rows)


def _township(folder: Path, rows: int) -> Figures:
    """The largest one."""
    from sqlalchemy import func

    from app.domain.quarters import Quarter
    from app.extensions import clock
    from app.models import GridNode, Household
    from app.sheets.ledgers.contacts import count_ledger_rows

    session = _session(folder, "ledger.db")
    largest = session.query(Household.l2_id).group_by(Household.l2_id).order_by(func.count().desc()).limit(1).scalar()
    code = session.get_one(GridNode, largest).code
    return _write_ledger(session, folder, code, count_ledger_rows(session, Quarter.at(clock.now()), code))


def _write_ledger(session: Any, folder: Path, code: str, rows: int) -> Figures:
    from openpyxl import load_workbook

    from app.domain.quarters import Quarter
    from app.extensions import clock
    from app.sheets.ledgers.contacts import contact_ledger

    before, started = _peak(), time.perf_counter()
    content = contact_ledger(session, Quarter.at(clock.now()), code)
    seconds, more = time.perf_counter() - started, _peak() - before
    if not code:
        (folder / LEDGER).write_bytes(content)
    sheet = load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    assert sum(1 for _ in sheet.iter_rows()) == rows + 4
    return seconds, more, rows


def _read(folder: Path, rows: int) -> Figures:
    """Our streaming reader over the ledger that was written."""
    from app.sheets.stream import Book

    before, started = _peak(), time.perf_counter()
    with (folder / LEDGER).open("rb") as file:
        book = Book(file)
        count = sum(1 for _ in book.rows(book.sheets[0]))
    assert count == rows + 4
    return time.perf_counter() - started, _peak() - before, count


def _openpyxl_read(folder: Path, rows: int) -> Figures:
    from openpyxl import load_workbook

    before, started = _peak(), time.perf_counter()
    for count, _row in enumerate(load_workbook(folder / LEDGER, read_only=True).worksheets[0].values, start=1):
        if count == rows:
            break
    return time.perf_counter() - started, _peak() - before, rows


def _openpyxl_write(folder: Path, rows: int) -> Figures:
    from openpyxl import Workbook

    before, started = _peak(), time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(rows):
        sheet.append([f"{number:017d}", *(["一组"] * 13), number])
    book.save(io.BytesIO())
    return time.perf_counter() - started, _peak() - before, rows


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
