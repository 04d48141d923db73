"""Rules in words: values, sources, what is looser, what is wrong with a profile."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import gettext

from app.domain.labels import label_of
from app.domain.policy.basis import Source
from app.domain.policy.chapters import BY_NAME, CODE_ENTRY, STEP, Chapter
from app.domain.policy.compare import Difference
from app.domain.policy.fields import Field
from app.domain.policy.kinds import ProfileStatus
from app.domain.policy.labels import LIST_TITLES
from app.domain.policy.problems import Problem
from app.domain.policy.resolve import Looseness, Overlay
from app.domain.policy.rules import Code
from app.views import dates

STATUS_TONE = {
    ProfileStatus.DRAFT: "neutral", ProfileStatus.TRIAL: "info", ProfileStatus.IN_FORCE: "success",
    ProfileStatus.RETIRED: "neutral",
}  # fmt: skip
Codes = Mapping[str, tuple[Code, ...]]


def _(msgid: str, **values: Any) -> str:
    return str(gettext(msgid, **values))


def status_badge(status: ProfileStatus) -> tuple[str, str]:
    return _(label_of(status)), STATUS_TONE[status]


def value_words(field: Field | None, value: Any, codes: Codes) -> str:
    """One value as a person reads it."""
    if value is None or value == "":
        return dates.NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, StrEnum):
        return _(label_of(value))
    if isinstance(value, Decimal):
        return f"{value:,.2f}".removesuffix(".00")
    if isinstance(value, date):
        return dates.civil(value)
    if isinstance(value, (tuple, list, frozenset)):
        parts = [value_words(field, part, codes) for part in _ordered(value)]
        return _(", ").join(parts)
    if field is not None and field.codes:
        return code_label(codes, field.codes, str(value))
    return str(value)


def _ordered(value: Any) -> Any:
    """Sets in the order of their enum, so that a page reads the same twice."""
    if not isinstance(value, frozenset):
        return value
    return [member for member in type(next(iter(value))) if member in value] if value else ()


def code_label(codes: Codes, name: str, code: str) -> str:
    return next((row.label for row in codes.get(name, ()) if row.code == code), code)


def source_words(source: Source) -> str:
    """依据 《…》 …, 本地选择, or where a default was taken from."""
    if source.local_choice:
        words = _("Local choice")
    elif source.external:
        words = _("External default (%(entry)s)", entry=source.clause)
    else:
        words = _("Basis: %(document)s, %(clause)s", document=source.document, clause=source.clause)
    return f"{words}; {source.note}" if source.note else words


def chapter_title(path: str) -> str:
    """Of a path such as "codes.networks.party" or "worker.max_age"."""
    parts = path.split(".")
    if parts[0] == "codes":
        return list_title(parts[1]) if len(parts) > 1 else _(CODE_ENTRY.label)
    if parts[0] == "workflows":
        return _(STEP.label)
    chapter = BY_NAME.get(parts[0])
    return _(chapter.label) if chapter else parts[0]


def list_title(name: str) -> str:
    return _(LIST_TITLES[name]) if name in LIST_TITLES else name


def chapter_for(path: str) -> Chapter | None:
    name = path.split(".")[0]
    return {"codes": CODE_ENTRY, "workflows": STEP}.get(name) or BY_NAME.get(name)


def path_words(path: str) -> str:
    """Chapter and key in words: "Grid workers: Age, at most"."""
    parts = path.split(".")
    chapter = chapter_for(path)
    if chapter is None or len(parts) == 1:
        return chapter_title(path) if path else ""
    field = chapter.field(parts[-1])
    key = _(field.label) if field is not None else parts[-1]
    middle = [part for part in parts[1:-1] if not (parts[0] == "codes" and part == parts[1])]
    return " · ".join([chapter_title(path), *middle, key])


def rule_words(found: Difference) -> str:
    """Which rule two profiles differ in: its chapter, and its title where it has one."""
    side = found.left or found.right
    chapter = chapter_for(found.path)
    if side is None or chapter is None or found.path.count(".") == 0:
        return path_words(found.path)
    field = chapter.field(chapter.key)
    if field is not None and field.words is not None and chapter.key in side.values:
        return f"{chapter_title(found.path)} · {value_words(field, side.values[chapter.key], {})}"
    named = next((side.values[name] for name in ("title", "label", "text") if side.values.get(name)), None)
    return f"{chapter_title(found.path)} · {named}" if named else path_words(found.path)


def problem_words(problem: Problem) -> str:
    return _(problem.message, **problem.values) if problem.values else _(problem.message)


def looseness_words(found: Looseness, codes: Codes, names: Mapping[str, str]) -> str:
    """A warning in one sentence, naming both sides. `names`: what the rules are called, by path."""
    where = chapter_title(found.path)
    key = names.get(found.path, found.path.split(".")[-1])
    if found.difference is None:
        return _("%(where)s: the rule “%(key)s” of %(parent)s is taken away.",
                 where=where, key=key, parent=found.parent.title)  # fmt: skip
    chapter = chapter_for(found.path)
    field = chapter.field(found.difference.field) if chapter else None
    return _("%(where)s (%(key)s), %(field)s: %(child)s here is looser than %(parent_value)s of %(parent)s.",
             where=where, key=key, field=_(field.label) if field else found.difference.field,
             child=value_words(field, found.difference.child, codes), parent=found.parent.title,
             parent_value=value_words(field, found.difference.parent, codes))  # fmt: skip


def overlay_words(found: Overlay) -> str:
    return _("%(where)s: the younger rule of %(winner)s holds instead (%(source)s).",
             where=path_words(found.path), winner=found.winner.title,
             source=source_words(found.winner_source))  # fmt: skip
