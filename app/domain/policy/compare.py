"""Two profiles, or two versions of one, side by side: what each says, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.policy.basis import Source
from app.domain.policy.chapters import CHAPTERS, Shape
from app.domain.policy.flows import Step, Workflow
from app.domain.policy.parsing import Body, Row


@dataclass(frozen=True, slots=True)
class Said:
    """One rule as a profile says it. `values` in the order of the chapter's fields; `removed`: not to be inherited."""

    values: Mapping[str, Any]
    source: Source
    removed: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """`path`: "worker.max_age"; a side that says nothing is None; `fields`: the values that differ."""

    path: str
    left: Said | None
    right: Said | None
    fields: tuple[str, ...] = ()


def said(body: Body) -> dict[str, Said]:
    """Every rule of a body by its path, in the order of the chapters."""
    found: dict[str, Said] = {}
    for chapter in CHAPTERS:
        if chapter.shape is Shape.RECORD:
            record = body.records.get(chapter.name)
            for name, value in (record.values if record else {}).items():
                found[f"{chapter.name}.{name}"] = Said({name: value}, record.sources[name])  # type: ignore[union-attr]
        elif chapter.name in body.rows:
            found |= _rows(chapter.name, body.rows[chapter.name].rows)
    for name, rows in body.codes.items():
        found |= _rows(f"codes.{name}", rows.rows)
    for kind, flow in body.workflows.items():
        found |= _steps(f"workflows.{kind.value}", flow)
    return found


def _rows(path: str, rows: Mapping[str, Row]) -> dict[str, Said]:
    return {f"{path}.{code}": Said(row.values, row.source, row.removed) for code, row in rows.items()}


def _steps(path: str, flow: Workflow) -> dict[str, Said]:
    head = Said({"title": flow.title, "outcomes": tuple(flow.outcomes.values())}, flow.source)
    return {path: head} | {f"{path}.{step.code}": Said(_step_values(step), step.source) for step in flow.steps}


def _step_values(step: Step) -> dict[str, Any]:
    names = ("title", "actor", "sla", "sla_unit", "next_on_pass", "next_on_fail", "form", "needs_meeting",
             "needs_publicity_days", "forbid_submitter")  # fmt: skip
    values = {name: getattr(step, name) for name in names}
    return values | {f"branches.{branch.code}": branch.next for branch in step.branches}


def differences(left: Body, right: Body) -> list[Difference]:
    """What the two do not say alike; a rule with another source alone is a difference without fields."""
    one, other = said(left), said(right)
    found = []
    for path in [*one, *(path for path in other if path not in one)]:
        a, b = one.get(path), other.get(path)
        if a == b:
            continue
        fields: tuple[str, ...] = ()
        if a is not None and b is not None:
            fields = tuple(n for n in {**a.values, **b.values} if a.values.get(n) != b.values.get(n))
        found.append(Difference(path, a, b, fields))
    return found
