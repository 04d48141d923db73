"""Puts the parts of a call together: dialling, machine detection, dialogues, inbound calls, calling back."""

from __future__ import annotations

from functools import partial

from telephony.simulator.billing import Billing
from telephony.simulator.bridge import Bridge
from telephony.simulator.callbacks import Callbacks
from telephony.simulator.dialling import Dialling
from telephony.simulator.dialogue import Dialogue
from telephony.simulator.faults import FaultPlan
from telephony.simulator.kernel import Kernel
from telephony.simulator.model import Call
from telephony.simulator.parts import Parts
from telephony.simulator.population import Persona, Population, between
from telephony.simulator.recording import Recorder

MACHINE = {"voicemail": "machine_end_beep", "voicemail_no_beep": "machine_end_silence", "fax": "fax"}


class Switchboard:
    """Everything voice. REST and admin place calls through it."""

    def __init__(self, kernel: Kernel, callbacks: Callbacks, population: Population, faults: FaultPlan) -> None:
        self.kernel = kernel
        self.callbacks = callbacks
        self.population = population
        self.faults = faults
        self.billing = Billing(kernel)
        self.dialling = Dialling(kernel, callbacks, population, faults, self.billing)
        self.dialling.on_answer = self._answered
        self.dialling.on_end.append(self._ended)
        self.parts = Parts(kernel, callbacks, population, faults, self.billing, self.dialling)
        self.recorder = Recorder(self.parts)
        self.bridge = Bridge(self.parts)
        self.dialogues: dict[str, Dialogue] = {}

    def call_in(self, from_: str, to: str, outcome: str = "human") -> Call:
        """A person calls one of our numbers. Raises KeyError when the number is not ours."""
        config = self.kernel.settings.numbers[to]
        call = self.dialling.new_call(to, from_, "inbound")
        call.url, call.method = config.voice_url, config.voice_method
        call.status_url, call.status_method = config.status_url, config.status_method
        self.dialling.ring_in(call)
        if not config.voice_url:
            self.dialling.finish(call, "failed", 404)
            return call
        self._dialogue(call, self.population.persona_for(from_), outcome).begin()
        return call

    def _dialogue(self, call: Call, persona: Persona, outcome: str) -> Dialogue:
        dialogue = Dialogue(self.parts, self.recorder, self.bridge, call, persona, outcome)
        self.dialogues[call.sid] = dialogue
        return dialogue

    def _answered(self, call: Call, persona: Persona, outcome: str) -> None:
        if self.bridge.is_child(call):
            self.bridge.talk(call, persona, outcome)
            return
        dialogue = self._dialogue(call, persona, outcome)
        if call.detection is None:
            dialogue.begin()
            return
        rng = self.kernel.rng("detect", call.sid)
        wait = between((2.0, 4.5), rng)
        if outcome.startswith("voicemail") and call.detection == "DetectMessageEnd":
            wait = between(persona.greeting_s, rng)
        self.billing.machine_detection(call)
        if call.detection_async:
            dialogue.begin()
        dialogue.after(wait, partial(self._detected, call, dialogue, outcome, wait))

    def _detected(self, call: Call, dialogue: Dialogue, outcome: str, seconds: float) -> None:
        """Tell who answered. Silence is `unknown`, which is to be treated as a human."""
        found = MACHINE.get(outcome, "unknown" if outcome == "silent" else "human")
        if found.startswith("machine") and call.detection == "Enable":
            found = "machine_start"
        call.answered_by = found
        self.kernel.log("machine", call.sid, answered_by=found)
        if not call.detection_async:
            dialogue.begin()
            return
        params = [
            ("CallSid", call.sid),
            ("AccountSid", self.kernel.settings.account_sid),
            ("AnsweredBy", found),
            ("MachineDetectionDuration", str(round(seconds * 1000))),
        ]
        self.callbacks.notify("amd", call.sid, call.detection_method, call.detection_url, params)

    def _ended(self, call: Call) -> None:
        self.dialogues.pop(call.sid, None)
        if call.direction != "outbound-api" or call.answered_at is not None or call.status == "canceled":
            return
        persona = self.population.persona_for(call.to)
        config = self.kernel.settings.numbers.get(call.from_)
        if persona.calls_back_after_s is None or config is None or not config.voice_url:
            return
        rng = self.kernel.rng("call-back", call.sid)
        self.kernel.schedule(between(persona.calls_back_after_s, rng), lambda: self._call_back(call))

    def _call_back(self, missed: Call) -> None:
        if not any(self.dialling.calls[sid].party == missed.to for sid in self.dialling.live):
            self.call_in(missed.to, missed.from_)
