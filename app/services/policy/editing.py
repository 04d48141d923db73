"""Changing one rule of a draft: a row of a chapter, a chapter's single values, an entry of a code list.

The body is changed as it was written; the whole of it is checked again before it is kept.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.msgids import N_
from app.domain.policy.chapters import BY_NAME, CODE_ENTRY, Chapter, Shape
from app.domain.policy.problems import Problem, ProfileError
from app.domain.policy.sources import write_source
from app.models import PolicyProfile
from app.services.policy.profiles import change_body


class UnknownChapter(LookupError):
    """No such chapter or code list can be edited rule by rule."""


def chapter_at(path: str) -> Chapter:
    """`path`: a chapter's name, or "codes.<list>". Raises UnknownChapter."""
    name, _dot, listed = path.partition(".")
    if name == "codes" and listed:
        return CODE_ENTRY
    if name in BY_NAME and not listed:
        return BY_NAME[name]
    raise UnknownChapter(path)


def own_record(body: Mapping[str, Any], chapter: Chapter) -> dict[str, Any]:
    """What the profile itself says in a chapter of single values, as written."""
    return dict(body.get(chapter.name) or {})


def own_rows(body: Mapping[str, Any], path: str) -> list[dict[str, Any]]:
    """The profile's own rules of a chapter or code list, each with the source it has there."""
    held = _held(body, path)
    data = {"rows": held} if isinstance(held, list) else dict(held or {})
    general = data.get("source")
    return [({"source": general} if general is not None else {}) | dict(row) for row in data.get("rows") or []]


def _held(body: Mapping[str, Any], path: str) -> Any:
    name, _dot, listed = path.partition(".")
    return (body.get("codes") or {}).get(listed) if name == "codes" else body.get(name)


def save_record(session: Any, profile: PolicyProfile, path: str, values: Mapping[str, Any], source: Any) -> None:
    """`values`: those the profile states; one left out is silent and inherits. A value whose source was another and
    that has not changed keeps it; the rest has `source`. Raises ProfileError, PolicyRefused."""
    chapter = chapter_at(path)
    if chapter.shape is not Shape.RECORD:
        raise UnknownChapter(path)
    old = own_record(profile.body, chapter)
    sources = {name: _source_in(old, name) for name in values if old.get(name) == values[name]}
    record = {**values, "source": source, "sources": {name: one for name, one in sources.items() if one is not None}}
    body = copy.deepcopy(profile.body)
    if values:
        body[chapter.name] = {key: value for key, value in record.items() if value not in (None, {})}
    else:
        body.pop(chapter.name, None)
    change_body(session, profile, body)


def _source_in(record: Mapping[str, Any], name: str) -> Any:
    return (record.get("sources") or {}).get(name, record.get("source"))


def save_row(session: Any, profile: PolicyProfile, path: str, row: Mapping[str, Any], *, before: str = "",
             inherited: Sequence[Any] = ()) -> None:  # fmt: skip
    """Adds a rule, or puts it in the place of the one with the code `before`. Raises ProfileError, PolicyRefused.

    `inherited`: the rules that held so far. Where a chapter is taken as a whole (levels), the first own rule brings
    them along, so that changing one title does not drop the others.
    """
    chapter = chapter_at(path)
    key = chapter.key
    rows = own_rows(profile.body, path)
    if chapter.replaces and not rows:
        rows = [_as_written(chapter, one) for one in inherited]
        before = before or str(row.get(key))
    codes = [str(one.get(key)) for one in rows]
    new = str(row.get(key))
    if new in codes and new != before:
        raise ProfileError([Problem(f"{path}.{new}", N_("stands there twice; each code may be used once"))])
    if before in codes:
        rows[codes.index(before)] = dict(row)
    else:
        rows.append(dict(row))
    _keep_rows(session, profile, path, rows)


def _as_written(chapter: Chapter, rule: Any) -> dict[str, Any]:
    values = {field.name: getattr(rule, field.name) for field in chapter.fields}
    stated = {name: list(value) if isinstance(value, tuple) else str(value) for name, value in values.items() if value}
    return {**stated, "source": write_source(rule.source, "", None)}


def remove_row(session: Any, profile: PolicyProfile, path: str, code: str) -> None:
    """Takes the profile's own rule away: what it inherits, if anything, holds again. LookupError for none."""
    key = chapter_at(path).key
    rows = own_rows(profile.body, path)
    left = [row for row in rows if str(row.get(key)) != code]
    if len(left) == len(rows):
        raise LookupError(f"{path} has no rule {code} of its own")
    _keep_rows(session, profile, path, left)


def _keep_rows(session: Any, profile: PolicyProfile, path: str, rows: list[dict[str, Any]]) -> None:
    body = copy.deepcopy(profile.body)
    name, _dot, listed = path.partition(".")
    held = _held(body, path)
    kept: dict[str, Any] = {"rows": rows}
    if isinstance(held, dict) and held.get("replace") is True:
        kept = {"replace": True, "rows": rows}
    if name == "codes":
        lists = dict(body.get("codes") or {})
        lists[listed] = kept
        if not rows and "replace" not in kept:
            del lists[listed]
        body["codes"] = lists
    else:
        body[name] = kept
        if not rows and "replace" not in kept:
            del body[name]
    change_body(session, profile, body)
