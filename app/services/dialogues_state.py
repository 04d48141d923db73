"""One call's dialogue as it lies in `attempt.ivr_state`: the script under way and those that led into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from telephony.ivr import engine
from telephony.ivr.render import render
from telephony.ivr.script import Outcome, Script
from telephony.ivr.state import Context, State
from telephony.ivr.steps import Step

CHECKIN = "checkin"
INBOUND = "inbound"
CHOOSE_HOUSEHOLD = "choose_household"


@dataclass(frozen=True, slots=True)
class Dialogue:
    """`state`: where the present script stands; `earlier`: ended scripts of the same call that routed into it.

    `base`: answers whose seq is smaller were given in an earlier call of the same check-in and belong to that call's
    visit. `is_settled`: the rows that follow from it were written.
    """

    state: State
    base: int = 0
    earlier: tuple[State, ...] = ()
    is_settled: bool = False

    @property
    def has_ended(self) -> bool:
        return self.state.outcome is not None

    def to_json(self) -> dict[str, Any]:
        return {
            "state": self.state.to_json(),
            "base": self.base,
            "earlier": [state.to_json() for state in self.earlier],
            "is_settled": self.is_settled,
        }

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Dialogue:
        """The Dialogue of `to_json`; ValueError for anything else."""
        try:
            earlier = tuple(State.from_json(state) for state in plain["earlier"])
            return cls(State.from_json(plain["state"]), int(plain["base"]), earlier, bool(plain["is_settled"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"not a stored dialogue: {error}") from error


def begin(script: Script, context: Context) -> Dialogue:
    return Dialogue(engine.begin(script, context)[0])


def resume(script: Script, stored: Mapping[str, Any], context: Context) -> Dialogue:
    """Go on where an earlier call broke off, speaking as `context` says today (the worker may have changed).

    Raises engine.ScriptMismatch when the script is another version by now, ValueError when `stored` is no state.
    """
    # A promise to call back was put on the worker's list when the earlier call ended: it is not made twice.
    earlier = replace(State.from_json(stored), context=context, callback_requested=False)
    state, _ = engine.resume(script, earlier)
    return Dialogue(state, base=state.seq)


def follow(dialogue: Dialogue, following: Dialogue) -> Dialogue:
    """`following` in the same call: its steps are counted on, so that no callback fits two scripts, and nobody is
    greeted twice."""
    shift = dialogue.state.seq + 1
    state = following.state
    moved = replace(state, seq=max(shift, state.seq), lead=())
    base = moved.seq if following.base else 0
    return Dialogue(moved, base, (*dialogue.earlier, dialogue.state))


def steps_of(script: Script, dialogue: Dialogue) -> tuple[Step, ...]:
    """What the caller hears now."""
    return render(script, dialogue.state)


def is_routed(dialogue: Dialogue) -> bool:
    """The script ended by leading into another one, which the service has to choose."""
    return dialogue.state.outcome is Outcome.ROUTED
