"""The carrier contract: what the product asks of any carrier, and what any carrier tells the product.

Carrier words stop at the carrier's own folder (HOUSE rule 2): everything here is our vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Channel(StrEnum):
    VOICE = "voice"
    SMS = "sms"


class CallState(StrEnum):
    """Life of a call as we tell it. Terminal states never regress."""

    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNRECOGNISED = "unrecognised"  # a word we do not know: stored raw and alarmed, never guessed

    @property
    def is_terminal(self) -> bool:
        return self in _TERMINAL_CALL


_TERMINAL_CALL = {CallState.COMPLETED, CallState.BUSY, CallState.NO_ANSWER, CallState.FAILED, CallState.CANCELLED}


class SmsState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECEIVED = "received"
    UNRECOGNISED = "unrecognised"

    @property
    def is_terminal(self) -> bool:
        return self in _TERMINAL_SMS


_TERMINAL_SMS = {SmsState.DELIVERED, SmsState.UNDELIVERED, SmsState.FAILED, SmsState.CANCELLED, SmsState.RECEIVED}


class AnsweredBy(StrEnum):
    HUMAN = "human"
    MACHINE = "machine"
    FAX = "fax"
    UNKNOWN = "unknown"  # treated as human


MACHINES = frozenset({AnsweredBy.MACHINE, AnsweredBy.FAX})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a carrier can do. `calls_per_second`/`concurrent_calls` are account limits; None = no limit of its own."""

    voice: bool = True
    sms: bool = True
    two_way_sms: bool = False
    dialogue: bool = True  # can play a script and gather keys
    record: bool = True
    human: bool = False  # a person dials and fills the form
    calls_per_second: float | None = None
    concurrent_calls: int | None = None


@dataclass(frozen=True, slots=True)
class OutboundCall:
    """One call to place. `token` is our attempt's own id; it travels in every callback URL.

    `answer_url`, `status_url`: absolute callback URLs. `ring_timeout_s` seconds of ringing before giving up (≤ 600).
    `time_limit_s` longest length of the answered call.
    """

    token: str
    to: str
    from_: str
    answer_url: str
    status_url: str
    ring_timeout_s: int = 45
    time_limit_s: int = 600
    machine_detection_url: str | None = None


@dataclass(frozen=True, slots=True)
class OutboundSms:
    token: str
    to: str
    body: str
    status_url: str
    from_: str | None = None
    messaging_service: str | None = None
    validity_s: int = 14400


@dataclass(frozen=True, slots=True)
class Submission:
    """The carrier took the request: its own id, and the state it reported at once."""

    carrier_id: str
    state: CallState | SmsState
    segments: int | None = None


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """A call as the carrier lists it now."""

    carrier_id: str
    to: str
    state: CallState
    raw_state: str
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration_s: int | None = None
    answered_by: AnsweredBy | None = None
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SmsSnapshot:
    carrier_id: str
    to: str
    body: str
    state: SmsState
    raw_state: str
    created_at: datetime | None = None
    error_code: str | None = None
    segments: int | None = None
    price: Decimal | None = None


class EventKind(StrEnum):
    CALL_STATUS = "call_status"
    ANSWERED = "answered"  # the carrier asks what to play first
    DIGITS = "digits"  # a gather ended (digits may be empty: silence)
    RECORDED = "recorded"
    DIAL_ENDED = "dial_ended"
    MACHINE = "machine"  # asynchronous machine detection
    SMS_STATUS = "sms_status"
    SMS_IN = "sms_in"
    CALL_IN = "call_in"


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """One callback, parsed. `dedupe_key` is equal for, and only for, repeats of the same callback."""

    kind: EventKind
    carrier: str
    carrier_id: str
    dedupe_key: str
    token: str | None = None
    sequence: int | None = None  # the carrier's own counter; no order of arrival is promised
    occurred_at: datetime | None = None
    call_state: CallState | None = None
    sms_state: SmsState | None = None
    raw_state: str | None = None
    from_: str | None = field(default=None, repr=False)  # a log of an event never shows a person
    to: str | None = field(default=None, repr=False)
    digits: str | None = field(default=None, repr=False)
    body: str | None = field(default=None, repr=False)
    recording_id: str | None = None
    recording_s: int | None = None
    answered_by: AnsweredBy | None = None
    duration_s: int | None = None
    sip_code: int | None = None
    error_code: str | None = None
    segments: int | None = None
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)


class Carrier(Protocol):
    """The small contract. Every method but `capabilities` may raise CarrierError and nothing else of the network's."""

    name: str

    @property
    def capabilities(self) -> Capabilities: ...

    def place(self, call: OutboundCall) -> Submission:
        """Start a call. Raises CarrierError(UNKNOWN) when the request left but no answer came."""
        ...

    def send(self, sms: OutboundSms) -> Submission: ...

    def cancel_call(self, carrier_id: str) -> None:
        """Cancel a queued or ringing call, hang up a live one; a call that is over already is no error."""
        ...

    def fetch_call(self, carrier_id: str) -> CallSnapshot | None: ...

    def find_calls(self, to: str, since: datetime) -> list[CallSnapshot]:
        """Calls to `to` created at or after `since`: how an UNKNOWN submission is reconciled."""
        ...

    def find_messages(self, to: str, since: datetime) -> list[SmsSnapshot]: ...

    def fetch_message(self, carrier_id: str) -> SmsSnapshot | None: ...

    def fetch_recording(self, recording_id: str) -> tuple[bytes, str] | None:
        """The audio and its media type; None while the carrier does not have it yet."""
        ...
