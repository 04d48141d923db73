"""The rules of a profile or of a place as the pages show them: chapter by chapter, each with its basis."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.domain.labels import label_of
from app.domain.policy.basis import Origin, Source
from app.domain.policy.chapters import CHAPTERS, CODE_ENTRY, Chapter, Shape
from app.domain.policy.flows import Workflow
from app.domain.policy.kinds import WorkflowKind
from app.domain.policy.resolve import Resolution
from app.domain.policy.rules import Rules
from app.views.policy import words

_HEADINGS = {  # the fields that name a rule in one line, and so are not repeated below it
    "levels": ("title",), "staffing": ("level", "title"), "contact_rules": ("target",),
    "thresholds": ("tier", "measure"), "calendar": ("title",), "meetings": ("title",), "inspections": ("title",),
    "one_off": ("title",), "deadlines": ("title",), "wording": ("text",), "codes": ("label",), "workflows": ("title",),
    "plan_templates": ("title",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One rule. `origin` None: the profile's own. `facts`: (label, value) in words."""

    path: str
    key: str
    heading: str
    facts: tuple[tuple[str, str], ...]
    source: Source
    origin: Origin | None
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Section:
    """A chapter; for code lists one section each."""

    name: str
    title: str
    lines: list[Line] = field(default_factory=list)
    is_record: bool = False
    is_codes: bool = False
    steps: bool = False
    note: str = ""

    @property
    def own(self) -> int:
        return sum(1 for line in self.lines if line.origin is None)


def sections(found: Resolution, own_id: int | None = None) -> list[Section]:
    """`own_id`: the profile whose own rules are not marked as inherited; None marks every rule with its profile."""
    rules = found.rules
    builder = _Builder(rules, own_id, _warnings(found))
    listed = [builder.chapter(chapter) for chapter in CHAPTERS]
    listed += [builder.workflow(kind, flow) for kind, flow in rules.workflows.items()]
    listed += [builder.code_list(name) for name in rules.codes]
    return [section for section in listed if section.lines]


def _warnings(found: Resolution) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    names = _names(found)
    for one in found.loosenesses:
        told.setdefault(one.path, []).append(words.looseness_words(one, found.rules.codes, names))
    return told


def _names(found: Resolution) -> dict[str, str]:
    """Path → heading, for rules that warnings speak of: their codes mean nothing to a reader."""
    if not found.loosenesses:
        return {}
    builder = _Builder(found.rules, None, {})
    return {line.path: line.heading for chapter in CHAPTERS for line in builder.chapter(chapter).lines}


def notices(found: Resolution) -> tuple[list[str], list[str]]:
    """(what is looser, what a younger rule overlays), in words."""
    names = _names(found)
    loose = [words.looseness_words(one, found.rules.codes, names) for one in found.loosenesses]
    return loose, [words.overlay_words(one) for one in found.overlays]


class _Builder:
    def __init__(self, rules: Rules, own_id: int | None, told: dict[str, list[str]]) -> None:
        self.rules, self.own_id, self.told = rules, own_id, told

    def chapter(self, chapter: Chapter) -> Section:
        section = Section(chapter.name, _(chapter.label), is_record=chapter.shape is Shape.RECORD)
        held = getattr(self.rules, chapter.name)
        if chapter.shape is Shape.ROWS:
            section.lines = [self._row(chapter, chapter.name, row) for row in held]
            return section
        for spec in chapter.fields:
            path = f"{chapter.name}.{spec.name}"
            if path in self.rules.origins:
                shown = words.value_words(spec, getattr(held, spec.name), self.rules.codes)
                section.lines.append(self._line(path, spec.name, _(spec.label), [("", shown)],
                                                held.source_of(spec.name)))  # fmt: skip
        return section

    def _row(self, chapter: Chapter, path: str, row: Any) -> Line:
        heading = [words.value_words(chapter.field(name), getattr(row, name), self.rules.codes)
                   for name in _HEADINGS[chapter.name] if getattr(row, name) not in (None, "")]  # fmt: skip
        facts = [(_(spec.label), words.value_words(spec, value, self.rules.codes)) for spec in chapter.fields
                 if spec.name not in (*_HEADINGS[chapter.name], chapter.key) and not spec.name.endswith("_en")
                 if (value := getattr(row, spec.name)) not in (None, "", (), frozenset(), False)]  # fmt: skip
        return self._line(f"{path}.{row.code}", str(row.code), " · ".join(heading), facts, row.source)

    def _line(self, path: str, key: str, heading: str, facts: Iterable[tuple[str, str]], source: Source) -> Line:
        origin = self.rules.origins.get(path)
        inherited = origin is not None and (self.own_id is None or origin.profile_id != self.own_id)
        return Line(path, key, heading, tuple(facts), source, origin if inherited else None,
                    tuple(self.told.get(path, ())))  # fmt: skip

    def code_list(self, name: str) -> Section:
        section = Section(f"codes.{name}", words.list_title(name), is_codes=True)
        section.lines = [self._row(CODE_ENTRY, f"codes.{name}", row) for row in self.rules.codes[name]]
        return section

    def workflow(self, kind: WorkflowKind, flow: Workflow) -> Section:
        path = f"workflows.{kind.value}"
        names = {step.code: step.title for step in flow.steps} | dict(flow.outcomes)
        section = Section(path, _(label_of(kind)), steps=True, note=flow.title)
        origin = self.rules.origins.get(path)
        inherited = origin if origin is not None and origin.profile_id != self.own_id else None
        for step in flow.steps:
            days = step.needs_publicity_days
            facts = [
                (_("Who acts"), words.value_words(None, step.actor, {})),
                (_("Time limit"), f"{step.sla} {words.value_words(None, step.sla_unit, {})}"),
                (_("Form"), step.form), (_("Meeting"), step.needs_meeting),
                (_("Publicity"), _("%(days)s days", days=days) if days else ""),
                (_("Next when passed"), names[step.next_on_pass]),
                (_("Next when not passed"), names[step.next_on_fail]),
                *((branch.title, names[branch.next]) for branch in step.branches),
            ]  # fmt: skip
            section.lines.append(Line(f"{path}.{step.code}", step.code, step.title,
                                      tuple((a, b) for a, b in facts if b), step.source, inherited))  # fmt: skip
        return section


def chain_words(chain: Sequence[Origin]) -> list[dict[str, Any]]:
    return [{"code": origin.code, "title": origin.title, "id": origin.profile_id} for origin in chain]
