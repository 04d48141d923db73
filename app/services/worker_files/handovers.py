"""Handing a unit over: what lies open is counted, passed on, and counted again through the successor's eyes (D0-10)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from app.domain.msgids import N_
from app.extensions import clock
from app.models import GridNode, Participation, WorkerHandover, WorkerProposal
from app.queries.access import Access, using
from app.queries.scope import current_access
from app.queries.worker_files.open_work import OpenWork, open_work
from app.queries.worker_files.people import own_worker_id
from app.services.worker_files.refusals import must_lead, refuse


class HandoverLost(RuntimeError):
    """Something open before is not open after: the whole replacement is undone."""


def hand_over(session: Any, proposal: WorkerProposal, node: GridNode, from_worker_id: int, to_worker_id: int) -> (
    WorkerHandover
):  # fmt: skip
    """Tasks, contacts and clues belong to households and so to whoever serves them; what names a person is renamed.

    Raises HandoverLost when the successor would not see every single item.
    """
    before = open_work(session, node, from_worker_id)
    session.execute(
        update(Participation).where(Participation.id.in_(before.items["participations"])).values(worker_id=to_worker_id)
    )
    session.flush()
    after = _seen_by_successor(session, node, to_worker_id)
    missing = {kind: sorted(set(ids) - set(after.items[kind])) for kind, ids in before.items.items()}
    if any(missing.values()) or after.households != before.households:
        raise HandoverLost(f"unit {node.id}: {missing}")
    row = WorkerHandover(proposal_id=proposal.id, node_id=node.id, from_worker_id=from_worker_id,
                         to_worker_id=to_worker_id, at=clock.now(), items=before.items, households=before.households,
                         is_demo=proposal.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _seen_by_successor(session: Any, node: GridNode, worker_id: int) -> OpenWork:
    """What somebody sees whose only unit is this one."""
    with using(Access(user_id=0, grants=((node.depth, node.id),))):
        return open_work(session, node, worker_id)


def accept(session: Any, handover_id: int) -> WorkerHandover:
    """The successor, or who leads them, confirms to have taken over. Confirming twice changes nothing."""
    row: WorkerHandover | None = session.get(WorkerHandover, handover_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no handover {handover_id}")
    if row.to_worker_id != own_worker_id():
        must_lead(row.to_worker_id)
    if row.accepted_at is None:
        row.accepted_at, row.accepted_by_id = clock.now(), current_access().user_id
        session.flush()
    return row


def find_handover(session: Any, proposal_id: int) -> WorkerHandover | None:
    found: WorkerHandover | None = session.scalar(
        select(WorkerHandover).where(WorkerHandover.proposal_id == proposal_id)
    )
    return found


def require_other(from_worker_id: int, to_worker_id: int | None) -> None:
    if from_worker_id == to_worker_id:
        raise refuse("id_number", N_("This person serves the unit already: there is nobody to take over from."))
