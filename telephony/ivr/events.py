"""What can happen in a dialogue.

Events that answer a set of steps carry the `seq` of that set (`State.seq` when it was rendered; it travels in the
callback URL): an event whose seq is not the present one was consumed before and changes nothing. Events of the line
itself (answered, hung up, machine) carry none: they mean "now".
"""

from __future__ import annotations

from dataclasses import dataclass

from telephony.ports import AnsweredBy


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
