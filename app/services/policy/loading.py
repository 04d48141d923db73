"""Profiles from files into the register: the shipped ones at installation, a county's own by upload or command."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from app.domain.msgids import N_
from app.domain.policy.compare import said
from app.domain.policy.fields import Bad, Field, Kind, read
from app.domain.policy.kinds import LevelKind, ProfileStatus
from app.domain.policy.parsing import parse
from app.domain.policy.problems import Problem, ProfileError
from app.extensions import clock
from app.models import PolicyDocument, PolicyProfile
from app.services.policy.files import read_yaml, shipped

_PROFILE = (
    Field("code", "", Kind.TEXT, required=True), Field("title", "", Kind.TEXT, required=True),
    Field("version", "", Kind.WHOLE, least=1, most=9999), Field("parent", "", Kind.TEXT),
    Field("place", "", Kind.TEXT), Field("status", "", Kind.ONE_OF, ProfileStatus),
    Field("valid_from", "", Kind.DAY, required=True), Field("valid_to", "", Kind.DAY),
    Field("year", "", Kind.WHOLE, least=2013, most=2100), Field("note", "", Kind.TEXT),
)  # fmt: skip
_DOCUMENT = (
    Field("number", "", Kind.TEXT, required=True), Field("title", "", Kind.TEXT, required=True),
    Field("issuer", "", Kind.TEXT), Field("issued_on", "", Kind.DAY),
    Field("level", "", Kind.ONE_OF, LevelKind, required=True), Field("effective_from", "", Kind.DAY),
    Field("effective_to", "", Kind.DAY), Field("note", "", Kind.TEXT),
)  # fmt: skip
_LENGTHS = {"code": 40, "title": 120, "parent": 40, "place": 20, "note": 1000, "number": 80, "issuer": 100}


@dataclass(frozen=True, slots=True)
class ProfileFile:
    """What a file holds, checked. `profile` and `documents` have the columns' values, `rules` the body as written."""

    profile: Mapping[str, Any]
    documents: tuple[Mapping[str, Any], ...]
    rules: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loaded:
    """One file's outcome. `created` False: this version was there already and was left alone."""

    code: str
    version: int
    title: str
    created: bool


def read_file(text: str) -> ProfileFile:
    """A profile file with `profile:`, `documents:` and `rules:`. Raises ProfileError with everything wrong in it."""
    data = read_yaml(text)
    problems: list[Problem] = []
    for key in data:
        if key not in ("profile", "documents", "rules"):
            problems.append(Problem(str(key), N_("is no part of a profile file; it has profile, documents and rules")))
    profile = _values(_PROFILE, data.get("profile"), "profile", problems)
    documents = _documents(data.get("documents"), problems)
    first, last = profile.get("valid_from"), profile.get("valid_to")
    if first and last and last < first:
        problems.append(Problem("profile.valid_to", N_("lies before valid_from")))
    rules = data.get("rules")
    try:
        parse(rules, dated=first or date.min)
    except ProfileError as error:
        problems += [Problem(f"rules.{p.path}".rstrip("."), p.message, p.values) for p in error.problems]
    if problems or not isinstance(rules, Mapping):
        raise ProfileError(problems)
    return ProfileFile(profile, documents, dict(rules))


def _documents(given: Any, problems: list[Problem]) -> tuple[Mapping[str, Any], ...]:
    if given is None:
        return ()
    if not isinstance(given, list):
        problems.append(Problem("documents", N_("must be a list of documents, each beginning with a dash")))
        return ()
    return tuple(_values(_DOCUMENT, item, f"documents.{n}", problems) for n, item in enumerate(given, start=1))


