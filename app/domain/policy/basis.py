"""Where a rule stands, and which profile it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.domain.policy import kinds as k


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule stands. `document` is its number as printed; `clause` as the document counts; for an external
    default `clause` names the entry in the list of outside sources (E-n). `dated`: since when the rule is made."""

    kind: k.SourceKind
    document: str = ""
    clause: str = ""
    note: str = ""
    dated: date | None = None

    @property
    def local_choice(self) -> bool:
        """Nobody's rule but the county's own (本地选择)."""
        return self.kind is k.SourceKind.LOCAL

    @property
    def external(self) -> bool:
        """A default taken from elsewhere, in force only until a document or the county says otherwise."""
        return self.kind is k.SourceKind.EXTERNAL

    @property
    def is_default(self) -> bool:
        """Defaults never overlay what a document says (DOMAIN 2.3(6))."""
        return self.kind is not k.SourceKind.DOCUMENT


SILENT = Source(k.SourceKind.LOCAL, note="silent")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which profile a value came from."""

    code: str
    title: str
    profile_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A chapter of single values. Each value has a source of its own; `source` is that of the nearest profile."""

    source: Source = SILENT
    sources: Mapping[str, Source] = field(default_factory=dict, repr=False)

    def source_of(self, name: str) -> Source:
        """The source of one value, such as worker.source_of("max_age")."""
        return self.sources.get(name, self.source)
