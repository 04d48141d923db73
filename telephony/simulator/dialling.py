"""From created to answered or not: the queue, the pace, the ringing, the end, and the bill for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import timedelta

from telephony.simulator.billing import Billing
from telephony.simulator.callbacks import Callbacks
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel, Timer
from telephony.simulator.model import Call, make_sid
from telephony.simulator.population import Persona, Population, between
from telephony.simulator.wire import Pairs, rfc2822

SIP = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}
# outcome -> (status, SIP code, seconds of ringing before it is known); None = until the ring time-out
UNANSWERED: dict[str, tuple[str, int, tuple[float, float] | None]] = {
    "busy": ("busy", 486, (0.5, 2.0)),
    "rejected": ("no-answer", 603, (2.0, 12.0)),  # Twilio tells a rejected call as no-answer
    "powered_off": ("no-answer", 480, (2.0, 6.0)),
    "suspended": ("failed", 403, (0.5, 2.0)),
    "invalid": ("failed", 404, (0.3, 1.0)),
    "no_answer": ("no-answer", 487, None),
}


def base_params(call: Call, account: str) -> list[tuple[str, str]]:
    """The parameters every voice webhook carries. API status `queued` is told as `initiated` once dialled."""
    status = "initiated" if call.status == "queued" and call.dialled_at else call.status
    return [
        ("CallSid", call.sid),
        ("AccountSid", account),
        ("From", call.from_),
        ("To", call.to),
        ("Caller", call.from_),
        ("Called", call.to),
        ("CallStatus", status),
        ("ApiVersion", "2010-04-01"),
        ("Direction", call.direction),
        *((("ParentCallSid", call.parent_sid),) if call.parent_sid else ()),
    ]


class Dialling:
    """Owns every call's status. `on_answer(call, persona, outcome)` starts the dialogue, `on_end(call)` is told."""

    def __init__(
        self, kernel: Kernel, callbacks: Callbacks, population: Population, faults: FaultPlan, billing: Billing
    ) -> None:
        self.kernel = kernel
        self.callbacks = callbacks
        self.population = population
        self.faults = faults
        self.billing = billing
        self.calls: dict[str, Call] = {}
        self.live: set[str] = set()
        self.on_answer: Callable[[Call, Persona, str], None] = lambda call, persona, outcome: None
        self.on_end: list[Callable[[Call], None]] = []
        self.on_child: dict[str, Callable[[Call], None]] = {}
        self._queue: deque[Call] = deque()
        self._waiting = 0  # calls in the queue that were not cancelled meanwhile
        self._slot_at = kernel.now
        self._pump: Timer | None = None
        self.by_number: dict[str, list[Call]] = {}
        self._timers: dict[str, list[Timer]] = {}

    # -- new calls -------------------------------------------------------------------------------------------------
    def new_call(self, to: str, from_: str, direction: str) -> Call:
        """Make a call record (not yet queued). The sid depends on seed, number and count, so order does not matter."""
        party = from_ if direction == "inbound" else to
        earlier = self.by_number.setdefault(party, [])
        nth = len(earlier) + 1
        sid = make_sid("CA", self.kernel.settings.seed, party, nth)
        call = Call(sid, to, from_, direction, self.kernel.now, nth)
        call.listed_from = self.kernel.now
        self.calls[sid] = call
        earlier.append(call)
        return call

    def enqueue(self, call: Call) -> None:
        """Queue an outbound call; it leaves when the account's pace allows, or is cancelled silently after 24 h."""
        pause = max(0.0, (self._slot_at - self.kernel.now).total_seconds())
        call.queue_ms = round((pause + self._waiting / self.kernel.settings.calls_per_second) * 1000)
        self._queue.append(call)
        self._waiting += 1
        self.kernel.log("create", call.sid, to=call.to, from_=call.from_, url=call.url, queue_ms=call.queue_ms)
        self._after(call, self.kernel.settings.queue_limit_s, lambda: self._expire(call))
        self._wake()

    def _wake(self) -> None:
        if self._queue and self._pump is None:
            wait = (self._slot_at - self.kernel.now).total_seconds()
            self._pump = self.kernel.schedule(max(0.0, wait), self._dial_next)

    def _dial_next(self) -> None:
        self._pump = None
        while self._queue:
            call = self._queue.popleft()
            if call.is_over:
                continue
            self._slot_at = self.kernel.now + timedelta(seconds=1.0 / self.kernel.settings.calls_per_second)
            if len(self.live) >= self.kernel.settings.concurrent_calls:
                self.kernel.log("error", call.sid, code=10004)
                self.finish(call, "failed", 503)
            else:
                self._waiting -= 1
                self.dial(call)
            break
        self._wake()

    def _expire(self, call: Call) -> None:
        if call.dialled_at is None and not call.is_over:
            self._queue.remove(call)
            self.finish(call, "canceled", None)

    # -- ringing ---------------------------------------------------------------------------------------------------
    def dial(self, call: Call) -> None:
        """Send the call to the network now: `initiated`, then ringing, then what the persona does."""
        self._drop_timers(call)
        call.dialled_at = call.updated_at = self.kernel.now
        self.live.add(call.sid)
        self.kernel.log("dial", call.sid, number=call.party, to=call.to, from_=call.from_, direction=call.direction)
        self.report(call, "initiated")
        rng = self.kernel.rng("setup", call.sid)
        persona = self.population.persona_for(call.party)
        local = self.kernel.now + timedelta(hours=self.kernel.settings.zone_offset_h)
        outcome = persona.outcome(call.nth, local, rng)
        self._after(call, round(rng.uniform(0.6, 2.5), 3), lambda: self._ring(call, persona, outcome))

    def _ring(self, call: Call, persona: Persona, outcome: str) -> None:
        rng = self.kernel.rng("ring", call.sid)
        limit = call.ring_timeout_s + round(rng.uniform(0.0, 5.0), 3)
        if outcome == "invalid":
            self._after(call, between((0.3, 1.0), rng), lambda: self.finish(call, "failed", 404))
            return
        self._set(call, "ringing")
        self.report(call, "ringing")
        if outcome in UNANSWERED:
            status, sip, span = UNANSWERED[outcome]
            wait = limit if span is None else min(limit, between(span, rng))
            self._after(call, wait, lambda: self.finish(call, status, sip))
            return
        wait = between(persona.answer_s, rng)
        if wait > limit:
            self._after(call, limit, lambda: self.finish(call, "no-answer", 487))
        else:
            self._after(call, wait, lambda: self.answer(call, persona, outcome))

    def answer(self, call: Call, persona: Persona, outcome: str) -> None:
        self.connect(call, outcome)
        self.on_answer(call, persona, outcome)

    def connect(self, call: Call, outcome: str) -> None:
        """The line is open and billed from now; it closes by itself after the time limit."""
        call.answered_at = self.kernel.now
        self._set(call, "in-progress", outcome=outcome)
        self.report(call, "answered")
        self._after(call, call.time_limit_s, lambda: self.finish(call, "completed", 200, by="time-limit"))

    def ring_in(self, call: Call) -> None:
        """An inbound call rings until the application's first verb answers (or rejects) it."""
        call.dialled_at = self.kernel.now
        self.live.add(call.sid)
        self.kernel.log("dial", call.sid, number=call.party, to=call.to, from_=call.from_, direction=call.direction)
        self._set(call, "ringing")

    # -- the end ---------------------------------------------------------------------------------------------------
    def finish(self, call: Call, status: str, sip: int | None, *, by: str = "network") -> None:
        """End a call for good; a call that is over stays as it is."""
        if call.is_over:
            return
        self._drop_timers(call)
        was_dialled = call.dialled_at is not None
        call.sip_code = sip
        call.ended_at = self.kernel.now
        self.live.discard(call.sid)
        self._set(call, status, sip=sip, by=by, seconds=call.duration_s)
        self.billing.call(call)
        if was_dialled:
            self.report(call, "completed")
        else:  # a call cancelled in the queue fires no callback
            self._waiting -= 1
        for listener in self.on_end:
            listener(call)
        if (child_done := self.on_child.pop(call.sid, None)) is not None:
            child_done(call)

    def report(self, call: Call, event: str) -> None:
        """Send the status callback for `event` if it was asked for."""
        sequence = call.sequence
        call.sequence += 1
        if event not in call.status_events or not call.status_url:
            return
        params = base_params(call, self.kernel.settings.account_sid)
        params += [
            ("Timestamp", rfc2822(self.kernel.now) or ""),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(sequence)),
        ]
        if call.is_over:
            params.append(("CallDuration", str(call.duration_s)))
            if call.sip_code is not None:
                params.append(("SipResponseCode", str(call.sip_code)))
        if call.status == "completed":
            params.append(("Duration", str(-(-call.duration_s // 60))))
        if call.answered_by is not None:
            params.append(("AnsweredBy", call.answered_by))
        self.callbacks.notify("status", call.sid, call.status_method, call.status_url, params, terminal=call.is_over)

    def ask(self, call: Call, url: str, method: str, extra: Pairs, done: Callable[..., None]) -> None:
        """Fetch TwiML for the call with the standard parameters and `extra`."""
        params = [*base_params(call, self.kernel.settings.account_sid), *extra]
        self.callbacks.fetch("voice", call.sid, method, url, params, done)

    def _set(self, call: Call, status: str, **fields: object) -> None:
        before, call.status, call.updated_at = call.status, status, self.kernel.now
        self.kernel.log("state", call.sid, number=call.party, before=before, after=status, **fields)

    def _after(self, call: Call, delay_s: float, action: Callable[[], None]) -> None:
        def happen() -> None:
            if not call.is_over:
                action()

        self._timers.setdefault(call.sid, []).append(self.kernel.schedule(delay_s, happen))

    def _drop_timers(self, call: Call) -> None:
        for timer in self._timers.pop(call.sid, ()):
            timer.cancel()