def _values(fields: Iterable[Field], given: Any, path: str, problems: list[Problem]) -> dict[str, Any]:
    fields = tuple(fields)
    if not isinstance(given, Mapping):
        problems.append(Problem(path, N_("must have keys below it, such as “key: value”")))
        return {}
    known = {field.name for field in fields}
    for key in given:
        if key not in known:
            problems.append(Problem(f"{path}.{key}", N_("is not known here; known are: %(known)s"),
                                    {"known": ", ".join(sorted(known))}))  # fmt: skip
    values: dict[str, Any] = {}
    for field in fields:
        value = given.get(field.name)
        try:
            if value is not None:
                values[field.name] = _fitting(field, read(field, value))
            elif field.required:
                raise Bad(N_("is missing"))
        except Bad as bad:
            problems.append(bad.at(f"{path}.{field.name}"))
    return values


def _fitting(field: Field, value: Any) -> Any:
    most = _LENGTHS.get(field.name)
    if most and isinstance(value, str) and len(value) > most:
        raise Bad(N_("is too long: at most %(most)s characters"), most=most)
    return value


def load_shipped(session: Any) -> list[Loaded]:
    """The profiles and documents that come with the product; what is there already is left alone. Does not commit."""
    return [load_file(session, read_file(text)) for _, text in shipped()]


def load_file(session: Any, file: ProfileFile, *, is_demo: bool = False) -> Loaded:
    """Adds the profile unless this code and version is there; adds documents that are not registered yet."""
    add_documents(session, file.documents, is_demo=is_demo)
    head = file.profile
    code, version = str(head["code"]), int(head.get("version", 1))
    known = session.execute(select(PolicyProfile).where(PolicyProfile.code == code, PolicyProfile.version == version))
    if known.scalar_one_or_none() is not None:
        return Loaded(code, version, str(head["title"]), created=False)
    status = head.get("status", ProfileStatus.DRAFT)
    session.add(PolicyProfile(
        code=code, version=version, title=head["title"], parent_code=head.get("parent", ""),
        place_code=head.get("place", ""), status=status, valid_from=head["valid_from"], valid_to=head.get("valid_to"),
        year=head.get("year"), note=head.get("note", ""), body=file.rules, is_demo=is_demo,
        published_at=None if status is ProfileStatus.DRAFT else clock.now(),
    ))  # fmt: skip
    session.flush()
    return Loaded(code, version, str(head["title"]), created=True)


def add_documents(session: Any, documents: Iterable[Mapping[str, Any]], *, is_demo: bool = False) -> None:
    for values in documents:
        found = session.execute(select(PolicyDocument.id).where(PolicyDocument.number == values["number"])).first()
        if found is None:
            session.add(PolicyDocument(**values, is_demo=is_demo))
    session.flush()


def head_of(file: ProfileFile) -> dict[str, Any]:
    """The columns a file gives a new draft: its status and version are not taken over."""
    head = file.profile
    return {"code": head["code"], "title": head["title"], "parent_code": head.get("parent", ""),
            "place_code": head.get("place", ""), "valid_from": head["valid_from"], "valid_to": head.get("valid_to"),
            "year": head.get("year"), "note": head.get("note", "")}  # fmt: skip


def file_of(session: Any, profile: PolicyProfile) -> dict[str, Any]:
    """The profile as a file that `read_file` reads back: its head, the documents its rules cite, its rules."""
    numbers = sorted({rule.source.document for rule in said(parse(profile.body, dated=profile.valid_from)).values()})
    query = select(PolicyDocument).where(PolicyDocument.number.in_(numbers)).order_by(PolicyDocument.number)
    head = {"code": profile.code, "title": profile.title, "version": profile.version, "parent": profile.parent_code,
            "place": profile.place_code, "status": profile.status.value, "valid_from": profile.valid_from,
            "valid_to": profile.valid_to, "year": profile.year, "note": profile.note}  # fmt: skip
    documents = [{field.name: getattr(document, field.name) for field in _DOCUMENT}
                 for document in session.execute(query).scalars()]  # fmt: skip
    return {"profile": _stated(head), "documents": [_stated(one) for one in documents], "rules": profile.body}


def _stated(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (None, "")}
