"""A county in which every rule is tripped once, on both databases, looked at once for all tests of a module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from app.models import CheckupFinding
from app.services.checkup import runs
from app.services.policy import loading
from tasks.units import unit
from tests.db.checkup.cases import CASES, Maker
from tests.factories.world import Tree, make_tree


@dataclass
class Looked:
    """`tripping` and `right`: rule → household id; `found`: household id → rules open."""

    tripping: dict[str, int]
    right: dict[str, int]
    found: dict[int, set[str]]


@pytest.fixture(scope="module")
def looked(module_session: Any) -> Looked:
    session = module_session
    loading.load_shipped(session)
    tree = make_tree(session)
    session.commit()
    tripping, right = {}, {}
    for serial, (code, case) in enumerate(CASES.items(), start=1):
        for kept, trips, offset in ((tripping, True, 0), (right, False, 1)):
            maker = Maker(session, tree.groups[serial % len(tree.groups)], 2 * serial + offset)
            case(maker, trips)
            kept[code] = maker.household.id
    session.commit()
    look(session, tree)
    found: dict[int, set[str]] = {}
    for finding in session.query(CheckupFinding).filter(CheckupFinding.closed_at.is_(None)):
        found.setdefault(finding.household_id, set()).add(finding.rule)
    return Looked(tripping, right, found)


def look(session: Any, tree: Tree) -> None:
    """The whole county, as the night does it."""
    run = runs.begin(session, tree.county)
    run_id = run.id
    session.commit()
    runs.carry_out(unit, run_id)
    session.expire_all()
