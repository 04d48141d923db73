"""Handing in a roster (D4-21), and naming workers for checks and measures (D0-34)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.worker_files.words import ParticipationKind
from app.models import Clue, GridNode, GridWorker, Household, Participation, RosterFiling
from app.queries.scope import current_access, today
from app.queries.worker_files.people import own_worker_id
from app.queries.worker_files.rules import Rulebook
from app.queries.worker_files.staffing import roster_of
from app.services.worker_files.refusals import Refused, Trouble, must_lead, refuse


def file_roster(session: Any, node: GridNode, code: str, filed_on: date | None) -> RosterFiling:
    """Who stands on the roster is kept with the filing. Late is late, and said so. Raises Refused."""
    if filed_on is None or filed_on > today():
        raise refuse("filed_on", N_("The day is missing or lies in the future."))
    rule = next((one for one in Rulebook(today()).at(node).one_off if one.code == code), None)
    if rule is None:
        raise refuse("", N_("The rules of this place ask for no such filing."))
    known = select(RosterFiling.id).where(RosterFiling.node_id == node.id, RosterFiling.code == code,
                                          RosterFiling.due_on == rule.due_on)  # fmt: skip
    if session.scalar(known) is not None:
        raise refuse("", N_("This roster has been handed in already."))
    people = sorted({post.worker_id for post in roster_of(node, today())})
    if not people:
        raise refuse("", N_("Nobody stands on this roster yet. Appoint somebody first."))
    row = RosterFiling(node_id=node.id, code=code, due_on=rule.due_on, filed_on=filed_on, people=len(people),
                       worker_ids=people, filed_by_id=current_access().user_id)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def name_participant(
    session: Any, household: Household, worker: GridWorker, kind: str, what: str, clue: Clue | None = None
) -> Participation:
    """Ask a worker to take part in a check of a household or a measure for it. Raises Refused."""
    must_lead(worker.id)
    troubles: dict[str, Trouble] = {}
    if kind not in set(ParticipationKind):
        troubles["kind"] = Trouble(N_("Choose one from the list."))
    if not what.strip():
        troubles["what"] = Trouble(N_("Say what is to be done."))
    if troubles:
        raise Refused(troubles)
    row = Participation(household_id=household.id, worker_id=worker.id, kind=ParticipationKind(kind),
                        what=what.strip()[:200], named_on=today(), named_by_id=current_access().user_id,
                        clue_id=clue.id if clue is not None else None, is_demo=household.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def report_participation(session: Any, participation_id: int, done_on: date | None, result: str) -> Participation:
    """By the worker who was named, or who leads them. Twice changes nothing."""
    row: Participation | None = session.get(Participation, participation_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no participation {participation_id}")
    if row.worker_id != own_worker_id():
        must_lead(row.worker_id)
    if row.done_on is not None:
        return row
    if done_on is None or not row.named_on <= done_on <= today():
        raise refuse("done_on", N_("The day lies in the future or before the worker was named."))
    if not result.strip():
        raise refuse("result", N_("Say what came of it."))
    row.done_on, row.result = done_on, result.strip()[:300]
    session.flush()
    return row


def list_participations(session: Any, worker_id: int) -> list[Participation]:
    query = select(Participation).where(Participation.worker_id == worker_id)
    return list(session.scalars(query.order_by(Participation.named_on.desc(), Participation.id.desc()).limit(50)))
