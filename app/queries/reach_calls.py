"""What calls and texts came to: by attempt, hour of day and line, and those under way at this moment.

One grouped statement makes all three tables, so that they tell of the same instant; `CallFilter` makes the list behind
each of their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select, text

from app.domain.enums import AttemptOutcome, AttemptState
from app.extensions import db
from app.models import Attempt
from app.models.attempts import LIVE_CALL
from app.queries.reach import Unit, conditions_of_unit, read
from app.queries.scope import scoped

_O = AttemptOutcome


class CallResult(StrEnum):
    """What one call or text came to, coarse enough for a column. Each attempt has exactly one."""

    CHECKED_IN = "checked_in"  # identity confirmed and something answered
    PICKED_UP = "picked_up"  # somebody picked up, the check-in was not done
    NOT_PICKED_UP = "not_picked_up"
    OUT_OF_SERVICE = "out_of_service"  # the number itself: off, suspended, does not exist
    FAILED = "failed"  # the carrier's side
    DELIVERED = "delivered"  # a text arrived; whether it was read is not known
    NO_RESULT = "no_result"  # under way, or the carrier never told


OUTCOMES: dict[CallResult, frozenset[AttemptOutcome]] = {
    CallResult.CHECKED_IN: frozenset({_O.COMPLETED, _O.PARTIAL, _O.SMS_REPLIED}),
    CallResult.PICKED_UP: frozenset(
        {_O.SILENT, _O.HUNG_UP, _O.REFUSED, _O.WRONG_PERSON, _O.OPTED_OUT, _O.CALLBACK_LATER}
    ),
    CallResult.NOT_PICKED_UP: frozenset({_O.BUSY, _O.NO_ANSWER, _O.REJECTED, _O.VOICEMAIL}),
    CallResult.OUT_OF_SERVICE: frozenset({_O.POWERED_OFF, _O.SUSPENDED, _O.INVALID_NUMBER}),
    CallResult.FAILED: frozenset({_O.CARRIER_ERROR, _O.CANCELLED, _O.UNKNOWN, _O.UNDELIVERED}),
    CallResult.DELIVERED: frozenset({_O.DELIVERED}),
    CallResult.NO_RESULT: frozenset(),
}
_RESULT_OF = {outcome: result for result, outcomes in OUTCOMES.items() for outcome in outcomes}
UNKNOWN_HOUR = -1


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Attempts of some campaigns, narrowed. `number`: first, second … call. `hour`: of the callee's day, UNKNOWN_HOUR
    where it was not noted. `is_live`: under way now. `since` (not included) and `until`: when the request left."""

    campaign_ids: tuple[int, ...]
    unit: Unit | None = None
    is_direct: bool = False
    channel: str | None = None
    direction: Direction | None = None
    carrier: str | None = None
    number: int | None = None
    hour: int | None = None
    result: CallResult | None = None
    state: AttemptState | None = None
    is_live: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        yield Attempt.campaign_id.in_(self.campaign_ids)
        yield from conditions_of_unit(Attempt, self.unit, is_direct=self.is_direct)
        if self.direction is not None:
            yield Attempt.is_inbound.is_(self.direction is Direction.IN)
        if self.is_live:
            yield text(LIVE_CALL)  # type: ignore[misc]
        for column, value in ((Attempt.channel, self.channel), (Attempt.carrier, self.carrier),
                              (Attempt.number, self.number), (Attempt.state, self.state)):  # fmt: skip
            if value is not None:
                yield column == value
        if self.hour is not None:
            yield Attempt.hour.is_(None) if self.hour == UNKNOWN_HOUR else Attempt.hour == self.hour
        if self.result is not None:
            outcomes = OUTCOMES[self.result]
            yield Attempt.outcome.in_(sorted(outcomes)) if outcomes else Attempt.outcome.is_(None)
        if self.since is not None:
            yield Attempt.submitted_at > self.since
        if self.until is not None:
            yield Attempt.submitted_at <= self.until


@dataclass(frozen=True, slots=True)
class CallGroup:
    """So many attempts that agree in everything a table distinguishes."""

    channel: str
    direction: Direction
    carrier: str
    number: int
    hour: int
    result: CallResult
    count: int

    @property
    def is_checkin_call(self) -> bool:
        """A call of ours: what the tables by attempt and by hour count."""
        return self.channel == "voice" and self.direction is Direction.OUT


Results = dict[CallResult, int]


def list_groups(chosen: CallFilter) -> list[CallGroup]:
    key = (Attempt.channel, Attempt.is_inbound, Attempt.carrier, Attempt.number, Attempt.hour, Attempt.outcome)
    query = select(*key, func.count(Attempt.id)).where(*chosen.conditions()).group_by(*key)
    return [
        CallGroup(channel, Direction.IN if inbound else Direction.OUT, carrier, number,
                  UNKNOWN_HOUR if hour is None else hour, result_of(outcome), count)
        for channel, inbound, carrier, number, hour, outcome, count in read(query, Attempt)
    ]  # fmt: skip


def result_of(outcome: AttemptOutcome | None) -> CallResult:
    """Raises KeyError for an outcome without a column, rather than leaving it out of the sums."""
    return CallResult.NO_RESULT if outcome is None else _RESULT_OF[outcome]


def fold(groups: list[CallGroup], key: Callable[[CallGroup], Any]) -> dict[Any, Results]:
    """Results by `key`, in its order; every result is there, 0 where none."""
    found: dict[Any, Results] = {}
    for group in groups:
        found.setdefault(key(group), dict.fromkeys(CallResult, 0))[group.result] += group.count
    return dict(sorted(found.items()))


def count_calls(chosen: CallFilter) -> int:
    return db.session.scalar(scoped(select(func.count(Attempt.id)).where(*chosen.conditions()), Attempt)) or 0
