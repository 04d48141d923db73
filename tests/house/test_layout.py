"""The house as it looks from outside: names at the top, sizes of rooms, words that do not belong."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOP = {"app", "telephony", "tasks", "translations", "migrations", "tests", "docs", "deploy", "config.py",
       "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "Makefile"}  # fmt: skip
LONGEST_FILE = 350
LONGEST_FUNCTION = 55
BANNED_NAMES = {"utils", "helpers", "misc", "common"}
OUTSIDE_HOSTS = re.compile(
    r"(https?:)?//(cdn|unpkg|ajax\.googleapis|fonts\.g|maxcdn|cdnjs|www\.gstatic|code\.jquery)", re.I
)


@cache
def tracked(*endings: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True)  # fmt: skip
    files = [ROOT / line for line in listed.stdout.splitlines()]
    return [path for path in files if path.is_file() and (not endings or path.suffix in endings)]


@cache
def parsed(path: Path) -> ast.Module:
    """Every rule reads every file: parse each once."""
    return ast.parse(path.read_text("utf-8"))


def own_python() -> list[Path]:
    return [p for p in tracked(".py") if "versions" not in p.parts]


def test_only_planned_names_stand_at_the_top() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}

    assert {name for name in names if not name.startswith(".")} <= TOP


def test_every_file_can_be_seen_across() -> None:
    long = {str(p.relative_to(ROOT)): n for p in own_python() if (n := p.read_text("utf-8").count("\n")) > LONGEST_FILE}

    assert long == {}


def test_every_function_fits_a_screen() -> None:
    long = {}
    for path in own_python():
        for node in ast.walk(parsed(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = length

    assert long == {}


def test_no_room_is_called_a_junk_drawer() -> None:
    assert [str(p) for p in own_python() if p.stem in BANNED_NAMES] == []


@pytest.mark.parametrize("ending", [".html", ".js", ".css", ".svg"])
def test_no_page_asks_the_internet(ending: str) -> None:
    asking = [str(p.relative_to(ROOT)) for p in tracked(ending)
              if "vendor" not in p.parts and OUTSIDE_HOSTS.search(p.read_text("utf-8"))]  # fmt: skip

    assert asking == []


def test_no_except_is_silent() -> None:
    silent = []
    for path in own_python():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ExceptHandler) and all(isinstance(s, ast.Pass) for s in node.body):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno}")

    assert silent == []
