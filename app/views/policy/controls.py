"""From the keys of a chapter to the controls of a form, and back from what was typed to what a profile's body holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.domain.labels import LABELS
from app.domain.policy.chapters import Chapter
from app.domain.policy.fields import Field
from app.domain.policy.fields import Kind as T
from app.domain.policy.problems import Problem
from app.models import PolicyProfile
from app.views.policy import words

_SPLIT = str.maketrans({"、": "\n", "，": "\n", ",": "\n", "；": "\n", ";": "\n"})


@dataclass(slots=True)
class Control:
    """`kind`: text, number, date, select, checks, lines, yesno. `value`: as the control shows it."""

    name: str
    label: str
    kind: str
    value: Any
    required: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    hint: str = ""


_KINDS = {T.TEXT: "text", T.CODE: "text", T.WHOLE: "number", T.MONEY: "text", T.FLAG: "yesno", T.DAY: "date",
          T.MONTH_DAY: "text", T.ONE_OF: "select", T.MANY_OF: "checks", T.WORDS: "lines",
          T.WHOLES: "lines"}  # fmt: skip


def _hints() -> dict[T, str]:
    return {
        T.WORDS: _("One in each line."), T.WHOLES: _("One in each line."),
        T.MONTH_DAY: _("Month and day, such as 03-31."),
        T.CODE: _("Small letters, digits, - and _."), T.MONEY: _("Yuan, such as 7000."),
    }  # fmt: skip


def shown(chapter: Chapter, typed: Mapping[str, Any], errors: Mapping[str, list[str]]) -> list[Control]:
    """`typed`: a form that came back, or the values of a rule."""
    return [_control(spec, typed, errors.get(spec.name, [])) for spec in chapter.fields]


def _control(spec: Field, typed: Mapping[str, Any], errors: list[str]) -> Control:
    kind = _KINDS[spec.kind]
    control = Control(spec.name, _(spec.label), kind, _value(spec, kind, typed), spec.required, errors=errors,
                      hint=_hints().get(spec.kind, ""))  # fmt: skip
    if spec.words is not None:
        control.choices = [(member.value, _(label)) for member, label in LABELS[spec.words].items()]
    return control


def _value(spec: Field, kind: str, typed: Mapping[str, Any]) -> Any:
    if isinstance(typed, MultiDict):
        return typed.getlist(spec.name) if kind == "checks" else typed.get(spec.name, "")
    value = typed.get(spec.name)
    if kind == "checks":
        return [str(item) for item in value or ()]
    if kind == "lines":
        return "\n".join(str(item) for item in value or ())
    if kind == "yesno":
        return "" if value is None else "1" if value else "0"
    return "" if value is None else str(value)


def read_values(chapter: Chapter, form: Any) -> dict[str, Any]:
    """What was typed, as the body holds it. Empty is silence; what cannot be read is kept for the check to name."""
    found: dict[str, Any] = {}
    for spec in chapter.fields:
        kind = _KINDS[spec.kind]
        if kind == "checks":
            value: Any = form.getlist(spec.name)
        elif kind == "lines":
            value = [part.strip() for part in form.get(spec.name, "").translate(_SPLIT).splitlines() if part.strip()]
        else:
            value = form.get(spec.name, "").strip()
        if value in ("", []):
            continue
        found[spec.name] = value == "1" if kind == "yesno" else value
    return found


def read_basis(form: Any) -> Any:
    """The `source:` the form says. A clause without a document is told by the check."""
    kind, note = form.get("basis", ""), form.get("basis_note", "").strip()
    clause = form.get("basis_clause", "").strip()
    if kind == "local":
        return {"local": True, **({"note": note} if note else {})}
    if kind == "external":
        return {"external": clause, **({"note": note} if note else {})} if clause else None
    if not clause:
        return None
    return {"document": form.get("basis_document", ""), "clause": clause, **({"note": note} if note else {})}


def basis_of(typed: Any, profile: PolicyProfile) -> dict[str, str]:
    """What the basis fields show: as typed, as the rule has it, or a clause of the profile's own document."""
    if isinstance(typed, MultiDict):
        return {key: typed.get(f"basis_{key}" if key != "kind" else "basis", "")
                for key in ("kind", "document", "clause", "note")}  # fmt: skip
    source, own = typed.get("source"), str(profile.body.get("document") or "")
    empty = {"kind": "document", "document": own, "clause": "", "note": ""}
    if isinstance(source, str):
        if source == "local":
            return {**empty, "kind": "local"}
        return {**empty, "clause": source, "kind": "external" if source.startswith("E-") else "document"}
    if isinstance(source, Mapping):
        kind = "local" if source.get("local") else "external" if source.get("external") else "document"
        return {"kind": kind, "document": str(source.get("document") or own),
                "clause": str(source.get("external") or source.get("clause") or ""),
                "note": str(source.get("note") or "")}  # fmt: skip
    return empty if own else {**empty, "kind": "local"}


def by_field(problems: Iterable[Problem], path: str) -> dict[str, list[str]]:
    """Problems at the control they belong to; those of other rules under "", with their place."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        inside = problem.path.startswith(f"{path}.")
        name = problem.path[len(path) + 1 :].split(".")[0] if inside else ""
        name = "basis" if name in ("source", "sources") or problem.path == path else name
        text = words.problem_words(problem)
        found.setdefault(name, []).append(text if name else f"{words.path_words(problem.path)}: {text}")
    if "basis" in found:
        found[""] = [*found.get("", []), *(_("Basis: %(problem)s", problem=text) for text in found.pop("basis"))]
    return found
