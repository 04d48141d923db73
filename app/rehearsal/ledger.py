"""What the product's database says of the same quarter, in plain rows for the invariants to hold against the trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.domain.enums import AttemptState
from app.models import Answer, Attempt, OptOut, Phone, Recording, Visit
from app.services.dialogues_state import Dialogue


@dataclass(frozen=True)
class AttemptRow:
    """One call or text. `number` is E.164."""

    id: int
    token: str
    carrier_id: str | None
    contact_id: int | None
    household_id: int
    channel: str
    purpose: str
    is_inbound: bool
    state: AttemptState
    outcome: str | None
    number: str
    duration_s: int | None
    segments: int | None
    closes_duty: bool  # identity confirmed and at least one question answered

    @property
    def is_final(self) -> bool:
        return self.state in FINAL


@dataclass
class Ledger:
    attempts: dict[str, AttemptRow]  # by token
    visits: dict[int, int]  # attempt id → visits
    answers: dict[int, list[str]]  # attempt id → digits in their order
    opt_outs: list[tuple[str, datetime, datetime | None]]  # number, from, until
    recordings: dict[str, tuple[int, int, bool]]  # carrier id → attempt id, household id, audio stored


FINAL = {AttemptState.DONE, AttemptState.FAILED, AttemptState.CANCELLED}


def read(session: Any) -> Ledger:
    """The ledger of the whole database; under system access."""
    numbers = {row.e164_hash: row.e164 for row in session.execute(select(Phone.e164_hash, Phone.e164))}
    visits: dict[int, int] = {}
    for attempt_id in session.scalars(select(Visit.attempt_id).where(Visit.channel.in_(["auto_call", "sms"]))):
        if attempt_id is not None:
            visits[attempt_id] = visits.get(attempt_id, 0) + 1
    answers: dict[int, list[str]] = {}
    for row in session.execute(select(Answer.attempt_id, Answer.digits).order_by(Answer.attempt_id, Answer.sequence)):
        if row.attempt_id is not None and row.digits:
            answers.setdefault(row.attempt_id, []).append(row.digits)
    return Ledger(
        attempts={row.token: row for row in _attempts(session, numbers)},
        visits=visits,
        answers=answers,
        opt_outs=[(numbers[row.e164_hash], row.at, row.revoked_at) for row in session.scalars(select(OptOut))
                  if row.e164_hash in numbers],
        recordings={row.carrier_id: (row.attempt_id, row.household_id, row.audio is not None)
                    for row in session.scalars(select(Recording))},
    )  # fmt: skip


def _attempts(session: Any, numbers: dict[str, str]) -> Iterable[AttemptRow]:
    for attempt in session.scalars(select(Attempt)):
        dialogue = Dialogue.from_json(attempt.ivr_state) if attempt.ivr_state else None
        yield AttemptRow(
            id=attempt.id, token=attempt.token, carrier_id=attempt.carrier_id, contact_id=attempt.contact_id,
            household_id=attempt.household_id, channel=attempt.channel, purpose=attempt.purpose,
            is_inbound=attempt.is_inbound, state=attempt.state, outcome=attempt.outcome and str(attempt.outcome),
            number=numbers.get(attempt.phone_hash, ""), duration_s=attempt.duration_s, segments=attempt.segments,
            closes_duty=dialogue is not None and _answered_here(dialogue),
        )  # fmt: skip


def _answered_here(dialogue: Dialogue) -> bool:
    """Identity confirmed in this very call and a question answered in it (`base` marks where the call began)."""
    return any(
        state.identified and any(a.counts and a.confirmed and a.seq >= dialogue.base for a in state.answers.values())
        for state in (*dialogue.earlier, dialogue.state)
    )
