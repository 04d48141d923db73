"""Deciding form 20: an approved proposal becomes an assignment, and ends the one it replaces. History stays (D0-10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from app.domain.msgids import N_
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.ages import judge_age
from app.domain.worker_files.words import AgeState, ProposalState, may_move
from app.extensions import clock
from app.models import Assignment, GridWorker, WorkerIdentity, WorkerProposal
from app.queries.access import system_access
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files.rules import limits_of
from app.services.worker_files import age_exceptions, handovers, people
from app.services.worker_files.proposals import BLOCKED, NEEDS_EXCEPTION
from app.services.worker_files.refusals import must_lead_place, refuse


def refuse_proposal(session: Any, proposal_id: int, note: str) -> WorkerProposal:
    """Not in force; the reason goes back to who proposed. Raises Refused without one."""
    row = _locked(session, proposal_id, ProposalState.REFUSED)
    if not note.strip():
        raise refuse("note", N_("Say why it is refused."))
    return _decided(session, row, ProposalState.REFUSED, note)


def withdraw(session: Any, proposal_id: int, note: str = "") -> WorkerProposal:
    row = _locked(session, proposal_id, ProposalState.WITHDRAWN)
    return _decided(session, row, ProposalState.WITHDRAWN, note)


def approve(session: Any, proposal_id: int, note: str = "") -> WorkerProposal:
    """In force from the proposal's day. Raises LookupError, InvalidTransition (decided already), Refused.

    That the grid has a new worker is queued for publicity and for the platform as every assignment is, when it is
    flushed (app.services.grid_care.sync_events, D0-11, D0-12).
    """
    row = _locked(session, proposal_id, ProposalState.APPROVED)
    if row.proposed_by_id is not None and row.proposed_by_id == current_access().user_id:
        raise refuse("", N_("Somebody else decides about what you proposed."))
    _check_age_again(row)
    worker = _worker_of(session, row)
    predecessor = _end_predecessor(session, row, worker)
    assignment = Assignment(worker_id=worker.id, node_id=row.node_id, duty=row.duty, from_on=row.from_on,
                            is_demo=row.is_demo)  # fmt: skip
    session.add(assignment)
    session.flush()
    row.worker_id, row.assignment_id = worker.id, assignment.id
    _keep_facts(session, row, worker)
    _decided(session, row, ProposalState.APPROVED, note)
    if predecessor is not None:
        handovers.hand_over(session, row, row.node, predecessor, worker.id)
    return row


def _locked(session: Any, proposal_id: int, wanted: ProposalState) -> WorkerProposal:
    row: WorkerProposal | None = session.get(WorkerProposal, proposal_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no proposal {proposal_id}")
    must_lead_place(row.node)
    if not may_move(row.state, wanted):
        raise InvalidTransition(row.state, wanted)
    return row


def _decided(session: Any, row: WorkerProposal, state: ProposalState, note: str) -> WorkerProposal:
    row.state, row.decided_at, row.decided_by_id = state, clock.now(), current_access().user_id
    row.decision_note = note.strip()[:300]
    session.flush()
    return row


def _check_age_again(row: WorkerProposal) -> None:
    """Weeks may have passed since the proposal: what counts is the first day of service, or today if that is over."""
    on = max(row.from_on, today())
    limits = limits_of(rules_for(row.node_id, on))
    finding = judge_age(row.born_on, on, limits, row.exception_until)
    said = {"on": on, "age": finding.age, "most": limits.exception or limits.most}
    if finding.state is AgeState.BLOCKED:
        raise refuse("", BLOCKED, **said)
    if finding.state is AgeState.OVER:
        raise refuse("", NEEDS_EXCEPTION, **(said | {"most": limits.most}))


def _worker_of(session: Any, row: WorkerProposal) -> GridWorker:
    """The person by ID number; a new one is entered here, which is the county's own act done by the approval."""
    with system_access():
        known = people.find_by_id_number(session, row.id_hash or "")
        if known is None:
            title = rules_for(row.node_id, row.from_on).worker.title
            worker = GridWorker(name=row.name, title=title, phone=row.phone, phone_tail=row.phone_tail,
                                is_demo=row.is_demo)  # fmt: skip
            session.add(worker)
            session.flush()
            people.store_id_number(session, worker, people.read_id_number(row.id_number or "", today()))
            return worker
        found: GridWorker = session.get_one(GridWorker, known)
        found.is_active = True
        if row.phone:
            found.phone, found.phone_tail = row.phone, row.phone_tail
        session.flush()
        return found


def _end_predecessor(session: Any, row: WorkerProposal, worker: GridWorker) -> int | None:
    """End date on the day before; the worker whose place is taken, or None for a first appointment."""
    if row.replaces_id is None:
        return None
    old: Assignment = session.get_one(Assignment, row.replaces_id)
    handovers.require_other(old.worker_id, worker.id)
    last = row.from_on - timedelta(days=1)
    if (old.to_on is not None and old.to_on < last) or last < old.from_on:
        raise refuse("", N_("The present worker's assignment has changed since. Refuse this and propose anew."))
    old.to_on = last
    session.flush()
    return old.worker_id


def _keep_facts(session: Any, row: WorkerProposal, worker: GridWorker) -> None:
    """Identities, conditions, duty sheet and exception as the approved form says."""
    with system_access():  # the new worker's assignment is of this very transaction
        _keep_identities(session, row, worker)
        if row.checks:
            people.record_checks(session, worker, row.checks, min(today(), row.from_on), user_id=row.proposed_by_id)
        if row.post or row.duties:
            people.set_duties(session, worker, row.post, row.duties)
    if row.exception_until is not None:
        age_exceptions.grant(session, worker, row.node, row.from_on, row.exception_until, row.exception_reason,
                             row.proposed_by_id)  # fmt: skip


def _keep_identities(session: Any, row: WorkerProposal, worker: GridWorker) -> None:
    query = select(WorkerIdentity.code).where(WorkerIdentity.worker_id == worker.id)
    known = set(session.scalars(query.where(or_(WorkerIdentity.to_on.is_(None), WorkerIdentity.to_on >= row.from_on))))
    for code in row.identities:
        if code not in known:
            session.add(WorkerIdentity(worker_id=worker.id, code=code, from_on=row.from_on, is_demo=row.is_demo))
    session.flush()
