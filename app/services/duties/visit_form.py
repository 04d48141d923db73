"""The form of a visit: the check-in's questions and those one can only ask face to face, by the same ids (D0-26)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from telephony.ivr.parse import parse
from telephony.ivr.script import Script


@cache
def visit_form() -> Script:
    """The packaged form, parsed once a process."""
    return parse(files("app.services").joinpath("visit_form.yaml").read_text(encoding="utf-8"))


def knows(questions: Iterable[str]) -> bool:
    """Are all of these questions of the form? Those of a call logged by hand need not be."""
    return {question.id for question in visit_form().questions} >= set(questions)
