"""Laying the profiles of a chain over one another (docs/adr: how policy profiles inherit).

From the farthest profile to the nearest, key by key: what the nearer one says takes the place of what it inherits,
what it leaves out stays. Single values are keys of their own; a rule with a code is one key, taken whole; the income
lines of one tier are one key; levels and workflows are taken whole. Against this order a rule of a *document* that is
younger than the nearer profile's rule stays in force, unless the nearer one is the stricter (DOMAIN 2.3(6)).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.policy.basis import Origin, Source
from app.domain.policy.chapters import BY_NAME, CHAPTERS, CODE_ENTRY, Chapter, Shape
from app.domain.policy.flows import Workflow
from app.domain.policy.kinds import Strictness, WorkflowKind
from app.domain.policy.parsing import Body, Row, RowChapter
from app.domain.policy.rules import Rules
from app.domain.policy.strictness import Difference, combined, differences, strictness


@dataclass(frozen=True, slots=True)
class Layer:
    origin: Origin
    body: Body


@dataclass(frozen=True, slots=True)
class Looseness:
    """A nearer rule asks for less than what it inherits. `difference` None: it takes the inherited rule away."""

    path: str
    child: Origin
    parent: Origin
    parent_source: Source
    difference: Difference | None = None


@dataclass(frozen=True, slots=True)
class Overlay:
    """A younger rule of a profile farther away stays in force over the nearer one's older rule."""

    path: str
    winner: Origin
    loser: Origin
    winner_source: Source


@dataclass(frozen=True, slots=True)
class Resolution:
    rules: Rules
    loosenesses: tuple[Looseness, ...] = ()
    overlays: tuple[Overlay, ...] = ()


@dataclass(slots=True)
class _Group:
    """What is inherited or replaced as one: code → rule."""

    rows: dict[str, Row]
    origin: Origin

    def dated(self) -> date | None:
        return max((row.source.dated for row in self.rows.values() if row.source.dated), default=None)

    def is_default(self) -> bool:
        return all(row.source.is_default for row in self.rows.values())


@dataclass(slots=True)
class _Notes:
    loosenesses: list[Looseness] = field(default_factory=list)
    overlays: list[Overlay] = field(default_factory=list)


def resolve(chain: Sequence[Layer]) -> Resolution:
    """`chain`: nearest profile first. An empty chain gives rules that say nothing."""
    far_to_near = list(reversed(chain))
    notes = _Notes()
    made: dict[str, Any] = {}
    origins: dict[str, Origin] = {}
    for chapter in CHAPTERS:
        if chapter.shape is Shape.RECORD:
            made[chapter.name] = _record(chapter, far_to_near, notes, origins)
        else:
            layers = [(layer.origin, layer.body.rows.get(chapter.name)) for layer in far_to_near]
            made[chapter.name] = _rules(chapter, chapter.name, layers, notes, origins)
    names = dict.fromkeys(name for layer in far_to_near for name in layer.body.codes)
    made["codes"] = {
        name: _rules(CODE_ENTRY, f"codes.{name}", [(y.origin, y.body.codes.get(name)) for y in far_to_near],
                     notes, origins) for name in names
    }  # fmt: skip
    made["workflows"] = _workflows(far_to_near, notes, origins)
    rules = Rules(**made, chain=tuple(layer.origin for layer in chain), origins=origins)
    return Resolution(rules, tuple(notes.loosenesses), tuple(notes.overlays))


def _stays(parent_dated: date | None, parent_default: bool, child_dated: date | None, strict: Strictness) -> bool:
    """Does the farther rule stay in force over the nearer one?"""
    younger = parent_dated is not None and child_dated is not None and parent_dated > child_dated
    return younger and not parent_default and strict is not Strictness.STRICTER


# ---------------------------------------------------------------- single values


def _record(chapter: Chapter, layers: Sequence[Layer], notes: _Notes, origins: dict[str, Origin]) -> Any:
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    nearest: Source | None = None
    for layer in layers:
        own = layer.body.records.get(chapter.name)
        if own is None:
            continue
        for name, value in own.values.items():
            path, source = f"{chapter.name}.{name}", own.sources[name]
            if name in values:
                _note_loose(notes, chapter.name, path, {**own.values}, {**values}, layer.origin, origins[path],
                            sources[name], only=name)  # fmt: skip
                strict = combined(
                    d.strictness for d in differences(chapter.name, own.values, values) if d.field == name
                )
                if value != values[name] and _stays(
                    sources[name].dated, sources[name].is_default, source.dated, strict
                ):
                    notes.overlays.append(Overlay(path, origins[path], layer.origin, sources[name]))
                    continue
            values[name], sources[name], origins[path] = value, source, layer.origin
            nearest = source
    return chapter.make(**values, **({"source": nearest} if nearest else {}), sources=sources)


def _note_loose(notes: _Notes, chapter: str, path: str, child: Mapping[str, Any], parent: Mapping[str, Any],
                origin: Origin, parent_origin: Origin, source: Source, *, only: str = "") -> None:  # fmt: skip
    for difference in differences(chapter, child, parent):
        if difference.strictness is Strictness.LOOSER and only in ("", difference.field):
            notes.loosenesses.append(Looseness(path, origin, parent_origin, source, difference))


# ---------------------------------------------------------------- rules with a code


