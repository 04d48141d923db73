"""A county of two townships, and households in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from app.domain.enums import Duty, HouseholdCategory, PhoneOwner, UnitKind
from app.models import Absence, Assignment, GridLevel, GridNode, GridWorker, Household, Member, Phone
from app.models.types import cipher

_serial = count(1)
LEVELS = ((1, "县级", "county"), (2, "乡级", "township"), (3, "村级", "village"), (4, "村组", "group"))


@dataclass
class Tree:
    """county → towns[2] → villages[town][2] → groups[village][2]."""

    county: GridNode
    towns: list[GridNode] = field(default_factory=list)
    villages: list[GridNode] = field(default_factory=list)
    groups: list[GridNode] = field(default_factory=list)


def make_node(session: Any, parent: GridNode | None, code: str, name: str) -> GridNode:
    node = _node(session, parent, code, name)
    session.flush()
    return node


def _node(session: Any, parent: GridNode | None, code: str, name: str) -> GridNode:
    """Below a parent that has its id; its own levels and path come with the INSERT."""
    depth = 1 if parent is None else parent.depth + 1
    node = GridNode(parent_id=parent.id if parent else None, depth=depth, code=code, name=name,
                    unit_kind=UnitKind.GROUP if depth == 4 else UnitKind.ADMIN)  # fmt: skip
    session.add(node)
    return node


def make_tree(session: Any) -> Tree:
    """Levels, one county, two townships, two villages each, two groups each: 8 groups. Level by level: nearly every
    test begins with it."""
    for depth, title, english in LEVELS:
        session.add(GridLevel(depth=depth, title=title, title_en=english))
    tree = Tree(make_node(session, None, "990001", "测试县"))
    tree.towns = [_node(session, tree.county, f"99000110{t}", f"测试{t}镇") for t in (1, 2)]
    session.flush()
    tree.villages = [_node(session, town, f"{town.code}20{v}", f"{town.name[:-1]}{v}村")
                     for town in tree.towns for v in (1, 2)]  # fmt: skip
    session.flush()
    tree.groups = [_node(session, village, f"{village.code}00{g}", f"第{g}组")
                   for village in tree.villages for g in (1, 2)]  # fmt: skip
    session.flush()
    return tree


def demo_number(serial: int) -> str:
    """An E.164 number nobody can have: prefix +86100 is not allocated."""
    return f"+86100{serial:08d}"


def area_of(node: GridNode) -> dict[str, int | None]:
    return {"node_id": node.id, **{f"l{n}_id": getattr(node, f"l{n}_id") for n in range(1, 6)}}


def make_household(session: Any, node: GridNode, *, name: str = "赵试一", numbers: tuple[str, ...] | None = None,
                   absent: bool = True, category: HouseholdCategory = HouseholdCategory.GENERAL,
                   **values: Any) -> Household:  # fmt: skip
    """A household with its head, its phones in priority order (one demo number by default) and an open absence."""
    serial = next(_serial)
    area = area_of(node)
    code = values.pop("code", f"T{serial:06d}")
    household = Household(code=code, head_name=name, category=category, **area, **values)
    session.add(household)
    session.flush()
    head = Member(household_id=household.id, name=name, relation="head", **area)
    session.add(head)
    session.flush()
    for priority, number in enumerate(numbers if numbers is not None else (demo_number(serial),), start=1):
        session.add(Phone(household_id=household.id, member_id=head.id, e164=number, e164_hash=cipher.blind(number),
                          tail=number[-4:], owner=PhoneOwner.HEAD, priority=priority, **area))  # fmt: skip
    if absent:
        session.add(Absence(household_id=household.id, member_id=head.id, since_on=date(2026, 2, 20),
                            place="测试市", **area))  # fmt: skip
    session.flush()
    return household


def make_worker(session: Any, node: GridNode, duty: Duty = Duty.GRID_WORKER, *, name: str = "钱试网",
                user_id: int | None = None, from_on: date = date(2026, 1, 1)) -> GridWorker:  # fmt: skip
    worker = GridWorker(name=name, title="网格员", user_id=user_id, phone=demo_number(90_000_000 + next(_serial)))
    session.add(worker)
    session.flush()
    session.add(Assignment(worker_id=worker.id, node_id=node.id, duty=duty, from_on=from_on))
    session.flush()
    return worker
