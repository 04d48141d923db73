"""Which lines a plan begins with: the templates that the place's rules name for the household's risks (D4-25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.enums import HouseholdCategory
from app.domain.policy.rules import MONITORED_CATEGORIES, Code, PlanTemplate, Rules

DEVELOPMENT = "development"  # 开发式; every other class is 保障性
PLANNED_FOR = MONITORED_CATEGORIES | {HouseholdCategory.EARLY_WARNING}


def templates_for(rules: Rules, risks: Iterable[str], warnings: Iterable[str]) -> tuple[PlanTemplate, ...]:
    """Those that speak of one of these risks or kinds of early warning, in the order of the rules. A sub-kind ("0201")
    goes with its kind ("02")."""
    parents = {code.code: code.group for code in rules.codes.get("risk_kinds", ())}
    named = {name for risk in risks for name in (risk, parents.get(risk, "")) if name}
    warned = set(warnings)
    return tuple(one for one in rules.plan_templates if named & set(one.risks) or warned & set(one.warnings))


def template_of(rules: Rules, code: str) -> PlanTemplate | None:
    return next((one for one in rules.plan_templates if one.code == code), None)


def is_development(rules: Rules, class_code: str) -> bool:
    return any(code.code == class_code and code.group == DEVELOPMENT for code in rules.codes.get("measure_classes", ()))


def classes_for(rules: Rules, category: HouseholdCategory, template: PlanTemplate | None) -> tuple[Code, ...]:
    """The classes of measure to choose from, what the template suggests first: for early-warning households the early
    measures before the 14 classes, for others the 14 classes alone (D4-10). A code stands there once."""
    early = category is HouseholdCategory.EARLY_WARNING
    names = ("early_measures", "measure_classes") if early else ("measure_classes",)
    wanted: Sequence[str] = () if template is None else (*(template.early if early else ()), *template.measures)
    found: dict[str, Code] = {}
    for name in names:
        for code in rules.codes.get(name, ()):
            found.setdefault(code.code, code)
    return tuple(sorted(found.values(), key=lambda code: code.code not in wanted))
