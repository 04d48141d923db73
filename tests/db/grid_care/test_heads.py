"""Several heads of one unit stand in the order the county gave them, whoever came first (D2-06, D2-07)."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.enums import Duty
from app.models import Assignment
from app.queries.grid_care.board import of_unit
from app.queries.grid_tree import list_workers
from tests.factories.world import make_tree, make_worker


def test_heads_stand_in_their_order_on_the_unit_and_its_board(session: Any, clock: Any) -> None:
    tree = make_tree(session)
    town = tree.towns[0]
    for name, position in (("周副镇", None), ("赵镇长", 2), ("钱书记", 1)):
        worker = make_worker(session, town, Duty.UNIT_HEAD, name=name)
        session.query(Assignment).filter_by(worker_id=worker.id).one().position = position
    gone = make_worker(session, town, Duty.UNIT_HEAD, name="孙前任", from_on=date(2025, 1, 1))
    session.query(Assignment).filter_by(worker_id=gone.id).one().to_on = date(2025, 12, 31)
    session.flush()

    names = ["钱书记", "赵镇长", "周副镇"]
    assert [worker.name for worker, _ in list_workers(town)] == names
    assert [one.name for one in of_unit(tree.groups[0]).heads] == names
