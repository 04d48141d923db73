"""From the body of a profile (what YAML or JSON holds) to typed chapters, telling everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.domain.msgids import N_
from app.domain.policy import workflows
from app.domain.policy.basis import Source
from app.domain.policy.chapters import BY_NAME, CHAPTERS, CODE_ENTRY, Chapter, Shape
from app.domain.policy.checks import check_record, check_row
from app.domain.policy.fields import Bad, Field, Kind, read
from app.domain.policy.flows import Workflow
from app.domain.policy.kinds import WorkflowKind
from app.domain.policy.problems import Problem, ProfileError
from app.domain.policy.sources import read_source

HEAD = ("document", "dated", "codes", "workflows")
_LIST_NAME = Field("codes", "", Kind.CODE)
_NOTES = ("sources", "source")


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a profile. `removed`: the inherited rule of this code does not hold here."""

    values: Mapping[str, Any]
    source: Source
    removed: bool = False


@dataclass(frozen=True, slots=True)
class RowChapter:
    rows: Mapping[str, Row]
    replace: bool = False


@dataclass(frozen=True, slots=True)
class RecordChapter:
    values: Mapping[str, Any]
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class Body:
    """A parsed profile; a chapter or value that is absent is silent and inherits."""

    document: str = ""
    dated: date | None = None
    records: Mapping[str, RecordChapter] = field(default_factory=dict)
    rows: Mapping[str, RowChapter] = field(default_factory=dict)
    codes: Mapping[str, RowChapter] = field(default_factory=dict)
    workflows: Mapping[WorkflowKind, Workflow] = field(default_factory=dict)


def parse(body: Any, *, dated: date | None = None) -> Body:
    """`dated`: the profile's first day, for rules that state no date of their own. Raises ProfileError with everything
    that is wrong."""
    if not isinstance(body, Mapping):
        raise ProfileError([Problem("", N_("a profile is a list of chapters, each with a name and a colon"))])
    return Parser(dated).parse(body)


