"""Scripts run on the oldest WebView still met on phones (Chrome 80; bundles are ES2019, UX check 18)."""

from __future__ import annotations

import re

import pytest

from tests.house.test_layout import ROOT

SCRIPTS = sorted((ROOT / "app" / "static").glob("*/*.js"))
# Without quoted texts; `a?.5:1` is a condition, not a chain.
TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'')
SYNTAX_AFTER_2019 = re.compile(r"\?\.(?!\d)|\?\?|\|\|=|&&=|\bstatic\s*\{|\bimport\(|\b\d+n\b")
YOUNGER_THAN_CHROME_80 = re.compile(
    r"\.(?:replaceChildren|replaceAll|at|findLast|findLastIndex|hasOwn|toSorted|checkVisibility|showPicker)\("
    r"|\bstructuredClone\(|\bAbortSignal\.timeout|Promise\.any\("
)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_parses_as_es2019(path: object) -> None:
    source = TEXT.sub('""', path.read_text("utf-8"))  # type: ignore[attr-defined]

    assert SYNTAX_AFTER_2019.findall(source) == []


@pytest.mark.parametrize("path", [path for path in SCRIPTS if path.parent.name != "vendor"], ids=lambda path: path.name)
def test_a_script_calls_nothing_younger(path: object) -> None:
    assert YOUNGER_THAN_CHROME_80.findall(path.read_text("utf-8")) == []  # type: ignore[attr-defined]
