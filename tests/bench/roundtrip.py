"""The national export beside openpyxl doing the least it can: `python -m tests.bench.roundtrip [persons]`.

A synthetic export of the demo county's villages, three persons a household. Ours reads, checks, resolves the units,
stages encrypted rows, compares them with the register and writes them; then once more, with nothing to change.
openpyxl only reads the cells of the same file. Each in a process of its own; prints seconds, rows a second and the
peak of the process in MB. `--openpyxl-rows N` stops openpyxl after N rows, since it takes minutes.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp

from tests.bench.sheets import _alone, _session

HOUSEHOLD = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("persons", nargs="?", type=int, default=200_000)
    parser.add_argument("--openpyxl-rows", type=int, default=20_000)
    given = parser.parse_args()
    folder = Path(mkdtemp(prefix="shouwang-bench-"))
    _alone(_prepare, folder, given.persons)
    size = (folder / "national.xlsx").stat().st_size / (1 << 20)
    print(f"{given.persons} persons, {size:.0f} MB")
    print(f"{'':16}{'rows':>9}{'seconds':>9}{'rows/s':>9}{'peak MB':>9}")
    for work, rows in ((_import, given.persons), (_again, given.persons), (_parse, given.persons),
                       (_openpyxl, min(given.openpyxl_rows, given.persons)), (_nothing, 1)):  # fmt: skip
        seconds, peak = _alone(work, folder, rows)
        print(f"{work.__name__.lstrip('_'):16}{rows:9}{seconds:9.1f}{rows / max(seconds, 1e-9):9.0f}{peak:9.0f}")


def _prepare(folder: Path, persons: int) -> float:
    from sqlalchemy import select

    from app.models import GridNode
    from app.services import divisions
    from app.sheets.imports.national_columns import NATIONAL_COLUMNS
    from app.sheets.writer import OutColumn, write_table

    started = time.perf_counter()
    session = _session(folder, "county.db")
    divisions.load_county(session)
    session.commit()
    nodes = {node.id: node for node in session.scalars(select(GridNode))}
    groups = [node for node in nodes.values() if node.depth == 4]
    columns = [OutColumn(column.heading, column.width) for column in NATIONAL_COLUMNS]

    def rows():  # type: ignore[no-untyped-def]
        for number in range(persons):
            home, place = divmod(number, HOUSEHOLD)
            group = groups[home % len(groups)]
            values = _person(
                home, place, [nodes[key].name for key in (group.l1_id, group.l2_id, group.l3_id, group.id)]
            )
            yield [values.get(column.key, "") for column in NATIONAL_COLUMNS]

    write_table(folder / "national.xlsx", "国办导出", columns, rows())
    return time.perf_counter() - started


def _person(home: int, place: int, units: list[str]) -> dict[str, object]:
    from app.domain.id_numbers import Sex, make_demo_id

    serial = home * HOUSEHOLD + place
    born = date(1940, 1, 1) + timedelta(days=serial // 500 * 7 % 25_000)
    county, town, village, group = units
    return {
        "county": county, "town": town, "village": village, "natural": group, "code": f"3415230{home:010d}",
        "person_code": f"3415230{home:010d}{place:02d}", "name": f"孙试{chr(0x4E00 + serial % 8000)}",
        "id_number": make_demo_id(born, Sex.MALE if place != 1 else Sex.FEMALE, serial % 500), "size": HOUSEHOLD,
        "relation": ("户主", "配偶", "之子")[place], "education": ("小学", "初中", "高中")[serial % 3],
        "ethnicity": "汉族", "schooling": "非在校生", "health": ("健康", "长期慢性病")[serial % 2],
        "labour": "普通劳动力", "work_months": serial % 13, "illness_insurance": "是", "cause": "因病",
        "unsafe_house": "否", "safe_water": "是", "income": 9000 + home % 9000,
        "phone": f"100{home % 10**8:08d}", "person_phone": "", "first_identified": "2014-12-31",
        "identified": "2014/12/31", "category": "脱贫户", "monitored": "否",
    }  # fmt: skip


def _import(folder: Path, persons: int) -> float:
    from app.sheets.imports import national_runs

    session = _session(folder, "county.db")
    started = time.perf_counter()
    stages: dict[str, float] = {}
    report = national_runs.run(session, folder / "national.xlsx",
                               leave=lambda stage: stages.update({stage: time.perf_counter() - started}))  # fmt: skip
    assert (report.written, report.counts) == (persons, {"new": persons}), (report.counts, report.problems[:5])
    print("  ", ", ".join(f"{stage} until {seconds:.1f} s" for stage, seconds in stages.items()))
    return time.perf_counter() - started


def _again(folder: Path, persons: int) -> float:
    from app.sheets.imports import national_runs

    session = _session(folder, "county.db")
    started = time.perf_counter()
    report = national_runs.run(session, folder / "national.xlsx")
    assert (report.written, report.counts) == (0, {"same": persons}), (report.counts, report.problems[:5])
    return time.perf_counter() - started


def _parse(folder: Path, persons: int) -> float:
    """Our reader alone: cells as values, nothing done with them."""
    from app.sheets.imports.national import open_national

    started = time.perf_counter()
    with (folder / "national.xlsx").open("rb") as file:
        assert sum(1 for _ in open_national(file).rows()) == persons
    return time.perf_counter() - started


def _openpyxl(folder: Path, persons: int) -> float:
    from openpyxl import load_workbook

    started = time.perf_counter()
    for number, _row in enumerate(load_workbook(folder / "national.xlsx", read_only=True).worksheets[0].values):
        if number == persons:
            break
    return time.perf_counter() - started


def _nothing(folder: Path, persons: int) -> float:
    """The peak of a process that has loaded the application and done nothing."""
    _session(folder, "county.db")
    return 0.0


if __name__ == "__main__":
    main()
