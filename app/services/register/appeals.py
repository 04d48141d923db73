"""群众诉求、意见建议: recorded, answered, closed; nobody's word is lost on the way (D0-30)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.domain.msgids import N_
from app.domain.register.words import AppealKind, AppealState
from app.domain.transitions import require_move
from app.extensions import clock
from app.models import Appeal, GridNode, Household
from app.queries.scope import today

LONGEST = 500


class AppealError(ValueError):
    """`field`, and `message` and `remedy` as English msgids."""

    def __init__(self, field: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.field, self.message, self.remedy = field, message, remedy


def record(
    session: Session, *, kind: AppealKind, words: str, received_on: date, household: Household | None,
    node: GridNode | None = None, told_by: str = "", user_id: int | None,
) -> Appeal:  # fmt: skip
    """`household`: whose it is, or None with the unit `node` and perhaps a name. Raises AppealError."""
    words = _required("words", words)
    if received_on > today():
        raise AppealError("received_on", N_("The date lies in the future."), N_("Enter a day up to today."))
    if household is None and node is None:
        raise AppealError("node", N_("Nobody knows whose area this is."), N_("Choose a household or a unit."))
    appeal = Appeal(household=household, household_id=household.id if household else None, kind=kind, words=words,
                    told_by=told_by.strip()[:40] or None, received_on=received_on, created_by_id=user_id,
                    is_demo=household is not None and household.is_demo)  # fmt: skip
    if household is None and node is not None:
        appeal.node, appeal.node_id = node, node.id
    session.add(appeal)
    session.flush()
    return appeal


def answer(session: Session, appeal_id: int, words: str, *, user_id: int | None) -> Appeal:
    """Raises LookupError, InvalidTransition, AppealError."""
    appeal = _locked(session, appeal_id)
    require_move(appeal.state, AppealState.ANSWERED)
    appeal.answer = _required("answer", words)
    appeal.state, appeal.answered_at, appeal.answered_by_id = AppealState.ANSWERED, clock.now(), user_id
    session.flush()
    return appeal


def close(session: Session, appeal_id: int, words: str, *, user_id: int | None) -> Appeal:
    """`words`: what became of it. Raises LookupError, InvalidTransition, AppealError."""
    appeal = _locked(session, appeal_id)
    require_move(appeal.state, AppealState.CLOSED)
    appeal.closing = _required("closing", words)
    appeal.state, appeal.closed_at, appeal.closed_by_id = AppealState.CLOSED, clock.now(), user_id
    session.flush()
    return appeal


def reopen(session: Session, appeal_id: int) -> Appeal:
    """The answer did not settle it. Raises LookupError, InvalidTransition."""
    appeal = _locked(session, appeal_id)
    require_move(appeal.state, AppealState.OPEN)
    appeal.state = AppealState.OPEN
    session.flush()
    return appeal


def _locked(session: Session, appeal_id: int) -> Appeal:
    appeal = session.get(Appeal, appeal_id, with_for_update=True)
    if appeal is None:
        raise LookupError(f"no appeal {appeal_id}")
    return appeal


def _required(field: str, words: str) -> str:
    words = words.strip()
    if not words or len(words) > LONGEST:
        raise AppealError(field, N_("The text is missing or too long."), N_("Write up to 500 characters."))
    return words
