"""A workflow as a case keeps it: plain JSON that reads back as the same template, whatever becomes of the profile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from app.domain.policy import Branch, Source, Step, Workflow
from app.domain.policy.kinds import LevelKind, SourceKind, TimeUnit


def to_body(flow: Workflow) -> dict[str, Any]:
    """JSON types only; `from_body` reads it back to an equal workflow."""
    return {
        "code": flow.code,
        "title": flow.title,
        "outcomes": dict(flow.outcomes),
        "source": _source_to(flow.source),
        "steps": [_step_to(step) for step in flow.steps],
    }


def from_body(body: Mapping[str, Any]) -> Workflow:
    return Workflow(
        code=body["code"],
        title=body["title"],
        outcomes=dict(body["outcomes"]),
        source=_source_from(body["source"]),
        steps=tuple(_step_from(step) for step in body["steps"]),
    )


def digest_of(body: Mapping[str, Any]) -> str:
    """64 hex digits; equal for equal workflows, in whatever order their keys were written."""
    return sha256(json.dumps(body, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


_PLAIN = ("code", "title", "sla", "next_on_pass", "next_on_fail", "form", "needs_meeting", "needs_publicity_days",
          "forbid_submitter")  # fmt: skip


def _step_to(step: Step) -> dict[str, Any]:
    return {
        **{name: getattr(step, name) for name in _PLAIN},
        "actor": step.actor.value,
        "sla_unit": step.sla_unit.value,
        "branches": [[branch.code, branch.title, branch.next] for branch in step.branches],
        "source": _source_to(step.source),
    }


def _step_from(body: Mapping[str, Any]) -> Step:
    return Step(
        **{name: body[name] for name in _PLAIN},
        actor=LevelKind(body["actor"]),
        sla_unit=TimeUnit(body["sla_unit"]),
        branches=tuple(Branch(code=code, title=title, next=target) for code, title, target in body["branches"]),
        source=_source_from(body["source"]),
    )


def _source_to(source: Source) -> dict[str, Any]:
    return {
        "kind": source.kind.value,
        "document": source.document,
        "clause": source.clause,
        "note": source.note,
        "dated": source.dated.isoformat() if source.dated else None,
    }


def _source_from(body: Mapping[str, Any]) -> Source:
    dated = body["dated"]
    return Source(SourceKind(body["kind"]), body["document"], body["clause"], body["note"],
                  date.fromisoformat(dated) if dated else None)  # fmt: skip
