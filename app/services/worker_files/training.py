"""Planning and holding trainings, and handing out the handbook (D0-49…D0-53)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.words import TrainingState, may_move
from app.extensions import clock
from app.models import GridNode, Handbook, HandbookReceipt, TrainingAttendance, TrainingSession
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files.people import leads, list_posts, own_worker_id
from app.services.worker_files.refusals import Refused, Trouble, must_lead, refuse

MOST_BYTES = 5 * 1024 * 1024
KINDS = {b"%PDF": ".pdf", b"PK\x03\x04": ".docx"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A round as planned. `hours` as typed, '' for not known yet."""

    title: str
    kind: str
    planned_on: date | None
    place: str = ""
    trainer: str = ""
    hours: str = ""
    is_meeting: bool = False
    note: str = ""


def plan_session(session: Any, node: GridNode, plan: Plan) -> TrainingSession:
    """For the workers of the unit and all below it. Whether a meeting counts, the rules of the place say (D0-52)."""
    rule = rules_for(node.id, plan.planned_on or today()).training
    troubles: dict[str, Trouble] = {}
    if not plan.title.strip():
        troubles["title"] = Trouble(N_("Say what it is about."))
    if plan.planned_on is None:
        troubles["planned_on"] = Trouble(N_("Say on which day."))
    if not plan.kind or (rule.kinds and plan.kind not in rule.kinds):
        troubles["kind"] = Trouble(N_("Choose one from the list."))
    hours = _hours(plan.hours, troubles)
    if troubles or plan.planned_on is None:
        raise Refused(troubles)
    row = TrainingSession(node_id=node.id, year=plan.planned_on.year, kind=plan.kind, title=plan.title.strip()[:100],
                          planned_on=plan.planned_on, hours=hours, place=plan.place.strip()[:100],
                          trainer=plan.trainer.strip()[:60], is_meeting=plan.is_meeting,
                          counts=not plan.is_meeting or bool(rule.meetings_count), note=plan.note.strip()[:300],
                          created_by_id=current_access().user_id)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _hours(typed: str, troubles: dict[str, Trouble]) -> Decimal | None:
    if not typed.strip():
        return None
    try:
        hours = Decimal(typed.strip())
    except InvalidOperation:
        hours = Decimal(-1)
    if not hours.is_finite() or not 0 < hours <= 200 or hours != hours.quantize(Decimal("0.1")):
        troubles["hours"] = Trouble(N_("Hours are a number above 0 and up to 200, with one decimal at most."))
        return None
    return hours


def hold(session: Any, session_id: int, held_on: date | None, present: Iterable[int]) -> TrainingSession:
    """Enter the sign-in sheet. `present`: worker ids; those one does not lead are refused. Entering it again replaces
    the sheet, so that a name forgotten can be added."""
    row = _locked(session, session_id)
    if row.state is not TrainingState.HELD and not may_move(row.state, TrainingState.HELD):
        raise InvalidTransition(row.state, TrainingState.HELD)
    if held_on is None or held_on > today():
        raise refuse("held_on", N_("The day is missing or lies in the future."))
    wanted = set(present)
    allowed = {post.worker_id for post in list_posts(held_on, row.node)} | {
        post.worker_id for post in list_posts(today(), row.node)}  # fmt: skip
    if not wanted:
        raise refuse("present", N_("Tick who was there; a training without anybody was not held."))
    if wanted - allowed:
        raise refuse("present", N_("Somebody on the sheet does not serve this unit. Open the sheet again."))
    known = {one.worker_id: one for one in session.scalars(
        select(TrainingAttendance).where(TrainingAttendance.session_id == row.id))}  # fmt: skip
    for worker_id in set(known) - wanted:
        session.delete(known[worker_id])
    by = current_access().user_id
    session.add_all(
        TrainingAttendance(session_id=row.id, worker_id=key, recorded_by_id=by, is_demo=row.is_demo)
        for key in sorted(wanted - set(known))
    )
    row.state, row.held_on, row.year = TrainingState.HELD, held_on, held_on.year
    session.flush()
    return row


