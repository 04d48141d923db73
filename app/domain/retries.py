"""What to do next for a household that is not yet reached: the retry matrix applied to what happened so far.

Attempts do not run out without the phone having rung: an outcome that rang nobody's phone uses up no attempt, and only
`max_total` bounds it. Pure: the caller brings the history, the numbers and the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.domain.enums import AttemptOutcome, Daypart, PhoneState, StepKind, StepReason
from app.domain.retry_policy import After, RetryPolicy, RetryRule
from app.domain.windows import CallingWindows, ChosenTime, PreferredHours, next_allowed

SMS_OUTCOMES = frozenset({AttemptOutcome.DELIVERED, AttemptOutcome.UNDELIVERED, AttemptOutcome.SMS_REPLIED})
DIALLABLE = frozenset({PhoneState.ACTIVE, PhoneState.POWERED_OFF, PhoneState.SUSPENDED})
_DEAD = frozenset({AttemptOutcome.INVALID_NUMBER, AttemptOutcome.WRONG_PERSON})
_REACHED = frozenset({AttemptOutcome.COMPLETED, AttemptOutcome.SMS_REPLIED})
_NOON, _DUSK = time(12), time(18)
_DAYPART_SEARCH = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Past:
    """One finished attempt. `at` aware, when it was sent; `rang` None: the rule of the outcome decides.

    Fallback texts belong in the history, notices sent before the first call do not.
    """

    outcome: AttemptOutcome
    at: datetime
    phone_id: int
    daypart: Daypart
    rang: bool | None = None


@dataclass(frozen=True, slots=True)
class PhoneChoice:
    """`priority`: the smallest is called first. `textable`: False for a landline."""

    id: int
    priority: int
    state: PhoneState
    textable: bool = True


@dataclass(frozen=True, slots=True)
class Next:
    """`not_before` UTC: when the call or text may leave (it lies in a window), or when to hand over to the worker.

    `phone_id` is set for calls and texts only.
    """

    kind: StepKind
    phone_id: int | None
    not_before: datetime
    reason: StepReason


@dataclass(frozen=True, slots=True)
class CalleeTimes:
    """Everything that decides when this household's phone may ring."""

    zone: ZoneInfo
    windows: CallingWindows
    preferred: PreferredHours | None = None
    chosen: ChosenTime | None = None

    def next(self, instant: datetime) -> datetime | None:
        return next_allowed(instant, self.zone, self.windows, self.preferred, self.chosen)

    def day(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()


def daypart_of(instant: datetime, zone: ZoneInfo) -> Daypart:
    """Third of the callee's day: morning until 12:00, afternoon until 18:00, then evening."""
    local = instant.astimezone(zone).time()
    if local < _NOON:
        return Daypart.MORNING
    return Daypart.AFTERNOON if local < _DUSK else Daypart.EVENING


def next_step(
    policy: RetryPolicy,
    history: Sequence[Past],
    phones: Sequence[PhoneChoice],
    now: datetime,
    zone: ZoneInfo,
    windows: CallingWindows,
    *,
    preferred: PreferredHours | None = None,
    chosen: ChosenTime | None = None,
    can_sms: bool = False,
) -> Next:
    """Decide for one open contact. `history` oldest first, this campaign only; `can_sms`: a two-way text can be sent
    and none is under way. Raises ValueError for a naive `now`."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    plan = _Plan(policy, history, phones, now.astimezone(UTC), CalleeTimes(zone, windows, preferred, chosen), can_sms)
    return plan.decide()


class _Plan:
    """One decision: the questions `next_step` asks of the history."""

    def __init__(
        self,
        policy: RetryPolicy,
        history: Sequence[Past],
        phones: Sequence[PhoneChoice],
        now: datetime,
        times: CalleeTimes,
        can_sms: bool,
    ) -> None:
        self.policy = policy
        self.now = now
        self.times = times
        self.last = history[-1] if history else None
        self.calls = [past for past in history if past.outcome not in SMS_OUTCOMES]
        self.rung = [past for past in self.calls if self._rang(past)]
        self.outcomes = {past.outcome for past in history}
        self.can_sms = can_sms and len(self.calls) == len(history)  # one fallback text a round
        self.dead = {past.phone_id for past in history if past.outcome in _DEAD}
        usable = [phone for phone in phones if phone.state in DIALLABLE and phone.id not in self.dead]
        self.phones = sorted(usable, key=lambda phone: (phone.priority, phone.id))

    def decide(self) -> Next:
        if self.last is None:
            return self._first()
        rule = self.policy.rules[self.last.outcome]
        ended = self._ended(rule)
        if ended is not None:
            return ended
        if self._sms_due(rule):
            return self._sms()
        if len(self.calls) >= self.policy.max_total:
            return self._worklist(StepReason.CAPPED, rule)
        if len(self.rung) >= self.policy.max_attempts:
            return self._sms() if self._may_text() else self._worklist(StepReason.EXHAUSTED, rule)
        phone_id = self._phone_after(rule)
        if phone_id is None:
            return self._no_phone_left(rule)
        return self._call(phone_id, rule)

    def _first(self) -> Next:
        if not self.phones:
            return Next(StepKind.WORKLIST, None, self.now, StepReason.NO_PHONE)
        at = self.times.next(self.now)
        if at is None:
            return Next(StepKind.WORKLIST, None, self.now, StepReason.NO_WINDOW)
        return Next(StepKind.CALL, self.phones[0].id, at, StepReason.FIRST_CALL)

    def _ended(self, rule: RetryRule) -> Next | None:
        """What the callee said or did once holds, even when the result of another attempt arrives after it."""
        if AttemptOutcome.OPTED_OUT in self.outcomes:  # obeyed whatever the policy says
            return Next(StepKind.STOP, None, self.now, StepReason.OPTED_OUT)
        if self.outcomes & _REACHED:
            return Next(StepKind.STOP, None, self.now, StepReason.REACHED)
        reason = StepReason.REFUSED if AttemptOutcome.REFUSED in self.outcomes else StepReason.EXHAUSTED
        leads_to = {self.policy.rules[outcome].next for outcome in self.outcomes}
        if After.STOP in leads_to:
            return Next(StepKind.STOP, None, self.now, reason)
        return self._worklist(reason, rule) if After.WORKLIST in leads_to else None

    def _may_text(self) -> bool:
        return self.can_sms and self.policy.sms_fallback_after is not None and self._text_to() is not None

    def _text_to(self) -> int | None:
        return next((phone.id for phone in self.phones if phone.textable), None)

    def _sms_due(self, rule: RetryRule) -> bool:
        after = self.policy.sms_fallback_after
        if not self._may_text() or after is None:
            return False
        asked_again = self.last is not None and self.last.outcome is AttemptOutcome.CALLBACK_LATER
        return rule.next is After.SMS or (len(self.rung) >= after and not asked_again)

    def _sms(self) -> Next:
        at = self.times.next(self.now)
        if at is None:
            return Next(StepKind.WORKLIST, None, self.now, StepReason.NO_WINDOW)
        return Next(StepKind.SMS, self._text_to(), at, StepReason.SMS_FALLBACK)

    def _worklist(self, reason: StepReason, rule: RetryRule) -> Next:
        """At once, except after a text: that one gets its time to be answered."""
        at = self.now
        if self.last is not None and self.last.outcome in SMS_OUTCOMES:
            at = max(at, self._after(self.last, rule))
        return Next(StepKind.WORKLIST, None, at, reason)

    def _no_phone_left(self, rule: RetryRule) -> Next:
        """Every number is dead or tried out. A text may still get through to one that only never rang."""
        if self._may_text():
            return self._sms()
        return self._worklist(StepReason.EXHAUSTED if self.phones else StepReason.NO_PHONE, rule)

    def _phone_after(self, rule: RetryRule) -> int | None:
        open_ids = [phone.id for phone in self.phones if not self._tried_out(phone.id)]
        if not open_ids:
            return None
        called = self.calls[-1].phone_id if self.calls else None
        if called is None:
            return open_ids[0]
        if rule.next is After.SAME_PHONE and called in open_ids:
            return called
        # Round the list once, beginning after the number called last; that number itself comes last.
        order = [phone.id for phone in self.phones]
        start = order.index(called) + 1 if called in order else 0
        rotation = order[start:] + order[:start]
        return next(phone_id for phone_id in rotation if phone_id in open_ids)

    def _tried_out(self, phone_id: int) -> bool:
        tries = Counter(past.outcome for past in self.calls if past.phone_id == phone_id)
        return any(count >= self.policy.rules[outcome].max_tries for outcome, count in tries.items())

    def _call(self, phone_id: int, rule: RetryRule) -> Next:
        last = self.last
        assert last is not None
        earliest = max(self.now, self._after(last, rule))
        if self.calls:
            earliest = max(earliest, self._new_day_if_needed(earliest))
        avoid = {past.daypart for past in self.rung} if rule.other_daypart else set()
        if len(avoid) == len(Daypart):
            avoid = {last.daypart}
        at = self._in_other_daypart(earliest, avoid)
        if at is None:
            return self._worklist(StepReason.NO_WINDOW, rule)
        return Next(StepKind.CALL, phone_id, at, self._why(phone_id))

    def _after(self, last: Past, rule: RetryRule) -> datetime:
        """The rule's delay, and never nearer to the last call than the spacing, even at the callee's own wish."""
        at = last.at.astimezone(UTC) + timedelta(minutes=rule.delay_minutes)
        if self.calls:
            spaced = self.calls[-1].at.astimezone(UTC) + timedelta(minutes=self.policy.min_spacing_minutes)
            at = max(at, spaced)
        return at

    def _new_day_if_needed(self, earliest: datetime) -> datetime:
        """The last attempts move to a new day while `min_days` would else be missed; a callee's wish goes first."""
        if self.calls[-1].outcome is AttemptOutcome.CALLBACK_LATER:
            return earliest
        days = {self.times.day(past.at) for past in self.rung}
        left = self.policy.max_attempts - len(self.rung)
        if not days or left > self.policy.min_days - len(days):
            return earliest
        if len(days) >= self.policy.min_days or self.times.day(earliest) not in days:
            return earliest
        tomorrow = self.times.day(earliest) + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.times.zone).astimezone(UTC)

    def _in_other_daypart(self, earliest: datetime, avoid: set[Daypart]) -> datetime | None:
        """First window in a part of the day not yet tried; if there is none within three days, the first at all."""
        first = at = self.times.next(earliest)
        while at is not None and first is not None and at - first <= _DAYPART_SEARCH:
            if daypart_of(at, self.times.zone) not in avoid:
                return at
            at = self.times.next(_next_daypart(at, self.times.zone))
        return first

    def _why(self, phone_id: int) -> StepReason:
        if not self.calls:
            return StepReason.FIRST_CALL
        before = self.calls[-1]
        if phone_id != before.phone_id:
            return StepReason.NEXT_PHONE
        if before.outcome is AttemptOutcome.CALLBACK_LATER and self.times.chosen is not None:
            return StepReason.CHOSEN_TIME
        return StepReason.RESUME if before.outcome is AttemptOutcome.PARTIAL else StepReason.RETRY

    def _rang(self, past: Past) -> bool:
        return self.policy.rules[past.outcome].counts_as_ring if past.rang is None else past.rang


def _next_daypart(at: datetime, zone: ZoneInfo) -> datetime:
    """Beginning of the following third of the day, UTC, always later than `at`."""
    local = at.astimezone(zone)
    begins = {Daypart.MORNING: _NOON, Daypart.AFTERNOON: _DUSK}.get(daypart_of(at, zone))
    on = local.date() if begins is not None else local.date() + timedelta(days=1)
    return max(datetime.combine(on, begins or time(), zone).astimezone(UTC), at + timedelta(minutes=1))
