"""Which words a call speaks: published scripts from the database, the packaged ones where none was published.

Parsed once a process and version: a version never changes after it was published.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.models import IvrScript
from telephony.ivr import library
from telephony.ivr.parse import ScriptError, parse
from telephony.ivr.script import Script
from telephony.ivr.validate import validate

_parsed: WeakKeyDictionary[Engine, dict[tuple[str, int], Script]] = WeakKeyDictionary()


def get_current(session: Session, code: str) -> Script:
    """The newest published version of `code`, else the packaged one. KeyError for a code that has neither."""
    query = select(func.max(IvrScript.version)).where(IvrScript.code == code, IvrScript.is_published)
    version = session.scalar(query)
    return library.packaged(code) if version is None else get_version(session, code, version)


def get_version(session: Session, code: str, version: int) -> Script:
    """Exactly this version: a dialogue goes on with the questions it began with. KeyError when it is not known."""
    engine = session.get_bind().engine
    known = _parsed.setdefault(engine, {})
    if (code, version) not in known:
        known[code, version] = _load(session, code, version)
    return known[code, version]


def _load(session: Session, code: str, version: int) -> Script:
    query = select(IvrScript.source).where(IvrScript.code == code, IvrScript.version == version)
    source = session.scalar(query)
    if source is not None:
        return parse(source)
    packaged = library.packaged(code)
    if packaged.version != version:
        raise KeyError(f"no version {version} of script {code!r}")
    return packaged


def publish(session: Session, code: str, source: str) -> IvrScript:
    """Store `source` (YAML) as the next version of `code` and make it the current one.

    Raises ScriptError with every problem: a call that cannot end, or speaks of private matters before identity is
    confirmed, must never reach a telephone. The version written in the file is replaced by the next free one.
    """
    newest = session.scalar(select(func.max(IvrScript.version)).where(IvrScript.code == code)) or 0
    if code in library.PACKAGED:
        newest = max(newest, library.packaged(code).version)
    numbered = _with_version(source, newest + 1)
    script = parse(numbered)
    problems = validate(script)
    if script.code != code:
        problems.insert(0, f"code: the file says {script.code!r}; it is to be published as {code!r}")
    if problems:
        raise ScriptError(problems)
    row = IvrScript(code=code, version=newest + 1, source=numbered, is_published=True)
    session.add(row)
    session.flush()
    return row


def _with_version(source: str, version: int) -> str:
    lines = [line for line in source.splitlines() if not line.startswith("version:")]
    return "\n".join([f"version: {version}", *lines]) + "\n"
