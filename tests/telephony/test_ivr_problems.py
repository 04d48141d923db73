"""What is wrong with a script can be said in Chinese, in full."""

from __future__ import annotations

import ast
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from telephony.ivr import parse, validate
from telephony.ivr.parse import ScriptError
from telephony.ivr.problems import Problem
from telephony.ivr.script import Outcome

ROOT = Path(__file__).parents[2]


def chinese() -> dict[str, str]:
    """Every Chinese message of the product, from the catalogue and the parts it is assembled from."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "translations").rglob("*.po*")):
        if path.suffix in (".po", ".po-fragment"):
            catalogue = read_po(StringIO(path.read_text(encoding="utf-8")), ignore_obsolete=True)
            found |= {str(message.id): str(message.string) for message in catalogue if message.id and message.string}
    return found


def msgids() -> set[str]:
    """Every literal "what is wrong; what to do" of the two modules that find problems."""
    trees = [ast.parse(Path(module.__file__).read_text(encoding="utf-8")) for module in (parse, validate)]
    docstrings = {ast.get_docstring(n, clean=False) for t in trees for n in ast.walk(t)
                  if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.Module)}  # fmt: skip
    literals = {n.value for t in trees for n in ast.walk(t) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {text for text in literals - docstrings if "; " in text}


def test_every_problem_has_chinese_words():
    assert msgids() <= set(chinese())


def test_a_problem_is_a_line_and_can_be_said_again():
    problem = Problem("start", "no question %(name)r; name one of the questions", name="x")
    assert problem == "start: no question 'x'; name one of the questions"
    assert chinese()[problem.msgid] % problem.values == "没有问题 'x'；请写已有的问题"


def test_a_refused_file_gives_problems_to_translate():
    with pytest.raises(ScriptError) as refused:
        parse.parse("code: x\nendings: {done: {outcome: fine}}")
    found = [problem for problem in refused.value.problems if problem.where == "endings.done.outcome"]
    assert found[0].values["known"] == ", ".join(Outcome)
