"""What the board, the card and the broadcast of a unit say: names of those who serve it, nothing of any household."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from app.domain.enums import Duty
from app.domain.grid_care.wording import Board, Server
from app.domain.phones import local_display
from app.extensions import db
from app.models import Assignment, CoveredPlace, GridNode, GridWorker, SubArea, SubAreaLead, SubAreaUnit
from app.queries.grid_tree import breadcrumb
from app.queries.policy import rules_for
from app.queries.scope import today, vouched


def of_unit(node: GridNode, released: Sequence[int] = ()) -> Board:
    """`released`: ids of workers whose number may stand on the board as an office number."""
    names = [name for _, name in breadcrumb(node)]
    covered = db.session.scalars(select(CoveredPlace).where(CoveredPlace.node_id == node.id).order_by(CoveredPlace.id))
    rules = rules_for(node.id, today())
    return Board(
        village=" ".join(names[1:-1]) or names[0], unit=names[-1], worker_title=rules.worker.title or "网格员",
        workers=_serving([node.id], (Duty.GRID_WORKER,), released),
        supervisors=_unique(*_serving([node.id], (Duty.GROUP_SUPERVISOR, Duty.GRID_LEAD), ()), *_area_leads(node)),
        heads=_serving([key for key in (node.l3_id, node.l2_id) if key and key != node.id],
                       (Duty.UNIT_HEAD, Duty.VILLAGE_OFFICER), ()),
        covered=tuple(f"{one.name}（部分）" if one.is_part else one.name for one in covered),
        boundary=node.boundary, office=node.organisation,
    )  # fmt: skip


def list_workers(node: GridNode) -> list[tuple[int, str, str]]:
    """(id, name, number) of the grid workers of the unit today, for asking whose number is released."""
    return [(row.id, row.name, local_display(row.phone) if row.phone else "")
            for row in _people([node.id], (Duty.GRID_WORKER,))]  # fmt: skip


def _serving(nodes: list[int], duties: tuple[Duty, ...], released: Sequence[int]) -> tuple[Server, ...]:
    return _unique(*(
        Server(row.name, row.title, local_display(row.phone) if row.id in released and row.phone else "")
        for row in _people(nodes, duties)
    ))  # fmt: skip


def _people(nodes: list[int], duties: tuple[Duty, ...]) -> Sequence[Any]:
    """Heads of the township stand on a group's board although its cadre does not see the township's rows: names of
    office holders are public, so the units alone decide here."""
    worker, duty, day = GridWorker.__table__, Assignment.__table__, today()
    query = (
        select(worker.c.id, worker.c.name, worker.c.title, worker.c.phone)
        .join_from(worker, duty, duty.c.worker_id == worker.c.id)
        .where(duty.c.node_id.in_(nodes), duty.c.duty.in_(duties), duty.c.from_on <= day, worker.c.is_active)
        .where(or_(duty.c.to_on.is_(None), duty.c.to_on >= day))
        .order_by(duty.c.position.asc().nulls_last(), worker.c.id)
    )
    found: Sequence[Any] = db.session.execute(vouched(query)).all()
    return found


def _area_leads(node: GridNode) -> tuple[Server, ...]:
    day = today()
    query = (
        select(GridWorker)
        .join(SubAreaLead, SubAreaLead.worker_id == GridWorker.id)
        .join(SubArea, SubArea.id == SubAreaLead.sub_area_id)
        .join(SubAreaUnit, SubAreaUnit.sub_area_id == SubArea.id)
        .where(SubAreaUnit.node_id == node.id, SubAreaUnit.from_on <= day, SubAreaLead.from_on <= day)
        .where(or_(SubAreaUnit.to_on.is_(None), SubAreaUnit.to_on >= day))
        .where(or_(SubAreaLead.to_on.is_(None), SubAreaLead.to_on >= day))
    )
    return tuple(Server(one.name, one.title) for one in db.session.scalars(query).unique())


def _unique(*servers: Server) -> tuple[Server, ...]:
    return tuple(dict.fromkeys(servers))
