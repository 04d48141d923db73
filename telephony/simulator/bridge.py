"""Dial: connect the call to another number (the grid worker's), as a child call of its own."""

from __future__ import annotations

from telephony.simulator.model import Call
from telephony.simulator.parts import Line, Parts
from telephony.simulator.population import Persona, between
from telephony.simulator.twiml import Verb
from telephony.simulator.wire import absolute


class Bridge:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self._parents: dict[str, Line] = {}
        parts.dialling.on_end.append(self._parent_ended)

    def dial(self, dialogue: Line, verb: Verb) -> None:
        """Ring the (first) number; whoever of both hangs up ends the child, then `action` or the next verb runs."""
        noun = next((child for child in verb.children), verb)
        parent = dialogue.call
        child = self.parts.dialling.new_call(noun.text, verb.get("callerId", parent.to), "outbound-dial")
        child.parent_sid = parent.sid
        child.ring_timeout_s = verb.seconds("timeout", 30)
        child.time_limit_s = verb.seconds("timeLimit", 14400)
        child.status_url = absolute(noun.get("statusCallback", ""), dialogue.url)
        child.status_method = noun.get("statusCallbackMethod", "POST")
        child.status_events = frozenset(noun.get("statusCallbackEvent", "completed").split())
        self._parents[child.sid] = dialogue
        self.parts.dialling.on_child[child.sid] = lambda ended: self._child_ended(dialogue, verb, ended)
        self.parts.kernel.log("create", child.sid, to=child.to, from_=child.from_, parent=parent.sid, queue_ms=0)
        self.parts.dialling.dial(child)

    def is_child(self, call: Call) -> bool:
        return call.sid in self._parents

    def talk(self, child: Call, persona: Persona, outcome: str) -> None:
        """The child was picked up: they talk for a while, or voicemail listens until it is full."""
        rng = self.parts.kernel.rng("talk", child.sid)
        seconds = between(persona.talks_s, rng) * (3.0 if outcome == "human" else 1.0)
        self.parts.kernel.schedule(seconds, lambda: self.parts.dialling.finish(child, "completed", 200, by="callee"))

    def _child_ended(self, dialogue: Line, verb: Verb, child: Call) -> None:
        self._parents.pop(child.sid, None)
        if dialogue.call.is_over:
            return
        if "action" not in verb.attributes:
            dialogue.next_verb()
            return
        extra = [
            ("DialCallSid", child.sid),
            ("DialCallStatus", child.status),
            ("DialCallDuration", str(child.duration_s)),
            ("DialBridged", "true" if child.answered_at else "false"),
        ]
        dialogue.fetch(verb.get("action", ""), verb.get("method", "POST"), extra)

    def _parent_ended(self, parent: Call) -> None:
        for sid, dialogue in list(self._parents.items()):
            if dialogue.call is parent:
                child = self.parts.dialling.calls[sid]
                status = "completed" if child.answered_at else "canceled"
                self.parts.dialling.finish(child, status, 200 if child.answered_at else 487, by="caller")
