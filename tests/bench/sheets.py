"""Rosters in and out, beside openpyxl doing the least it can: `python -m tests.bench.sheets [households]`.

Each measurement runs in a process of its own, so that peak memory is its own. Prints seconds, rows a second, peak
megabytes and the ratio to openpyxl. The import parses, checks, compares with the register and writes; openpyxl only
reads the cells. The export reads the database, decrypts and masks; openpyxl only writes constant cells.
"""

from __future__ import annotations

import io
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def main(households: int) -> None:
    folder = Path(tempfile.mkdtemp(prefix="shouwang-bench-"))
    _alone(_prepare, folder, households)
    results = {work.__name__.lstrip("_"): _alone(work, folder, households)
               for work in (_import, _read, _openpyxl_read, _export, _openpyxl_write, _encrypt)}  # fmt: skip
    print(f"{households} households")
    print(f"{'':16}{'seconds':>9}{'rows/s':>9}{'peak MB':>9}")
    for name, (seconds, peak) in results.items():
        print(f"{name:16}{seconds:9.2f}{households / seconds:9.0f}{peak:9.0f}")
    for ours, theirs in (("import", "openpyxl_read"), ("read", "openpyxl_read"), ("export", "openpyxl_write")):
        seconds, peak = (results[ours][n] / results[theirs][n] for n in (0, 1))
        print(f"{ours} / {theirs}: {seconds:.2f} x the time, {peak:.2f} x the memory")


def _alone(work: Callable[[Path, int], float], *arguments: Any) -> tuple[float, float]:
    """(seconds the work reports, peak MB of its process)."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(work, sender, *arguments))
    process.start()
    result: tuple[float, float] = receiver.recv()
    process.join()
    return result


def _child(work: Callable[[Path, int], float], sender: Any, *arguments: Any) -> None:
    seconds = work(*arguments)
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _session(folder: Path, name: str) -> Any:
    from sqlalchemy import create_engine

    from app.bootstrap import create_core
    from app.extensions import db
    from app.queries.scope import SYSTEM, enter
    from app.services import schema
    from telephony.clock import ManualClock
    from tests.conftest import MONDAY_MORNING, make_settings

    url = f"sqlite:///{folder / name}"
    if not (folder / name).exists():
        engine = create_engine(url)
        schema.upgrade(engine)
        engine.dispose()
    create_core(make_settings(url, folder), clock_source=ManualClock(MONDAY_MORNING)).app_context().push()
    enter(SYSTEM)
    return db.session


def _prepare(folder: Path, households: int) -> float:
    """A demo register, its roster, and an empty county to import it into."""
    from app.services import demo, divisions
    from app.sheets.exports import export_households

    started = time.perf_counter()
    session = _session(folder, "full.db")
    demo.load(session, households, logins=False)
    session.commit()
    export_households(session, folder / "roster.xlsx", masked=False)
    session.commit()
    empty = _session(folder, "empty.db")
    divisions.load_county(empty)
    empty.commit()
    return time.perf_counter() - started


def _import(folder: Path, households: int) -> float:
    from app.sheets.imports.commands import import_households

    session = _session(folder, "empty.db")
    started = time.perf_counter()
    report = import_households(session, folder / "roster.xlsx")
    assert (report.new, report.bad) == (households, 0), report.lines()[:5]
    return time.perf_counter() - started


def _read(folder: Path, households: int) -> float:
    """Our reader alone, the headings found, nothing checked."""
    from app.sheets.reader import open_roster

    started = time.perf_counter()
    assert sum(1 for _ in open_roster((folder / "roster.xlsx").read_bytes()).rows()) == households
    return time.perf_counter() - started


def _encrypt(folder: Path, households: int) -> float:
    """What sealing the personal cells of so many rows costs: an ID number, a phone and its blind index each."""
    from app.models.types import cipher

    _session(folder, "empty.db")
    started = time.perf_counter()
    for number in range(households):
        cipher.encrypt(f"{number:018d}")
        cipher.blind(cipher.decrypt(cipher.encrypt(f"{number:011d}")))
    return time.perf_counter() - started


def _openpyxl_read(folder: Path, households: int) -> float:
    from openpyxl import load_workbook

    started = time.perf_counter()
    rows = sum(1 for _ in load_workbook(folder / "roster.xlsx", read_only=True).worksheets[0].values)
    assert rows == households + 1
    return time.perf_counter() - started


def _export(folder: Path, households: int) -> float:
    from app.sheets.exports import export_households

    session = _session(folder, "full.db")
    started = time.perf_counter()
    assert export_households(session, io.BytesIO(), masked=True) == households
    return time.perf_counter() - started


def _openpyxl_write(folder: Path, households: int) -> float:
    from openpyxl import Workbook

    started = time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(households):
        sheet.append([f"{number:017d}", *(["一组"] * 21)])
    book.save(io.BytesIO())
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