class Parser:
    def __init__(self, dated: date | None) -> None:
        self.problems: list[Problem] = []
        self.document = ""
        self.dated = dated

    def parse(self, body: Mapping[str, Any]) -> Body:
        for name in body:
            if name not in BY_NAME and name not in HEAD:
                known = ", ".join((*HEAD, *BY_NAME))
                self.problems.append(Problem(str(name), N_("is no chapter; known are: %(known)s"), {"known": known}))
        self.document = self._head(body, "document", Kind.TEXT) or ""
        self.dated = self._head(body, "dated", Kind.DAY) or self.dated
        records = {c.name: self._record(c, body[c.name]) for c in CHAPTERS if c.shape is Shape.RECORD and body.get(c.name) is not None}  # noqa: E501  # fmt: skip
        rows = {c.name: self._rows(c, body[c.name], c.name) for c in CHAPTERS if c.shape is Shape.ROWS and body.get(c.name) is not None}  # noqa: E501  # fmt: skip
        codes = self._codes(body.get("codes"))
        flows = self._workflows(body.get("workflows"))
        if self.problems:
            raise ProfileError(self.problems)
        return Body(self.document, self.dated, records, rows, codes, flows)

    def _head(self, body: Mapping[str, Any], name: str, kind: Kind) -> Any:
        value = body.get(name)
        return None if value is None else self.value(Field(name, "", kind), value, name)

    def value(self, field_: Field, given: Any, path: str) -> Any:
        """The typed value, or None after the problem is noted."""
        try:
            return read(field_, given)
        except Bad as bad:
            self.problems.append(bad.at(path))
            return None

    def source(self, given: Any, path: str, default: Source | None) -> Source | None:
        if given is None:
            return default
        try:
            return read_source(given, self.document, self.dated)
        except Bad as bad:
            self.problems.append(bad.at(path))
            return default

    def mapping(self, given: Any, path: str) -> Mapping[str, Any]:
        if isinstance(given, Mapping):
            return given
        self.problems.append(Problem(path, N_("must have keys below it, such as “key: value”")))
        return {}

    # ------------------------------------------------------------ chapters of single values

    def _record(self, chapter: Chapter, given: Any) -> RecordChapter:
        data = self.mapping(given, chapter.name)
        general = self.source(data.get("source"), f"{chapter.name}.source", None)
        own = self.mapping(data.get("sources") or {}, f"{chapter.name}.sources")
        values, sources = self.fields(chapter, data, chapter.name, _NOTES, ()), {}
        for name in own:
            if chapter.field(str(name)) is None:
                self.unknown(f"{chapter.name}.sources.{name}", (f.name for f in chapter.fields))
        for name in values:
            source = self.source(own.get(name), f"{chapter.name}.sources.{name}", general)
            if source is None:
                self.no_source(f"{chapter.name}.{name}")
            else:
                sources[name] = source
        self.problems += check_record(chapter.name, values)
        return RecordChapter(values, sources)

    def fields(self, chapter: Chapter, data: Mapping[str, Any], path: str, also: tuple[str, ...],
               skip: tuple[str, ...]) -> dict[str, Any]:  # fmt: skip
        """The values that are stated. `also`: keys that mean something else here; `skip`: fields not required."""
        values: dict[str, Any] = {}
        for key in data:
            if chapter.field(str(key)) is None and key not in also:
                self.unknown(f"{path}.{key}", (*(f.name for f in chapter.fields), *also))
        for spec in chapter.fields:
            given = data.get(spec.name)
            if given is None:
                if spec.required and spec.name not in skip:
                    self.problems.append(Problem(f"{path}.{spec.name}", N_("is missing")))
                continue
            value = self.value(spec, given, f"{path}.{spec.name}")
            if value is not None:
                values[spec.name] = value
        return values

    def unknown(self, path: str, known: Any) -> None:
        self.problems.append(Problem(path, N_("is not known here; known are: %(known)s"), {"known": ", ".join(known)}))

    def no_source(self, path: str) -> None:
        message = N_("has no basis: add source: with the clause, or source: local for the county's own choice")
        self.problems.append(Problem(path, message))

    # ------------------------------------------------------------ chapters of rules

    def _rows(self, chapter: Chapter, given: Any, path: str) -> RowChapter:
        data = {"rows": given} if isinstance(given, (list, tuple)) else self.mapping(given, path)
        for key in data:
            if key not in ("rows", "replace", "source"):
                self.unknown(f"{path}.{key}", ("rows", "replace", "source"))
        replace = data.get("replace", False)
        if not isinstance(replace, bool):
            self.problems.append(Problem(f"{path}.replace", N_("must be true or false")))
        general = self.source(data.get("source"), f"{path}.source", None)
        listed = data.get("rows")
        if not isinstance(listed, (list, tuple)):
            self.problems.append(Problem(f"{path}.rows", N_("must be a list of rules, each beginning with a dash")))
            listed = ()
        rows: dict[str, Row] = {}
        for position, item in enumerate(listed, start=1):
            code, row = self.row(chapter, item, path, position, general)
            if code in rows:
                self.problems.append(Problem(f"{path}.{code}", N_("stands there twice; each code may be used once")))
            if row is not None:
                rows[code] = row
        return RowChapter(rows, replace is True or chapter.replaces)

    def row(self, chapter: Chapter, item: Any, path: str, position: int, general: Source | None) -> tuple[str, Row | None]:  # noqa: E501  # fmt: skip
        code = item.get(chapter.key) if isinstance(item, Mapping) else None
        here = f"{path}.{code if code is not None else position}"
        if not isinstance(item, Mapping):
            self.problems.append(Problem(here, N_("must have keys below it, such as “key: value”")))
            return str(position), None
        removed = item.get("remove") is True
        required = tuple(f.name for f in chapter.fields if f.name != chapter.key) if removed else ()
        before = len(self.problems)
        values = self.fields(chapter, item, here, ("source", "remove"), required)
        source = self.source(item.get("source"), f"{here}.source", general)
        if source is None:
            if len(self.problems) == before or item.get("source") is None:
                self.no_source(here)
            return str(code), None
        if not removed and len(self.problems) == before:
            self.problems += check_row(chapter.name, values, here)
        return str(values.get(chapter.key, code)), Row(values, source, removed)

    def _codes(self, given: Any) -> dict[str, RowChapter]:
        lists = self.mapping(given or {}, "codes")
        found = {}
        for name, rows in lists.items():
            if self.value(_LIST_NAME, name, f"codes.{name}") is not None:
                found[str(name)] = self._rows(CODE_ENTRY, rows, f"codes.{name}")
        return found

    def _workflows(self, given: Any) -> dict[WorkflowKind, Workflow]:
        found: dict[WorkflowKind, Workflow] = {}
        for name, data in self.mapping(given or {}, "workflows").items():
            kind = self.value(Field(name, "", Kind.ONE_OF, WorkflowKind), name, f"workflows.{name}")
            if kind is None:
                continue
            flow = workflows.read_workflow(self, self.mapping(data, f"workflows.{name}"), f"workflows.{name}")
            if flow is not None:
                found[kind] = flow
        return found
