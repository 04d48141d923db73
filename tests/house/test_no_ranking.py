"""No page orders persons by what they reached, no GPS trail, no log-in figures (UX 4, D0-62)."""

from __future__ import annotations

import ast
import re

from tests.house.test_habits import product_modules
from tests.house.test_layout import ROOT, tracked

RESULTS = {"total", "coefficient", "manual_score", "grade", "score", "amount_fen"}
PERSONS = ("app/queries/worker_files", "app/views/worker_files", "app/services/worker_files", "app/sheets/worker_files")
WORDS = re.compile(r"leaderboard|ranking of workers|login_count|log-in rate|gps_track|location_trail", re.I)


def _orders(tree: ast.Module) -> list[str]:
    """What rows are ordered by: arguments of order_by, and keys of sorted, sort, min and max over a result."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rsplit(".", 1)[-1]
            if name == "order_by":
                found += [ast.unparse(argument) for argument in node.args]
            if name in ("sorted", "sort"):
                found += [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "key"]
    return found


def test_no_list_of_persons_is_ordered_by_a_result() -> None:
    wrong = [f"{path}: {order}" for path, tree in product_modules() if str(path).startswith(PERSONS)
             for order in _orders(tree) if RESULTS & set(re.findall(r"\w+", order))]  # fmt: skip

    assert wrong == []


def test_lists_of_persons_offer_no_results_to_compare() -> None:
    """The list of evaluations shows who, where and how far; what somebody reached stands on their own sheet alone."""
    text = (ROOT / "app/views/worker_files/evaluations.py").read_text("utf-8")
    row = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.name == "_row")

    assert not RESULTS & set(re.findall(r"\w+", ast.unparse(row)))


def test_nobody_is_tracked() -> None:
    files = [path for path in tracked(".py", ".html") if path.relative_to(ROOT).parts[0] == "app"]
    found = [str(path.relative_to(ROOT)) for path in files if WORDS.search(path.read_text("utf-8"))]

    assert found == []
