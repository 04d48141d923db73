"""Workflow templates: reading them, and proving that a case can neither get stuck nor go astray (DOMAIN 2.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.domain.msgids import N_
from app.domain.policy.basis import Source
from app.domain.policy.chapters import CODE, STEP, TITLE
from app.domain.policy.fields import Field, Kind
from app.domain.policy.flows import Branch, Step, Workflow
from app.domain.policy.problems import Problem

if TYPE_CHECKING:
    from app.domain.policy.parsing import Parser

_KEYS = ("code", "title", "source", "outcomes", "steps")
_NEXT = Field("next", "", Kind.CODE, required=True)
_OUTCOME = Field("outcomes", "", Kind.TEXT, required=True)


def read_workflow(parser: Parser, data: Mapping[str, Any], path: str) -> Workflow | None:
    """None when anything in it is wrong; the parser has noted what."""
    before = len(parser.problems)
    for key in data:
        if key not in _KEYS:
            parser.unknown(f"{path}.{key}", _KEYS)
    code = parser.value(CODE, data.get("code", ""), f"{path}.code")
    title = parser.value(TITLE, data.get("title", ""), f"{path}.title")
    source = parser.source(data.get("source"), f"{path}.source", None)
    if source is None and data.get("source") is None:
        parser.no_source(path)
    outcomes = _read_outcomes(parser, data.get("outcomes"), f"{path}.outcomes")
    steps = _read_steps(parser, data.get("steps"), f"{path}.steps", source)
    if len(parser.problems) > before or source is None:
        return None
    flow = Workflow(code=code, title=title, steps=tuple(steps), outcomes=outcomes, source=source)
    parser.problems += walk_problems(flow, path)
    return flow


def _read_outcomes(parser: Parser, given: Any, path: str) -> dict[str, str]:
    if not isinstance(given, Mapping) or not given:
        parser.problems.append(Problem(path, N_("must name at least one outcome, such as “included: monitored”")))
        return {}
    found = {}
    for code, title in given.items():
        if parser.value(_NEXT, code, f"{path}.{code}") is not None:
            found[str(code)] = str(parser.value(_OUTCOME, title, f"{path}.{code}") or "")
    return found


def _read_steps(parser: Parser, given: Any, path: str, source: Source | None) -> list[Step]:
    if not isinstance(given, (list, tuple)) or not given:
        parser.problems.append(Problem(path, N_("must be a list of steps, each beginning with a dash")))
        return []
    return [step for position, item in enumerate(given, start=1)
            if (step := _read_step(parser, item, path, position, source)) is not None]  # fmt: skip


def _read_step(parser: Parser, item: Any, path: str, position: int, general: Source | None) -> Step | None:
    here = f"{path}.{item.get('code', position)}" if isinstance(item, Mapping) else f"{path}.{position}"
    data = dict(parser.mapping(item, here))
    if not data:
        return None
    before = len(parser.problems)
    given = data.pop("branches", None)
    branches = [] if given is None else _read_branches(parser, given, f"{here}.branches")
    values = parser.fields(STEP, data, here, ("source",), ())
    source = parser.source(data.get("source"), f"{here}.source", general)
    if len(parser.problems) > before or source is None:
        return None
    return Step(**values, branches=tuple(branches), source=source)


def _read_branches(parser: Parser, given: Any, path: str) -> list[Branch]:
    if not isinstance(given, (list, tuple)):
        parser.problems.append(Problem(path, N_("must be a list, such as [a, b]")))
        return []
    found = []
    for position, item in enumerate(given, start=1):
        here = f"{path}.{position}"
        data = parser.mapping(item, here)
        values = [parser.value(f, data.get(f.name, ""), f"{here}.{f.name}") for f in (CODE, TITLE, _NEXT)]
        for key in data:
            if key not in ("code", "title", "next"):
                parser.unknown(f"{here}.{key}", ("code", "title", "next"))
        if None not in values:
            found.append(Branch(code=values[0], title=values[1], next=values[2]))
    return found


def ways_out(step: Step) -> tuple[str, ...]:
    """Where a case may go from here: steps and outcomes."""
    return (step.next_on_pass, step.next_on_fail, *(branch.next for branch in step.branches))


def walk_problems(flow: Workflow, path: str) -> list[Problem]:
    """Unknown targets, doubled codes, unreachable steps, steps from which no outcome can be reached."""
    codes = [step.code for step in flow.steps]
    problems = [Problem(f"{path}.steps.{code}", N_("stands there twice; each code may be used once"))
                for code in sorted({code for code in codes if codes.count(code) > 1})]  # fmt: skip
    for code in sorted(set(codes) & set(flow.outcomes)):
        problems.append(Problem(f"{path}.outcomes.{code}", N_("is the code of a step as well as of an outcome")))
    for step in flow.steps:
        for target in sorted({*ways_out(step)} - {*codes, *flow.outcomes}):
            problems.append(Problem(f"{path}.steps.{step.code}", N_("goes on to “%(target)s”, which is neither a step "
                                    "nor an outcome"), {"target": target}))  # fmt: skip
    if problems or not codes:
        return problems
    onward = {step.code: set(ways_out(step)) for step in flow.steps}
    problems += _told(set(codes) - _closure({codes[0]}, onward), path, N_("is never reached from the first step"))
    backward = {
        target: {code for code, ways in onward.items() if target in ways} for target in (*codes, *flow.outcomes)
    }
    stuck = set(codes) - _closure(set(flow.outcomes), backward)
    return problems + _told(stuck, path, N_("is a dead end: no outcome can be reached from here"))


def _told(codes: Iterable[str], path: str, message: str) -> list[Problem]:
    return [Problem(f"{path}.steps.{code}", message) for code in sorted(codes)]


def _closure(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    seen, frontier = set(start), set(start)
    while frontier:
        frontier = {target for code in frontier for target in ways.get(code, ())} - seen
        seen |= frontier
    return seen
