"""Workflow templates, typed: the steps a case takes and where it may end (DOMAIN 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.policy import kinds as k
from app.domain.policy.basis import SILENT, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A way out of a step that is neither its pass nor its fail, such as "keep watching" (D2-24)."""

    code: str
    title: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`next_on_pass` and `next_on_fail` name a step or an outcome of the workflow. `sla` counts in `sla_unit`."""

    code: str
    title: str
    actor: k.LevelKind
    sla: int
    sla_unit: k.TimeUnit
    next_on_pass: str
    next_on_fail: str
    form: str = ""
    needs_meeting: str = ""
    needs_publicity_days: int = 0
    forbid_submitter: bool = True  # no one decides on what they submitted
    branches: tuple[Branch, ...] = ()
    source: Source = SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """`steps` in the order of the document, the first one first; `outcomes`: {code: title} where a case may end."""

    code: str
    title: str
    steps: tuple[Step, ...]
    outcomes: Mapping[str, str]
    source: Source = SILENT

    def step(self, code: str) -> Step:
        """Raises KeyError for an outcome or an unknown step."""
        return {step.code: step for step in self.steps}[code]
