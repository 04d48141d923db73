"""What can happen in a dialogue.

Events that answer a set of steps carry the `seq` of that set (`State.seq` when it was rendered; it travels in the
callback URL): an event whose seq is not the present one was consumed before and changes nothing. Events of the line
itself (answered, hung up, machine) carry none: they mean "now".
"""

from __future__ import annotations

from dataclasses import dataclass

from telephony.ports import MACHINES, AnsweredBy, CallState, CarrierEvent, EventKind


@dataclass(frozen=True, slots=True)
class Answered:
    by: AnsweredBy = AnsweredBy.UNKNOWN


@dataclass(frozen=True, slots=True)
class Digits:
    """Keys pressed for the steps of `seq`; "" is silence."""

    digits: str
    seq: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message ended; `recording_id` is the carrier's own, "" when it kept none. `seconds` of sound."""

    recording_id: str
    seconds: int
    seq: int


@dataclass(frozen=True, slots=True)
class DialEnded:
    """`ok`: the worker picked up and they talked."""

    ok: bool
    seq: int


@dataclass(frozen=True, slots=True)
class RemoteHangup:
    pass


@dataclass(frozen=True, slots=True)
class Machine:
    """Asynchronous detection says a machine answered."""


Event = Answered | Digits | Recorded | DialEnded | RemoteHangup | Machine


def event_of(callback: CarrierEvent, seq: int) -> Event | None:
    """The dialogue's event in a carrier's callback; None when the callback says nothing to the dialogue.

    `seq` is the step number from the callback URL; ANSWERED, MACHINE and CALL_STATUS ignore it.
    """
    match callback.kind:
        case EventKind.ANSWERED | EventKind.CALL_IN:
            return Answered(callback.answered_by or AnsweredBy.UNKNOWN)
        case EventKind.DIGITS:
            return Digits(callback.digits or "", seq)
        case EventKind.RECORDED:
            return Recorded(callback.recording_id or "", callback.recording_s or 0, seq)
        case EventKind.DIAL_ENDED:
            return DialEnded(callback.call_state is CallState.COMPLETED, seq)
        case EventKind.MACHINE:
            return Machine() if callback.answered_by in MACHINES else None
        case EventKind.CALL_STATUS:
            ended = callback.call_state is not None and callback.call_state.is_terminal
            return RemoteHangup() if ended else None
        case _:
            return None
