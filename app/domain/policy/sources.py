"""Reading `source:`, the basis of a rule.

    source: 二(五)一                       a clause of the profile's own document
    source: E-6                            an external default, by its entry in the list of outside sources
    source: local                          the county's own choice
    source: {document: …, clause: …}       a clause of another document
    source: {local: true, note: …}         … and why
    source: {external: E-4, note: …}

`dated: 2026-01-01` inside the long form says since when the rule is made, where that differs from the profile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from app.domain.msgids import N_
from app.domain.policy.basis import Source
from app.domain.policy.fields import Bad, Field, Kind, read
from app.domain.policy.kinds import SourceKind

KEYS = frozenset({"document", "clause", "local", "external", "note", "dated"})
_EXTERNAL = re.compile(r"E-\d+(?:\s*[,、]\s*E-\d+)*\Z")
_TEXT = Field("source", "", Kind.TEXT)
_DAY = Field("dated", "", Kind.DAY)


def read_source(given: Any, document: str, dated: date | None) -> Source:
    """`document` and `dated`: those of the profile. Raises Bad."""
    source = _read_long(given, document) if isinstance(given, Mapping) else _read_short(given, document)
    return source if source.dated else replace(source, dated=dated)


def _read_short(given: Any, document: str) -> Source:
    text = str(read(_TEXT, given))
    if text == "local":
        return Source(SourceKind.LOCAL)
    if _EXTERNAL.match(text):
        return Source(SourceKind.EXTERNAL, clause=text)
    if not text:
        raise Bad(N_("is empty: give the clause, or write local for the county's own choice"))
    if not document:
        raise Bad(N_("names a clause, but the profile names no document; add document: at the top"))
    return Source(SourceKind.DOCUMENT, document, text)


def _read_long(given: Mapping[str, Any], document: str) -> Source:
    unknown = sorted(str(key) for key in given if key not in KEYS)
    if unknown:
        raise Bad(N_("has the unknown key “%(key)s”; known are: %(known)s"),
                  key=unknown[0], known=", ".join(sorted(KEYS)))  # fmt: skip
    texts = {key: str(read(_TEXT, given.get(key) or "")) for key in ("document", "clause", "external", "note")}
    dated = read(_DAY, given["dated"]) if given.get("dated") else None
    if given.get("local") is True:
        return Source(SourceKind.LOCAL, note=texts["note"], dated=dated)
    if texts["external"]:
        return Source(SourceKind.EXTERNAL, clause=texts["external"], note=texts["note"], dated=dated)
    number = texts["document"] or document
    if not number or not texts["clause"]:
        raise Bad(N_("needs a document and a clause, or local: true for the county's own choice"))
    return Source(SourceKind.DOCUMENT, number, texts["clause"], texts["note"], dated)


def write_source(source: Source, document: str, dated: date | None) -> Any:
    """The shortest form that `read_source` reads back."""
    more: dict[str, Any] = {"note": source.note} if source.note else {}
    if source.dated and source.dated != dated:
        more["dated"] = source.dated.isoformat()
    if source.kind is SourceKind.LOCAL:
        return {"local": True, **more} if more else "local"
    if source.kind is SourceKind.EXTERNAL:
        return {"external": source.clause, **more} if more else source.clause
    if source.document == document and not more:
        return source.clause
    return {"document": source.document, "clause": source.clause, **more}
