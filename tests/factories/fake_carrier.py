"""A carrier in memory: takes calls and texts, tells what it was told to, and can fail as carriers fail."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.extensions import clock
from telephony.errors import CarrierError, Verdict
from telephony.ports import (
    AnsweredBy,
    CallSnapshot,
    CallState,
    Capabilities,
    OutboundCall,
    OutboundSms,
    SmsSnapshot,
    SmsState,
    Submission,
)

TIMED_OUT = CarrierError("timeout", Verdict.UNKNOWN)
REFUSED_429 = CarrierError("http-429", Verdict.RETRYABLE)
NO_SUCH_NUMBER = CarrierError("21211", Verdict.PERMANENT, blames_number=True)


@dataclass
class FakeCarrier:
    """`placed`, `sent`: every request it accepted, with the instant. `fail_next`: raised by the next request; with
    `places_anyway` the request is accepted all the same (the answer got lost). `before_answer` runs inside the request,
    after it was accepted (a callback that overtakes)."""

    name: str = "simulator"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(two_way_sms=False, calls_per_second=10.0))
    calls: dict[str, CallSnapshot] = field(default_factory=dict)
    messages: dict[str, SmsSnapshot] = field(default_factory=dict)
    placed: list[tuple[datetime, OutboundCall]] = field(default_factory=list)
    sent: list[tuple[datetime, OutboundSms]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    fail_next: CarrierError | None = None
    fail_asked: CarrierError | None = None
    places_anyway: bool = False
    before_answer: Callable[[str], None] | None = None
    latency: Callable[[], None] | None = None
    series: int = 0  # begins its ids; another for each process that plays the same carrier
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def place(self, call: OutboundCall) -> Submission:
        with self._lock:
            failure, self.fail_next = self.fail_next, None
            carrier_id = f"CA{self.series:010d}{len(self.calls) + 1:022d}"
            if failure is None or self.places_anyway:
                self.placed.append((clock.now(), call))
                self.calls[carrier_id] = CallSnapshot(carrier_id, call.to, CallState.QUEUED, "queued", clock.now())
        if self.latency is not None:
            self.latency()
        if failure is not None:
            raise failure
        if self.before_answer is not None:
            self.before_answer(carrier_id)
        return Submission(carrier_id, CallState.QUEUED)

    def send(self, sms: OutboundSms) -> Submission:
        with self._lock:
            failure, self.fail_next = self.fail_next, None
            carrier_id = f"SM{len(self.messages) + 1:032d}"
            if failure is None or self.places_anyway:
                self.sent.append((clock.now(), sms))
                snapshot = SmsSnapshot(carrier_id, sms.to, sms.body, SmsState.QUEUED, "queued", clock.now())
                self.messages[carrier_id] = snapshot
        if failure is not None:
            raise failure
        return Submission(carrier_id, SmsState.QUEUED, 2)

    def cancel_call(self, carrier_id: str) -> None:
        self.cancelled.append(carrier_id)
        self.becomes(carrier_id, CallState.CANCELLED)

    def fetch_call(self, carrier_id: str) -> CallSnapshot | None:
        self._maybe_fail()
        return self.calls.get(carrier_id)

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        self._maybe_fail()
        return [call for call in self.calls.values() if call.to == to and (call.created_at or since) >= since]

    def find_messages(self, to: str, since: datetime) -> list[SmsSnapshot]:
        self._maybe_fail()
        return [sms for sms in self.messages.values() if sms.to == to and (sms.created_at or since) >= since]

    def fetch_message(self, carrier_id: str) -> SmsSnapshot | None:
        self._maybe_fail()
        return self.messages.get(carrier_id)

    def fetch_recording(self, recording_id: str) -> tuple[bytes, str] | None:
        return None

    def becomes(self, carrier_id: str, state: CallState, *, seconds: int = 0, by: AnsweredBy | None = None) -> None:
        """What the carrier lists from now on."""
        ended_at = clock.now() if state.is_terminal else None
        self.calls[carrier_id] = replace(self.calls[carrier_id], state=state, raw_state=str(state), ended_at=ended_at,
                                         duration_s=seconds, answered_by=by)  # fmt: skip

    def message_becomes(self, carrier_id: str, state: SmsState) -> None:
        self.messages[carrier_id] = replace(self.messages[carrier_id], state=state, raw_state=str(state))

    def _maybe_fail(self) -> None:
        if self.fail_asked is not None:
            raise self.fail_asked
