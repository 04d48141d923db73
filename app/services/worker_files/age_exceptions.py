"""Leave to serve above the age limit: asked for, granted by somebody else, ended (D0-08)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.transitions import InvalidTransition
from app.domain.worker_files.ages import Limits, age_on, longest_exception
from app.domain.worker_files.words import ExceptionState, may_move
from app.extensions import clock
from app.models import AgeException, GridNode, GridWorker
from app.queries.policy import rules_for
from app.queries.scope import current_access, today
from app.queries.worker_files.rules import limits_of
from app.services.worker_files.refusals import Refused, Trouble, must_lead, refuse

NO_EXCEPTIONS = N_("The rules of this place allow no exception to the age limit.")
TOO_OLD = N_("At %(age)d nobody may serve: the highest age with an exception is %(most)d.")
TOO_LONG = N_("An exception may run until %(last)s at the latest: after that day the highest age is passed.")


def check_exception(
    limits: Limits, born_on: date, from_on: date, until: date | None, reason: str
) -> dict[str, Trouble]:
    """Everything that forbids an exception from `from_on` to `until`, by field; empty when it may be."""
    last = longest_exception(born_on, limits)
    if last is None or limits.exception is None:
        return {"until": Trouble(NO_EXCEPTIONS)}
    age = age_on(born_on, from_on)
    if age > limits.exception:
        return {"": Trouble(TOO_OLD, {"age": age, "most": limits.exception})}
    troubles: dict[str, Trouble] = {}
    if not reason.strip():
        troubles["reason"] = Trouble(N_("Say which special circumstances of this grid make the exception necessary."))
    if until is None:
        troubles["until"] = Trouble(N_("An exception needs a last day."))
    elif until < from_on:
        troubles["until"] = Trouble(N_("It cannot end before it begins."))
    elif until > last:
        troubles["until"] = Trouble(TOO_LONG, {"last": last})
    return troubles


def request_exception(
    session: Any, worker: GridWorker, node: GridNode, from_on: date, until: date | None, reason: str
) -> AgeException:
    """Where the rules ask for no approval it is in force at once. Raises Refused."""
    must_lead(worker.id)
    if worker.born_on is None:
        raise refuse("", N_("Enter the ID number first: the age follows from it."))
    limits = limits_of(rules_for(node.id, from_on))
    troubles = check_exception(limits, worker.born_on, from_on, until, reason)
    if troubles or until is None:
        raise Refused(troubles)
    waiting = select(AgeException.id).where(AgeException.worker_id == worker.id, AgeException.node_id == node.id,
                                            AgeException.state == ExceptionState.REQUESTED)  # fmt: skip
    if session.scalar(waiting.limit(1)) is not None:
        raise refuse("", N_("An exception for this person is waiting for approval already."))
    row = AgeException(worker_id=worker.id, node_id=node.id, reason=reason.strip()[:300], from_on=from_on,
                       expires_on=until, requested_by_id=current_access().user_id, is_demo=worker.is_demo)  # fmt: skip
    if not limits.needs_approval:
        row.state, row.decided_at, row.decided_by_id = ExceptionState.GRANTED, clock.now(), current_access().user_id
    session.add(row)
    session.flush()
    return row


def grant(session: Any, worker: GridWorker, node: GridNode, from_on: date, until: date, reason: str,
          requested_by_id: int | None) -> AgeException:  # fmt: skip
    """As part of an appointment whose approval names it. The caller has run `check_exception`."""
    row = AgeException(worker_id=worker.id, node_id=node.id, reason=reason[:300], from_on=from_on, expires_on=until,
                       state=ExceptionState.GRANTED, requested_by_id=requested_by_id, decided_at=clock.now(),
                       decided_by_id=current_access().user_id, is_demo=worker.is_demo)  # fmt: skip
    session.add(row)
    session.flush()
    return row


def decide(session: Any, exception_id: int, *, approve: bool, note: str = "") -> AgeException:
    """Somebody else than who asked decides; a refusal says why. Raises LookupError, InvalidTransition, Refused."""
    row: AgeException | None = session.get(AgeException, exception_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no exception {exception_id}")
    must_lead(row.worker_id)
    state = ExceptionState.GRANTED if approve else ExceptionState.REFUSED
    _require(row.state, state)
    if row.requested_by_id is not None and row.requested_by_id == current_access().user_id:
        raise refuse("", N_("Somebody else decides about what you asked for."))
    if not approve and not note.strip():
        raise refuse("note", N_("Say why it is refused."))
    if approve and row.expires_on < today():
        raise refuse("", N_("Its last day is over. Ask for a new one."))
    row.state, row.decided_at, row.decided_by_id = state, clock.now(), current_access().user_id
    row.decision_note = note.strip()[:300]
    session.flush()
    return row


def revoke(session: Any, exception_id: int, note: str) -> AgeException:
    """End one before its day, with the reason."""
    row: AgeException | None = session.get(AgeException, exception_id, with_for_update=True)
    if row is None:
        raise LookupError(f"no exception {exception_id}")
    must_lead(row.worker_id)
    _require(row.state, ExceptionState.REVOKED)
    if not note.strip():
        raise refuse("note", N_("Say why it ends."))
    row.state, row.decision_note = ExceptionState.REVOKED, note.strip()[:300]
    row.decided_at, row.decided_by_id = clock.now(), current_access().user_id
    session.flush()
    return row


def _require(old: ExceptionState, new: ExceptionState) -> None:
    if not may_move(old, new):
        raise InvalidTransition(old, new)
