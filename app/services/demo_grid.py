"""Which part of the county the demo uses, and who serves it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import zip_longest
from math import ceil
from typing import Any

from sqlalchemy import insert, select

from app.domain.enums import Duty
from app.domain.id_numbers import Sex
from app.models import Assignment, GridNode, GridWorker
from app.services.demo_people import People

# 干汊河镇 first: the township whose own plan (D2) is one of the four documents.
TOWNSHIPS = ("341523109", "341523101", "341523102", "341523104")
PER_GROUP = 40  # 20 to 100 households a grid in practice (DOMAIN 4.8)
GROUPS_PER_VILLAGE = 4
WORKER_NUMBERS_FROM = 90_000_000
Area = dict[str, Any]


@dataclass(slots=True)
class DemoGrid:
    """`groups`: node rows that get households; `villages`, `towns`: the units above them; `county`: the root."""

    county: Area
    towns: list[Area]
    villages: list[Area]
    groups: list[Area]


def choose(session: Any, households: int, root_id: int) -> DemoGrid:
    """Villages in turn from each township, so that a small demo still has all of them."""
    table = GridNode.__table__
    rows = [dict(row) for row in session.execute(select(table).order_by(table.c.code)).mappings()]
    by_parent: dict[int | None, list[Area]] = {}
    for row in rows:
        by_parent.setdefault(row["parent_id"], []).append(row)
    county = next(row for row in rows if row["id"] == root_id)
    towns = [row for code in TOWNSHIPS for row in by_parent[root_id] if row["code"] == code]
    wanted = max(len(towns), ceil(households / PER_GROUP))
    turns = zip_longest(*(by_parent[town["id"]] for town in towns))
    rotation = [village for turn in turns for village in turn if village]
    villages = rotation[: max(len(towns), ceil(wanted / GROUPS_PER_VILLAGE))]
    turns = zip_longest(*(by_parent[village["id"]][:GROUPS_PER_VILLAGE] for village in villages))
    groups = [group for turn in turns for group in turn if group][:wanted]
    # The first township's first: whoever logs in serves it, and what a demo shows of cases and clues lies in it.
    place = {town["id"]: number for number, town in enumerate(towns)}
    return DemoGrid(county, towns, villages, sorted(groups, key=lambda group: (place[group["l2_id"]], group["code"])))


def staff(session: Any, grid: DemoGrid, people: People, rng: random.Random, today: date) -> dict[int, int]:
    """Workers for every used unit, with assignments; a few groups had another worker before. Group id → worker id."""
    start = date(today.year, 1, 1)
    posts: list[tuple[Area, Duty, date, date | None]] = []
    for group in grid.groups:
        if rng.random() < 0.08:
            handed_over = today - timedelta(days=rng.randint(40, 200))
            posts.append((group, Duty.GRID_WORKER, start - timedelta(days=400), handed_over - timedelta(days=1)))
            posts.append((group, Duty.GRID_WORKER, handed_over, None))
        else:
            posts.append((group, Duty.GRID_WORKER, start, None))
    posts += [(village, Duty.VILLAGE_CADRE, start, None) for village in grid.villages]
    posts += [(village, Duty.VILLAGE_OFFICER, start, None) for village in grid.villages[::4]]
    posts += [(town, Duty.TOWNSHIP_STAFF, start, None) for town in grid.towns for _ in range(2)]
    return _fill_posts(session, posts, people, rng)


TITLES = {
    Duty.GRID_WORKER: "网格员",
    Duty.VILLAGE_CADRE: "村干部",
    Duty.VILLAGE_OFFICER: "包村干部",
    Duty.TOWNSHIP_STAFF: "乡村振兴工作站",
    Duty.GRID_LEAD: "网格长",
    Duty.COUNTY_ADMIN: "县级管理员",
    Duty.AUDITOR: "审计员",
}


def _fill_posts(
    session: Any, posts: list[tuple[Area, Duty, date, date | None]], people: People, rng: random.Random
) -> dict[int, int]:
    table = GridWorker.__table__
    rows = []
    for serial, (_, duty, _, to_on) in enumerate(posts, start=WORKER_NUMBERS_FROM):
        number = f"+86100{serial:08d}"
        sex = Sex.MALE if rng.random() < 0.6 else Sex.FEMALE
        rows.append({"name": people.name(sex), "title": TITLES[duty], "phone": number, "phone_tail": number[-4:],
                     "is_active": to_on is None, "is_demo": True})  # fmt: skip
    ids = session.execute(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows).scalars().all()
    session.execute(
        insert(Assignment.__table__),
        [{"worker_id": worker_id, "node_id": node["id"], "duty": duty, "from_on": from_on, "to_on": to_on,
          "is_demo": True} for worker_id, (node, duty, from_on, to_on) in zip(ids, posts, strict=True)],
    )  # fmt: skip
    return {node["id"]: worker_id for worker_id, (node, duty, _, to_on) in zip(ids, posts, strict=True)
            if duty is Duty.GRID_WORKER and to_on is None}  # fmt: skip
