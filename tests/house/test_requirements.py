"""docs/requirements.md: every numbered requirement once, and what it claims exists."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

import click
import pytest
from flask import Flask

from app.cli import main
from tests.house.test_layout import ROOT

RANGES = {"D0": range(1, 66), "D2": range(1, 43), "D3": range(1, 26), "D4": range(1, 34)}
EXPECTED = [f"{document}-{number:02}" for document, numbers in RANGES.items() for number in numbers]
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_PATH = re.compile(r"(?<![\w`])/[\w\-/.<>:]+")
_COMMAND = re.compile(r"shouwang((?: [a-z]+)+)")


@dataclass(frozen=True)
class Row:
    number: str
    served_by: str
    tested_by: str


@cache
def rows() -> tuple[Row, ...]:
    found = []
    for line in (ROOT / "docs" / "requirements.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"D\d-\d\d", cells[0]):
            assert len(cells) == 6, line
            found.append(Row(cells[0], cells[4], cells[5]))
    return tuple(found)


def served() -> list[Row]:
    return [row for row in rows() if row.served_by != "open"]


@cache
def names_in(path: str) -> frozenset[str]:
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_number_of_the_catalogue_stands_once() -> None:
    assert len(EXPECTED) == 165
    assert [row.number for row in rows()] == EXPECTED


def test_what_is_open_claims_no_test() -> None:
    assert [row.number for row in rows() if row.served_by == "open" and row.tested_by != "–"] == []


def test_what_is_served_names_where_and_by_which_test() -> None:
    without_place = [r.number for r in served() if not (_PATH.search(r.served_by) or _COMMAND.search(r.served_by))]
    without_test = [r.number for r in served() if not _TEST.search(r.tested_by)]

    assert (without_place, without_test) == ([], [])


def test_every_test_named_exists() -> None:
    missing = [f"{row.number}: {path}::{name}" for row in served() for path, name in _TEST.findall(row.tested_by)
               if name not in names_in(path)]  # fmt: skip

    assert missing == []


def test_every_screen_named_exists(web_app: Flask) -> None:
    known = {rule.rule for rule in web_app.url_map.iter_rules()}
    missing = [f"{row.number}: {path}" for row in served() for path in _PATH.findall(row.served_by)
               if path.rstrip(".") not in known]  # fmt: skip

    assert missing == []


def test_every_command_named_exists() -> None:
    missing = [f"{row.number}: shouwang{words}" for row in served() for words in _COMMAND.findall(row.served_by)
               if not _is_command(words.split())]  # fmt: skip

    assert missing == []


@pytest.mark.parametrize(("words", "known"), [(["campaign", "plan"], True), (["campaign", "stop"], False)])
def test_commands_are_looked_up(words: list[str], known: bool) -> None:
    assert _is_command(words) is known


def _is_command(words: list[str]) -> bool:
    command: click.Command | None = main
    for word in words:
        command = command.commands.get(word) if isinstance(command, click.Group) else None
    return command is not None
