"""Record: the caller speaks; the audio turns up later, late, or never."""

from __future__ import annotations

import math
import struct
from datetime import timedelta

from telephony.simulator.model import API, Recording, make_sid
from telephony.simulator.parts import Line, Parts
from telephony.simulator.population import between
from telephony.simulator.twiml import Verb
from telephony.simulator.wire import absolute, rfc2822

_ANY_KEY = "1234567890*#"


class Recorder:
    """Keeps recordings by sid."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.kernel = parts.kernel
        self.recordings: dict[str, Recording] = {}
        self._in_call: dict[str, int] = {}

    def record(self, dialogue: Line, verb: Verb) -> None:
        """A person speaks and presses # or puts the phone down; a voicemail or a silent line records nothing."""
        rng = self.kernel.rng("record", dialogue.call.sid, dialogue.step)
        timeout, longest = verb.seconds("timeout", 5), verb.seconds("maxLength", 3600)
        if dialogue.outcome != "human":
            dialogue.play(timeout, dialogue.next_verb)  # an empty recording falls to the next verb
            return
        seconds = min(float(longest), between(dialogue.persona.talks_s, rng))
        key = "#" if "#" in verb.get("finishOnKey", _ANY_KEY) else ""
        if rng.random() < 0.2:
            dialogue.play(seconds, lambda: self._hung_up(dialogue, verb, seconds))
            return
        wait = seconds if key or seconds >= longest else min(float(longest), seconds + timeout)
        dialogue.play(wait, lambda: self._spoken(dialogue, verb, seconds, key))

    def _spoken(self, dialogue: Line, verb: Verb, seconds: float, key: str) -> None:
        recording = self._keep(dialogue, verb, seconds)
        extra = [*self._params(recording), ("Digits", key)]
        dialogue.fetch(verb.get("action", dialogue.url), verb.get("method", "POST"), extra)

    def _hung_up(self, dialogue: Line, verb: Verb, seconds: float) -> None:
        recording = self._keep(dialogue, verb, seconds)
        dialogue.hang_up("callee")
        extra = [*self._params(recording), ("Digits", "hangup")]
        dialogue.fetch(verb.get("action", dialogue.url), verb.get("method", "POST"), extra)

    def _keep(self, dialogue: Line, verb: Verb, seconds: float) -> Recording:
        call = dialogue.call
        nth = self._in_call[call.sid] = self._in_call.get(call.sid, 0) + 1
        sid = make_sid("RE", call.sid, nth)
        length = max(1, round(seconds))
        late = self.parts.faults.hit("recording_late", sid) or 2.0
        never = self.parts.faults.hit("recording_never", sid) is not None
        ready = None if never else self.kernel.now + timedelta(seconds=late)
        recording = Recording(sid, call.sid, self.kernel.now - timedelta(seconds=length), length, ready)
        self.recordings[sid] = recording
        self.kernel.log("recording", call.sid, sid=sid, number=call.party, seconds=length, never=never, late_s=late)
        if not never:
            self.kernel.schedule(late, lambda: self._ready(dialogue, verb, recording))
        return recording

    def _ready(self, dialogue: Line, verb: Verb, recording: Recording) -> None:
        self.parts.billing.recording(recording)
        url = verb.get("recordingStatusCallback", "")
        if not url:
            return
        params = [
            ("AccountSid", self.kernel.settings.account_sid),
            ("CallSid", recording.call_sid),
            *self._params(recording),
            ("RecordingStatus", "completed"),
            ("RecordingChannels", "1"),
            ("RecordingSource", recording.source),
            ("RecordingStartTime", rfc2822(recording.started_at) or ""),
            ("ErrorCode", "0"),
        ]
        method = verb.get("recordingStatusCallbackMethod", "POST")
        target = absolute(url, dialogue.url)
        self.parts.callbacks.notify("recording", recording.call_sid, method, target, params, terminal=True)

    def _params(self, recording: Recording) -> list[tuple[str, str]]:
        settings = self.kernel.settings
        return [
            ("RecordingSid", recording.sid),
            ("RecordingUrl", f"{settings.public_url}{API}/{settings.account_sid}/Recordings/{recording.sid}"),
            ("RecordingDuration", str(recording.seconds)),
        ]


def tone(seconds: int, frequency: int) -> bytes:
    """A WAV file (8 kHz, 8-bit, mono): a tone whose pitch tells recordings apart. At most 10 s, to stay small."""
    count = 8000 * min(10, max(1, seconds))
    period = bytes(int(128 + 60 * math.sin(2 * math.pi * step * frequency / 8000)) for step in range(8000))
    samples = (period * (count // 8000 + 1))[:count]
    head = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", count)
    return b"RIFF" + struct.pack("<I", len(head) + count) + head + samples