def cancel(session: Any, session_id: int, note: str) -> TrainingSession:
    """Raises Refused without a reason, InvalidTransition for one that was held."""
    row = _locked(session, session_id)
    if not may_move(row.state, TrainingState.CANCELLED):
        raise InvalidTransition(row.state, TrainingState.CANCELLED)
    if not note.strip():
        raise refuse("note", N_("Say why it does not take place."))
    row.state, row.note = TrainingState.CANCELLED, note.strip()[:300]
    session.flush()
    return row


def _locked(session: Any, session_id: int) -> TrainingSession:
    row: TrainingSession | None = session.get(TrainingSession, session_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no training {session_id}")
    return row


# ---------------------------------------------------------------- handbook


def issue_handbook(
    session: Any, node: GridNode, title: str, version: str, issued_on: date | None, body: str, file_name: str = "",
    content: bytes = b"",
) -> Handbook:  # fmt: skip
    """A new version, as a page, a PDF or Word file, or both. Raises Refused."""
    troubles: dict[str, Trouble] = {}
    if not title.strip():
        troubles["title"] = Trouble(N_("The title is missing."))
    if not version.strip() or len(version.strip()) > 20:
        troubles["version"] = Trouble(N_("A version has 1 to 20 characters, such as 2026-1."))
    if issued_on is None:
        troubles["issued_on"] = Trouble(N_("Say on which day."))
    if not body.strip() and not content:
        troubles["body"] = Trouble(N_("Write the handbook here or choose a file."))
    ending = next((kind for start, kind in KINDS.items() if content.startswith(start)), "")
    if len(content) > MOST_BYTES:
        troubles["file"] = Trouble(N_("The file is larger than 5 MB."))
    elif content and not ending:
        troubles["file"] = Trouble(N_("Only PDF and Word (docx) files can be kept."))
    if troubles or issued_on is None:
        raise Refused(troubles)
    same = select(Handbook.id).where(Handbook.node_id == node.id, Handbook.version == version.strip())
    if session.scalar(same) is not None:
        raise refuse("version", N_("This version exists already. Give the new one a number of its own."))
    stem = file_name.rsplit(".", 1)[0].strip() or title.strip()
    row = Handbook(node_id=node.id, title=title.strip()[:100], version=version.strip(), issued_on=issued_on,
                   body=body.strip(), content=content or None, file_name=f"{stem[:100]}{ending}" if content else "",
                   created_by_id=current_access().user_id)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def hand_out(session: Any, handbook_id: int, worker_ids: Iterable[int], handed_on: date | None) -> int:
    """Note whom it was given to; those who have it already are left as they are. How many were new."""
    handbook: Handbook | None = session.get(Handbook, handbook_id)
    if handbook is None:
        raise LookupError(f"no handbook {handbook_id}")
    if handed_on is None or handed_on > today() or handed_on < handbook.issued_on:
        raise refuse("handed_on", N_("The day lies in the future or before the handbook was issued."))
    wanted = set(worker_ids)
    if not wanted:
        raise refuse("workers", N_("Tick who was given it."))
    for worker_id in sorted(wanted):
        must_lead(worker_id)
    have = set(session.scalars(select(HandbookReceipt.worker_id).where(HandbookReceipt.handbook_id == handbook_id)))
    by = current_access().user_id
    session.add_all(
        HandbookReceipt(handbook_id=handbook_id, worker_id=key, handed_on=handed_on, handed_by_id=by,
                        is_demo=handbook.is_demo) for key in sorted(wanted - have)
    )  # fmt: skip
    session.flush()
    return len(wanted - have)


def confirm_receipt(session: Any, handbook_id: int, worker_id: int | None = None) -> HandbookReceipt:
    """The worker's own signature in the app, or the paper one noted by who leads them. Twice changes nothing."""
    key = worker_id if worker_id is not None else own_worker_id()
    if key is None or (key != own_worker_id() and not leads(key)):
        raise LookupError("no such worker")
    query = select(HandbookReceipt).where(HandbookReceipt.handbook_id == handbook_id, HandbookReceipt.worker_id == key)
    row: HandbookReceipt | None = session.scalar(query)
    if row is None:
        if session.get(Handbook, handbook_id) is None:
            raise LookupError(f"no handbook {handbook_id}")
        row = HandbookReceipt(handbook_id=handbook_id, worker_id=key, handed_on=today(), received_at=clock.now())
        session.add(row)
    elif row.received_at is None:
        row.received_at = clock.now()
    session.flush()
    return row
