"""What a rehearsal says at its end: for a terminal, and as JSON for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.rehearsal.runner import Outcome


def as_json(outcome: Outcome, wall_s: float) -> dict[str, Any]:
    """Stable keys: quarter, households, seed, dispositions, invariants[{code, title, cases, violations}], …"""
    plan = outcome.plan
    return {
        "quarter": str(plan.quarter), "households": plan.households, "seed": plan.seed,
        "dispositions": outcome.counts, "total": sum(outcome.counts.values()),
        "calls": outcome.calls, "texts": outcome.texts, "callbacks": outcome.callbacks, "faults": outcome.faults,
        "invariants": [{"code": f.code, "title": f.title, "cases": f.cases, "violations": f.violations,
                        "examples": f.examples} for f in outcome.findings],
        "violations": outcome.violations, "virtual_days": round(outcome.virtual_days, 1),
        "wall_seconds": round(wall_s, 1), "trace": str(outcome.trace), "database": outcome.database,
    }  # fmt: skip


def as_lines(outcome: Outcome, wall_s: float) -> Iterator[str]:
    plan = outcome.plan
    yield f"{plan.quarter}  {plan.households} households  seed {plan.seed}  {wall_s:.0f} s wall"
    yield f"{outcome.calls} calls, {outcome.texts} texts, {outcome.callbacks} callbacks"
    yield f"{outcome.virtual_days:.0f} days"
    yield ""
    for name, count in outcome.counts.items():
        yield f"  {name:<14}{count:>7}"
    yield f"  {'total':<14}{sum(outcome.counts.values()):>7}"
    yield ""
    if outcome.faults:
        yield "faults: " + ", ".join(f"{name} {count}" for name, count in outcome.faults.items())
        yield ""
    yield "invariant                                                             cases  violations"
    for finding in outcome.findings:
        yield f"{finding.code:<4} {finding.title:<64}{finding.cases:>7}{finding.violations:>12}"
        for example in finding.examples:
            yield f"       {example}"
    yield ""
    yield f"trace:    {outcome.trace}"
    yield f"database: {outcome.database}"
    yield "no violation" if outcome.violations == 0 else f"{outcome.violations} VIOLATIONS"
