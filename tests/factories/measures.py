"""Plans in a small world: rules that say what a plan holds, a monitored household, a department, people who act."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

from app import models as m
from app.domain.enums import HouseholdCategory
from app.domain.measures.words import ItemKind
from app.domain.policy import Rules
from app.domain.policy.kinds import Every, LevelKind, TimeUnit
from app.domain.policy.rules import Code, Deadline, Plans, PlanTemplate
from app.queries.measures import notices
from app.services.casework.actors import Actor
from app.services.measures import dispatching, items, lines, plans
from app.services.measures.plans import civil_today

CLASSES = (
    Code(code="industry", label="产业帮扶", group="development"),
    Code(code="health", label="健康帮扶", group="security"),
    Code(code="social", label="社会帮扶", group="security"),
)
RULES = Rules(
    plans=Plans(checked_by=(LevelKind.TOWNSHIP, LevelKind.COUNTY)),
    plan_templates=(
        PlanTemplate(code="income", title="收入不稳", risks=("07",), measures=("industry",), how="写明增收措施",
                     evidence=("务工合同",), reckon_every=Every.QUARTER),
        PlanTemplate(code="medical", title="因病", risks=("01",), measures=("health",), how="定期核算",
                     evidence=("结算单",), reckon_every=Every.MONTH, judge_relief=True),
        PlanTemplate(code="old", title="赡养", warnings=("lone_elderly",), early=("support_parents",), how="督促赡养",
                     evidence=("协议",)),
    ),
    codes={
        "measure_classes": CLASSES,
        "early_measures": (Code(code="support_parents", label="督促子女赡养"),),
        "risk_kinds": (Code(code="01", label="因病"), Code(code="07", label="因务工就业不稳")),
    },
    deadlines=(
        Deadline(code="first_measure", title="首项措施", amount=1, unit=TimeUnit.MONTH),
        Deadline(code="development_measure", title="开发式措施", amount=6, unit=TimeUnit.MONTH),
        Deadline(code="department_answer", title="答复", amount=10, unit=TimeUnit.WORKDAY),
        Deadline(code="publicity", title="公示", amount=5, unit=TimeUnit.DAY, at_least=True),
    ),
)  # fmt: skip
VILLAGE, TOWN, COUNTY = LevelKind.VILLAGE, LevelKind.TOWNSHIP, LevelKind.COUNTY


@contextmanager
def rules_saying(rules: Rules = RULES) -> Iterator[None]:
    """Within it, `rules` hold everywhere for plans and measures."""
    with ExitStack() as stack:
        for module in (plans, items, dispatching, notices):
            stack.enter_context(mock.patch.object(module, "rules_for", return_value=rules))
        yield


def actor(user_id: int, *levels: LevelKind) -> Actor:
    return Actor(user_id, frozenset(levels))


def monitor(
    session: Any, household: m.Household, risks: tuple[str, ...] = ("07",), days: int = 10
) -> m.MonitoringRecord:
    """The household is monitored since `days` ago."""
    household.category = HouseholdCategory.MARGINAL
    record = m.MonitoringRecord(household_id=household.id, household=household, kind=household.category,
                                identified_on=civil_today() - timedelta(days=days), risks=list(risks))  # fmt: skip
    session.add(record)
    session.flush()
    return record


def make_department(session: Any, node: m.GridNode, name: str = "县医保局") -> m.Department:
    department = m.Department(node_id=node.id, node=node, name=name, kind_code="medical_insurance",
                              from_on=date(2026, 1, 1), measure_classes=["health"])  # fmt: skip
    session.add(department)
    session.flush()
    return department


def add_item(session: Any, line: m.PlanLine, **changes: Any) -> m.PlanItem:
    values: dict[str, Any] = {"kind": ItemKind.MEASURE, "class_code": "industry", "what": "养鸡五十只",
                              "due_on": civil_today() + timedelta(days=20), "amount": Decimal("1500")}  # fmt: skip
    return items.add_item(session, line.id, **(values | changes))


def in_force(
    session: Any, household: m.Household, users: list[int], templates: tuple[str, ...] = ("income",)
) -> m.HelpPlan:
    """A plan opened by users[0], checked by users[1] at both levels."""
    plan = plans.open_plan(session, household, templates, user_id=users[0])
    for line in plan.lines:
        add_item(session, line)
    plans.submit(session, plan.id, actor(users[0], VILLAGE), seen=plan.changes)
    for level in RULES.plans.checked_by:
        plans.check(session, plan.id, actor(users[1], level), seen=plan.changes, passed=True)
    return plan


def income_sheet(session: Any, household: m.Household, on: date | None = None) -> m.IncomeSheet:
    day = on or civil_today()
    sheet = m.IncomeSheet(household_id=household.id, household=household, judged_on=day, persons=2,
                          window_from=day - timedelta(days=365), window_to=day, wage=1_200_000, net=1_200_000,
                          per_capita=600_000)  # fmt: skip
    session.add(sheet)
    session.flush()
    return sheet


def tick_all(session: Any, line: m.PlanLine, user: int) -> None:
    for one in line.evidence:
        lines.tick(session, one.id, user_id=user, note="村档案柜")
