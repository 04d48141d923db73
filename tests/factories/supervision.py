"""A county with inspections in its rules, and helpers to plan one, draw its sample and raise issues."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.domain.policy.kinds import FoundBy
from app.domain.supervision.words import Frame, IssueSeverity
from app.models import GridNode, Inspection, Issue, SampleDraw
from app.services.supervision import inspections, issues, samples

ON = date(2026, 11, 23)  # the tests' Monday
RULES: dict[str, Any] = {
    "document": "测试发〔2026〕2号",
    "inspections": [
        {"code": "special", "title": "专项督查", "every": "half_year", "level": "township", "lead": "镇纪委",
         "source": "三(四)"},
        {"code": "cross", "title": "交叉检查", "every": "year", "level": "county", "min_villages": 2,
         "min_households": 5, "source": "三(五)"},
    ],
    "assessment": {"exempt_found_by": ["self_check", "application"], "veto": True, "source": "四(四)"},
    "codes": {
        "issue_categories": {"source": "local", "rows": [
            {"code": "record", "label": "无工作记录", "label_en": "No record"},
            {"code": "other", "label": "其他问题"}]},
        "inspection_items": {"source": "local", "rows": [
            {"code": "grid", "label": "网格员配备"}, {"code": "ledger", "label": "台账齐全"},
            {"code": "sample_only", "label": "仅交叉检查", "group": "cross"}]},
        "household_items": {"source": "local", "rows": [
            {"code": "water", "label": "饮水安全", "label_en": "Water"}, {"code": "visited", "label": "走访真实"}]},
    },
}  # fmt: skip


def plan_form(code: str = "special", **changes: Any) -> inspections.Plan:
    values = {"code": code, "title": "专项督查", "period": "2026H2", "lead": "镇纪委", "team": "两人", "from_on": ON,
              "to_on": date(2026, 12, 4)}  # fmt: skip
    return inspections.Plan(**(values | changes))


def plan(session: Any, node: GridNode, code: str = "special", **changes: Any) -> Inspection:
    return inspections.plan(session, node, plan_form(code, **changes))


def plan_cross(session: Any, county: GridNode) -> Inspection:
    return plan(session, county, "cross", title="交叉检查", period="2026")


def draw(session: Any, inspection: Inspection, seed: str = "2026-11-23", **changes: Any) -> SampleDraw:
    values: dict[str, Any] = {"frame": Frame.ALL.value, "seed": seed, "villages": None, "households": None}
    return samples.draw(session, inspection.id, samples.Wish(**(values | changes)))


def raised(node: GridNode | None = None, **changes: Any) -> issues.Raised:
    values: dict[str, Any] = {"category": "record", "severity": IssueSeverity.GENERAL.value,
                              "found_by": FoundBy.INSPECTION.value, "words": "三季度无研判记录", "found_on": ON,
                              "deadline_on": date(2026, 12, 8), "node": node}  # fmt: skip
    return issues.Raised(**(values | changes))


def raise_issue(session: Any, node: GridNode | None = None, **changes: Any) -> Issue:
    return issues.raise_issue(session, raised(node, **changes))