def _group_key(chapter: Chapter, row: Row) -> str:
    if chapter.replaces:
        return ""
    return str(row.values["tier"]) if chapter.name == "thresholds" and "tier" in row.values else row.values["code"]


def _groups(chapter: Chapter, own: RowChapter, origin: Origin) -> dict[str, _Group]:
    found: dict[str, _Group] = {}
    for code, row in own.rows.items():
        found.setdefault(_group_key(chapter, row), _Group({}, origin)).rows[code] = row
    return found


def _rules(chapter: Chapter, path: str, layers: Sequence[tuple[Origin, RowChapter | None]], notes: _Notes,
           origins: dict[str, Origin]) -> tuple[Any, ...]:  # fmt: skip
    held: dict[str, _Group] = {}
    for origin, own in layers:
        if own is None:
            continue
        groups = _groups(chapter, own, origin)
        if own.replace:
            _drop_others(path, held, groups, own, origin, notes)
        for key, group in groups.items():
            _lay(chapter, path, held, key, group, notes)
    found = []
    for group in held.values():
        for code, row in group.rows.items():
            origins[f"{path}.{code}"] = group.origin
            found.append(chapter.make(**row.values, source=row.source))
    return tuple(found)


def _drop_others(path: str, held: dict[str, _Group], groups: Mapping[str, _Group], own: RowChapter, origin: Origin,
                 notes: _Notes) -> None:  # fmt: skip
    dated = max((row.source.dated for row in own.rows.values() if row.source.dated), default=None)
    for key in [key for key in held if key not in groups]:
        group = held[key]
        if _stays(group.dated(), group.is_default(), dated, Strictness.LOOSER):
            notes.overlays.append(Overlay(f"{path}.{key}", group.origin, origin, _source_of(group)))
        else:
            _note_removed(notes, path, group, origin)
            del held[key]


def _note_removed(notes: _Notes, path: str, group: _Group, origin: Origin) -> None:
    if not path.startswith("codes."):  # a shorter list of codes is no looser rule
        notes.loosenesses += [Looseness(f"{path}.{code}", origin, group.origin, row.source)
                              for code, row in group.rows.items()]  # fmt: skip


def _lay(chapter: Chapter, path: str, held: dict[str, _Group], key: str, group: _Group, notes: _Notes) -> None:
    removed = all(row.removed for row in group.rows.values())
    before = held.get(key)
    if before is None:
        kept = {code: row for code, row in group.rows.items() if not row.removed}
        if kept:
            held[key] = _Group(kept, group.origin)
        return
    strict = Strictness.LOOSER if removed else _group_strictness(chapter, group, before)
    same = not removed and _values(group) == _values(before)
    if not same and _stays(before.dated(), before.is_default(), group.dated(), strict):
        notes.overlays.append(Overlay(f"{path}.{key}".rstrip("."), before.origin, group.origin, _source_of(before)))
        return
    if removed:
        _note_removed(notes, path, before, group.origin)
        del held[key]
        return
    _note_group(chapter, path, group, before, notes)
    held[key] = _Group({code: row for code, row in group.rows.items() if not row.removed}, group.origin)


def _values(group: _Group) -> dict[str, Mapping[str, Any]]:
    return {code: row.values for code, row in group.rows.items()}


def _source_of(group: _Group) -> Source:
    return next(iter(group.rows.values())).source


def _pairs(chapter: Chapter, group: _Group, before: _Group) -> list[tuple[str, Row, Row]]:
    """Rules of the two that speak about the same thing."""
    if chapter.name != "thresholds":
        return [(code, row, before.rows[code]) for code, row in group.rows.items() if code in before.rows]
    return [(code, row, other) for code, row in group.rows.items() for other in before.rows.values()
            if row.values.get("measure") == other.values.get("measure")
            and row.values.get("category") == other.values.get("category")]  # fmt: skip


def _group_strictness(chapter: Chapter, group: _Group, before: _Group) -> Strictness:
    pairs = _pairs(chapter, group, before)
    if not pairs:
        return Strictness.DIFFERENT
    return combined(strictness(chapter.name, row.values, other.values) for _, row, other in pairs)


def _note_group(chapter: Chapter, path: str, group: _Group, before: _Group, notes: _Notes) -> None:
    for code, row, other in _pairs(chapter, group, before):
        _note_loose(notes, chapter.name, f"{path}.{code}", row.values, other.values, group.origin, before.origin,
                    other.source)  # fmt: skip


# ---------------------------------------------------------------- workflows


def _workflows(layers: Sequence[Layer], notes: _Notes, origins: dict[str, Origin]) -> dict[WorkflowKind, Workflow]:
    held: dict[WorkflowKind, Workflow] = {}
    for layer in layers:
        for kind, flow in layer.body.workflows.items():
            path, before = f"workflows.{kind.value}", held.get(kind)
            if before is not None and _stays(before.source.dated, before.source.is_default, flow.source.dated,
                                             Strictness.DIFFERENT):  # fmt: skip
                notes.overlays.append(Overlay(path, origins[path], layer.origin, before.source))
                continue
            held[kind], origins[path] = flow, layer.origin
    return held


def chapter_of(path: str) -> Chapter | None:
    """The chapter a path such as "worker.max_age" belongs to."""
    name = path.split(".", 1)[0]
    return CODE_ENTRY if name == "codes" else BY_NAME.get(name)
