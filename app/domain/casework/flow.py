"""Which ways lead out of a step, and which of them need words.

The template says where passing, failing and its own branches lead. Sending back is the one way a template need not
name: to the step before, as the case really went, always with a reason (DOMAIN 3.6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.policy import Step, Workflow

PASS, FAIL, RETURN = "pass", "fail", "return"


class FlowError(ValueError):
    """A decision that the template does not offer at this step. `decision` and `step` are codes."""

    def __init__(self, decision: str, step: str) -> None:
        super().__init__(f"step {step} has no way “{decision}”")
        self.decision, self.step = decision, step


@dataclass(frozen=True, slots=True)
class Way:
    """`code`: pass, fail, return or the code of a branch; `title`: a branch's own words, "" for the three others;
    `target`: a step or an outcome of the workflow."""

    code: str
    target: str
    title: str = ""
    ends: bool = False

    @property
    def needs_reason(self) -> bool:
        """Who goes on owes no words; whoever stops a household or sends its papers back does (DOMAIN 3.6)."""
        return self.code in (FAIL, RETURN)


def is_outcome(flow: Workflow, code: str) -> bool:
    return code in flow.outcomes


def ways(flow: Workflow, step_code: str, travelled: Sequence[str] = ()) -> tuple[Way, ...]:
    """The ways out of `step_code`, passing first. `travelled`: codes of the steps the case went through, oldest first,
    the present one left out. Raises KeyError for a step the template does not have."""
    step = flow.step(step_code)
    offered = [Way(PASS, step.next_on_pass), *(Way(b.code, b.next, b.title) for b in step.branches)]
    before = _step_before(flow, step, travelled)
    if before and before != step.next_on_fail:  # a template that sends back itself has said where to
        offered.append(Way(RETURN, before))
    offered.append(Way(FAIL, step.next_on_fail))
    return tuple(Way(way.code, way.target, way.title, is_outcome(flow, way.target)) for way in offered)


def find_way(flow: Workflow, step_code: str, decision: str, travelled: Sequence[str] = ()) -> Way:
    """The way that `decision` names. Raises FlowError when the step does not offer it."""
    for way in ways(flow, step_code, travelled):
        if way.code == decision:
            return way
    raise FlowError(decision, step_code)


def _step_before(flow: Workflow, step: Step, travelled: Sequence[str]) -> str:
    """Where the case last came from; a step that was entered again does not count as being before itself."""
    position = next((n for n, code in enumerate(travelled) if code == step.code), len(travelled))
    known = {s.code for s in flow.steps}
    return next((code for code in reversed(travelled[:position]) if code in known), "")
