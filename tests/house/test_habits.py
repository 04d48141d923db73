"""Habits a machine can check: one clock, one commit per entry point, no long Celery delays, ids only in logs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.test_layout import ROOT, parsed, tracked

PRODUCT = ("app", "telephony", "tasks")
CLOCKS = {Path("telephony/clock.py")}
WALL_CLOCK_ALLOWED = {Path("app/embedded/home.py"), Path("app/commands/doctor.py")}  # a new clock, the real clock


def product_modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in tracked(".py"):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in PRODUCT:
            yield relative, parsed(path)


def calls(tree: ast.Module) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def test_time_is_asked_of_the_one_clock() -> None:
    wrong = [f"{path}:{line}" for path, tree in product_modules() if path not in CLOCKS | WALL_CLOCK_ALLOWED
             for line, name, _ in calls(tree) if name in {"datetime.now", "datetime.utcnow", "date.today"}]  # fmt: skip

    assert wrong == []


def test_services_and_queries_never_commit() -> None:
    rooms = {"services", "queries", "models", "domain"}
    wrong = [f"{path}:{line}" for path, tree in product_modules() if len(path.parts) > 1 and path.parts[1] in rooms
             for line, name, _ in calls(tree) if name.endswith("session.commit")]  # fmt: skip

    assert wrong == []


def test_no_task_is_put_off_by_the_broker() -> None:
    """Redis redelivers what waits longer than its visibility time-out: double calls (HOUSE rule 5)."""
    wrong = [f"{path}:{line}" for path, tree in product_modules() for line, name, call in calls(tree)
             if name.endswith("apply_async") and {k.arg for k in call.keywords} & {"eta", "countdown"}]  # fmt: skip

    assert wrong == []


def test_nothing_prints() -> None:
    wrong = [f"{path}:{line}" for path, tree in product_modules() for line, name, _ in calls(tree) if name == "print"]

    assert wrong == []


def test_only_the_clock_sleeps_in_the_rooms_of_the_application() -> None:
    allowed = {"app/embedded", "telephony/simulator", "telephony/clock.py"}
    wrong = [f"{path}:{line}" for path, tree in product_modules()
             if not any(str(path).startswith(a) for a in allowed)
             for line, name, _ in calls(tree) if name == "time.sleep"]  # fmt: skip

    assert wrong == []


def test_only_its_own_module_says_what_a_kind_of_campaign_means() -> None:
    """Elsewhere the kind is asked (services.campaign_kinds) or selected by (queries.campaigns), never compared."""
    codes = {"checkin", "callback", "CHECKIN", "CALLBACK"}

    def is_code(side: ast.expr) -> bool:
        return (ast.literal_eval(side) if isinstance(side, ast.Constant) else ast.unparse(side).split(".")[-1]) in codes

    wrong = [f"{path}:{node.lineno}" for path, tree in product_modules() if path != Path("app/queries/campaigns.py")
             for node in ast.walk(tree) if isinstance(node, ast.Compare)
             for sides in [[node.left, *node.comparators]]
             if any(ast.unparse(side).lower().endswith("campaign.kind") for side in sides)
             or (any(ast.unparse(side).endswith(".kind") for side in sides) and any(map(is_code, sides)))]  # fmt: skip

    assert wrong == []
