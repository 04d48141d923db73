"""What holds for any caller, however they press (invariants I9, I10 and TELEPHONY §1.2: every path ends)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.ivr.engine import advance, begin, max_turns, resume
from telephony.ivr.events import Answered, DialEnded, Digits, Machine, Recorded, RemoteHangup
from telephony.ivr.findings import findings
from telephony.ivr.library import PACKAGED, packaged
from telephony.ivr.script import Outcome
from telephony.ivr.state import Choice, Context, Mode, State
from telephony.ivr.steps import Dial, Gather, HangUp, Record
from telephony.ports import AnsweredBy

KEYS = st.one_of(st.sampled_from([*"0123456789*#", ""]), st.text("0123456789*#", max_size=20))
SCRIPTS = st.sampled_from([packaged(code) for code in PACKAGED])
CONTEXTS = st.builds(
    Context,
    language=st.sampled_from(["cmn-CN", "yue-CN", "en-US", "xx"]),
    household=st.text(max_size=3),
    worker_dial=st.booleans(),
    choices=st.lists(st.builds(Choice, ref=st.text(max_size=4), surname=st.text(max_size=2)), max_size=9).map(tuple),
)


def answer(state: State, steps, keys: str, dialled: bool):
    """The event that fits the step the dialogue waits on."""
    if isinstance(steps[-1], Dial):
        return DialEnded(dialled, state.seq)
    if isinstance(steps[-1], Record):
        return Recorded("RE" if dialled else "", 3, state.seq)
    return Digits(keys, state.seq)


@settings(max_examples=200)
@given(SCRIPTS, CONTEXTS, st.data())
def test_every_dialogue_ends_in_bounded_steps_and_waits_until_then(script, context, data):
    state, steps = begin(script, context)
    for _ in range(max_turns(script)):
        if state.outcome is not None:
            break
        assert isinstance(steps[-1], Gather | Record | Dial)
        state, steps = advance(script, state, answer(state, steps, data.draw(KEYS), data.draw(st.booleans())))
    assert state.outcome is not None
    assert state.next_script or isinstance(steps[-1], HangUp)


WORST = ["9", "*", "0", "3", "1", "2", "4", ""]


@settings(max_examples=200)
@given(SCRIPTS, st.lists(st.sampled_from(WORST), min_size=1, max_size=6))
def test_no_repeated_pattern_of_keys_goes_on_for_ever(script, pattern):
    state, steps = begin(script, Context(worker_dial=True, choices=(Choice("a", "王"),)))
    for turn in range(max_turns(script)):
        if state.outcome is not None:
            break
        state, steps = advance(script, state, answer(state, steps, pattern[turn % len(pattern)], False))
    assert state.outcome is not None


EVENTS = st.one_of(
    st.builds(Digits, KEYS, st.integers(0, 30)),
    st.builds(Recorded, st.text(max_size=5), st.integers(0, 99), st.integers(0, 30)),
    st.builds(DialEnded, st.booleans(), st.integers(0, 30)),
    st.builds(Answered, st.sampled_from(AnsweredBy)),
    st.just(RemoteHangup()),
    st.just(Machine()),
)


@settings(max_examples=200)
@given(SCRIPTS, CONTEXTS, st.lists(EVENTS, max_size=40))
def test_any_events_in_any_order_never_crash_and_never_undo_an_end(script, context, events):
    state, _ = begin(script, context)
    for event in events:
        before = state
        state, _ = advance(script, state, event)
        findings(script, state)
        assert before.outcome in (None, state.outcome)


@settings(max_examples=200)
@given(SCRIPTS, CONTEXTS, st.lists(KEYS, max_size=25))
def test_a_repeated_event_changes_nothing_and_says_the_same(script, context, presses):
    state, steps = begin(script, context)
    for keys in presses:
        event = answer(state, steps, keys, False) if steps else Digits(keys, state.seq)
        state, steps = advance(script, state, event)
        if state.outcome is None:
            assert advance(script, state, event) == (state, steps)


@settings(max_examples=200)
@given(SCRIPTS, CONTEXTS, st.lists(KEYS, max_size=25))
def test_digits_kept_are_digits_pressed(script, context, presses):
    state, steps = begin(script, context)
    pressed = []
    for keys in presses:
        if state.outcome is not None or not isinstance(steps[-1], Gather):
            break
        if keys:
            pressed.append((state.seq, state.position, keys))
        state, steps = advance(script, state, Digits(keys, state.seq))
    assert [(key.seq, key.question, key.digits) for key in state.keys] == pressed
    assert all((a.seq, name, a.digits) in pressed for name, a in state.answers.items() if a.digits)


@settings(max_examples=200)
@given(SCRIPTS, CONTEXTS, st.lists(EVENTS, max_size=20))
def test_the_stored_state_goes_on_as_the_state_itself(script, context, events):
    state, _ = begin(script, context)
    for event in events:
        stored = State.from_json(json.loads(json.dumps(state.to_json())))
        assert stored == state
        assert advance(script, stored, event) == advance(script, state, event)
        state, _ = advance(script, state, event)


@settings(max_examples=150)
@given(CONTEXTS, st.lists(KEYS, max_size=12), st.lists(KEYS, max_size=12))
def test_resuming_keeps_what_was_confirmed(context, first, second):
    script = packaged("checkin")
    state, steps = begin(script, context)
    for keys in first:
        state, steps = advance(script, state, answer(state, steps, keys, False))
    state, _ = advance(script, state, RemoteHangup())
    kept = {name: given for name, given in state.answers.items() if given.confirmed}
    again, steps = resume(script, state)
    assert kept == again.answers
    for keys in second:
        again, steps = advance(script, again, answer(again, steps, keys, False))
    assert again.outcome is not None or again.mode is not Mode.ENDED


@settings(max_examples=200)
@given(CONTEXTS, st.lists(KEYS, max_size=30))
def test_completed_means_the_duty_is_closed(context, presses):
    script = packaged("checkin")
    state, steps = begin(script, context)
    for keys in presses:
        state, steps = advance(script, state, answer(state, steps, keys, False))
    if state.outcome is Outcome.COMPLETED:
        assert state.closes_duty


@pytest.mark.parametrize("missing", ["context", "mode", "answers", "keys"])
def test_a_spoilt_stored_state_is_refused_by_name(missing):
    plain = begin(packaged("checkin"), Context())[0].to_json()
    del plain[missing]
    with pytest.raises(ValueError, match=missing):
        State.from_json(plain)
