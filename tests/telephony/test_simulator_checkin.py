"""The shipped check-in, rendered for Twilio, lived through by the shipped population."""

from __future__ import annotations

from collections import Counter

import pytest

from telephony.ivr.engine import advance, begin
from telephony.ivr.events import DialEnded, Digits, Recorded
from telephony.ivr.findings import findings
from telephony.ivr.library import packaged
from telephony.ivr.script import Outcome
from telephony.ivr.state import Context, State
from telephony.simulator import readings
from telephony.simulator.wire import WebhookResult
from telephony.twilio.twiml import render
from tests.telephony.simulator_rig import BASE, OURS, Rig, say, twiml

SCRIPT = packaged("checkin")
CONTEXT = Context(
    org="干汊河镇", village="大院村", worker="李明", worker_title="网格员", household="王", worker_dial=True
)
PEOPLE = [f"+86100{n:08}" for n in range(250)]


class Dialogues:
    """One dialogue state a call, advanced by what the webhooks say."""

    def __init__(self) -> None:
        self.states: dict[str, State] = {}

    def __call__(self, params: dict[str, str]) -> WebhookResult:
        sid = params["CallSid"]
        if sid not in self.states:
            self.states[sid], steps = begin(SCRIPT, CONTEXT)
        else:
            state = self.states[sid]
            if "RecordingSid" in params:
                event = Recorded(params["RecordingSid"], int(params["RecordingDuration"]), state.seq)
            elif "DialCallStatus" in params:
                event = DialEnded(params["DialCallStatus"] == "completed", state.seq)
            else:
                event = Digits(params.get("Digits", ""), state.seq)
            self.states[sid], steps = advance(SCRIPT, state, event)
        document = render(steps, action_url=f"{BASE}/step", numbers={"worker": "+8610000000777"}, caller_id=OURS)
        return WebhookResult(200, document.encode(), {"Content-Type": "text/xml; charset=utf-8"})


@pytest.fixture(scope="module")
def lived() -> tuple[Rig, Dialogues]:
    rig, dialogues = Rig(population=None, seed=11), Dialogues()
    rig.app.routes |= {"/voice": dialogues, "/step": dialogues}
    rig.app.routes["/inbound"] = lambda params: twiml(say("您好") + "<Hangup/>")
    for number in PEOPLE:
        rig.call(number)
    rig.run()
    return rig, dialogues


def test_the_carrier_runs_every_document(lived: tuple[Rig, Dialogues]) -> None:
    assert lived[0].records("error") == []


def test_most_who_pick_up_complete(lived: tuple[Rig, Dialogues]) -> None:
    rig, dialogues = lived
    people = [call.sid for call in readings.calls(rig.simulator.trace.records).values() if call.outcome == "human"]
    reached = [sid for sid in people if sid in dialogues.states]
    completed = sum(dialogues.states[sid].outcome == Outcome.COMPLETED for sid in reached)
    assert completed / len(reached) > 0.75


def test_voicemail_and_silence_answer_nothing(lived: tuple[Rig, Dialogues]) -> None:
    rig, dialogues = lived
    calls = readings.calls(rig.simulator.trace.records).values()
    deaf = [call.sid for call in calls if call.outcome in ("silent", "voicemail", "voicemail_no_beep")]
    assert deaf
    assert not any(dialogues.states[sid].answered for sid in deaf if sid in dialogues.states)


def test_about_an_eighth_raise_a_risk(lived: tuple[Rig, Dialogues]) -> None:
    answered = [state for state in lived[1].states.values() if state.answered]
    risky = sum(any(finding.risk for finding in findings(SCRIPT, state)) for state in answered)
    assert 0.06 < risky / len(answered) < 0.3


def test_every_kind_of_ending_occurs(lived: tuple[Rig, Dialogues]) -> None:
    outcomes = Counter(state.outcome for state in lived[1].states.values())
    assert outcomes[Outcome.WRONG_PERSON] > 0
    assert outcomes[Outcome.OPTED_OUT] > 0


def test_keys_at_the_carrier_are_keys_in_the_dialogue(lived: tuple[Rig, Dialogues]) -> None:
    rig, dialogues = lived
    pressed = readings.digits(rig.simulator.trace.records)
    for sid, state in dialogues.states.items():
        kept = {answer.digits for answer in state.answers.values() if answer.digits}
        assert kept <= set(pressed.get(sid, [])), sid


def test_messages_are_left(lived: tuple[Rig, Dialogues]) -> None:
    assert len(readings.recordings(lived[0].simulator.trace.records)) > 10
