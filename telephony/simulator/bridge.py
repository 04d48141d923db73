"""Dial: connect the call to another number (the grid worker's), as a child call of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from telephony.simulator.model import Call
from telephony.simulator.population import Persona, between
from telephony.simulator.twiml import Verb

if TYPE_CHECKING:
    from telephony.simulator.dialogue import Dialogue
    from telephony.simulator.switchboard import Switchboard


class Bridge:
    def __init__(self, board: Switchboard) -> None:
        self.board = board
        self._parents: dict[str, Dialogue] = {}
        board.dialling.on_end.append(self._parent_ended)

    def dial(self, dialogue: Dialogue, verb: Verb) -> None:
        """Ring the (first) number; whoever of both hangs up ends the child, then `action` or the next verb runs."""
        noun = next((child for child in verb.children), verb)
        parent = dialogue.call
        child = self.board.dialling.new_call(noun.text, verb.get("callerId", parent.to), "outbound-dial")
        child.parent_sid = parent.sid
        child.ring_timeout_s = verb.seconds("timeout", 30)
        child.time_limit_s = verb.seconds("timeLimit", 14400)
        child.status_url = self.board.absolute(noun.get("statusCallback", ""), dialogue.url)
        child.status_method = noun.get("statusCallbackMethod", "POST")
        child.status_events = frozenset(noun.get("statusCallbackEvent", "completed").split())
        self._parents[child.sid] = dialogue
        self.board.dialling.on_child[child.sid] = lambda ended: self._child_ended(dialogue, verb, ended)
        self.board.kernel.log("create", child.sid, to=child.to, from_=child.from_, parent=parent.sid, queue_ms=0)
        self.board.dialling.dial(child)

    def is_child(self, call: Call) -> bool:
        return call.sid in self._parents

    def talk(self, child: Call, persona: Persona, outcome: str) -> None:
        """The child was picked up: they talk for a while, or voicemail listens until it is full."""
        rng = self.board.kernel.rng("talk", child.sid)
        seconds = between(persona.talks_s, rng) * (3.0 if outcome == "human" else 1.0)
        self.board.kernel.schedule(seconds, lambda: self.board.dialling.finish(child, "completed", 200, by="callee"))

    def _child_ended(self, dialogue: Dialogue, verb: Verb, child: Call) -> None:
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
                child = self.board.dialling.calls[sid]
                status = "completed" if child.answered_at else "canceled"
                self.board.dialling.finish(child, status, 200 if child.answered_at else 487, by="caller")
