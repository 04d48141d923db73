"""The Chinese catalogue as it should be: every message of the source with its translation, in a stable order."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
MO = PO.with_suffix(".mo")
FRAMEWORK = ROOT / "translations" / "framework.txt"
# The templates of both kinds and our own scripts; vendored scripts say nothing.
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract"),
           ("**.js", "javascript")]  # fmt: skip
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None, "N_": None, "msgid": None,
}  # fmt: skip
# Dialogue scripts name their mistakes as Problem(where, msgid, …); elsewhere that name takes codes, not words.
ROOMS: dict[str, dict[str, Any]] = {
    "app": KEYWORDS, "telephony": KEYWORDS | {"Problem": (2,), "_problem": (2,)}, "tasks": KEYWORDS,
}  # fmt: skip
WHEN = datetime(2026, 1, 1, tzinfo=UTC)  # written into the file's head: the same messages make the same file
HEAD = """\
# The Chinese of 守望. docs/glossary.md fixes the terms; `python -m translations` keeps this file up to date."""


def extract() -> Catalog:
    """Every message of app/, telephony/ and tasks/, with the files it stands in."""
    found = Catalog(charset="utf-8")
    for room, keywords in ROOMS.items():
        rows = extract_from_dir(ROOT / room, METHODS, OPTIONS, keywords, comment_tags=("i18n:",),
                                directory_filter=_is_ours)  # fmt: skip
        for file, _line, message, comments, context in rows:
            found.add(message, None, [(f"{room}/{file}", 0)], auto_comments=comments, context=context)
    return found


def _is_ours(folder: str | Path) -> bool:
    return Path(folder).name not in ("vendor", "__pycache__")


def framework_msgids() -> set[str]:
    """What no literal of ours says, but a reader may meet: see the file."""
    lines = FRAMEWORK.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def msgid_of(message: Message) -> str:
    return str(message.id[0] if isinstance(message.id, (tuple, list)) else message.id)


def text_of(message: Message) -> str:
    return str(message.string[0] if isinstance(message.string, (tuple, list)) else message.string)


def load(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, charset="utf-8")


def read(path: Path) -> dict[str, str]:
    """msgid → translation of one file; fuzzy ones do not count."""
    return {msgid_of(m): text_of(m) for m in load(path) if m.id and m.string and not m.fuzzy}


def fragments() -> list[Path]:
    """Translations that wait to be taken in, each beside the change that needs it."""
    return sorted((ROOT / "translations" / "parts").glob("*.po-fragment"))


def known() -> dict[str, str]:
    """Every translation at hand. What stands in the catalogue already wins."""
    texts: dict[str, str] = {}
    for path in [*fragments(), *([PO] if PO.exists() else [])]:
        texts |= read(path)
    return texts


def build(texts: dict[str, str]) -> Catalog:
    """The catalogue of the source as it stands, empty strings where a translation is missing."""
    catalogue = Catalog(locale="zh", project="shouwang", version="1", charset="utf-8", fuzzy=False, header_comment=HEAD,
                        msgid_bugs_address="-", last_translator="-", language_team="zh",
                        creation_date=WHEN, revision_date=WHEN)  # fmt: skip
    vars(catalogue).update(_num_plurals=1, _plural_expr="0")  # Chinese has one form; Babel offers no setter
    source: dict[Any, Message | None] = {message.id: message for message in extract() if message.id}
    for msgid in framework_msgids():
        source.setdefault(msgid, None)
    for identity in sorted(source, key=lambda i: i[0] if isinstance(i, tuple) else i):
        is_plural = isinstance(identity, tuple)
        text = texts.get(identity[0] if is_plural else identity, "")
        found = source[identity]
        places = sorted({(place, 0) for place, _ in found.locations}) if found else []
        catalogue.add(identity, (text,) if is_plural else text, locations=places)
    return catalogue


def write(catalogue: Catalog, po: Path, mo: Path) -> None:
    po.parent.mkdir(parents=True, exist_ok=True)
    for path, put in ((po, _put_po), (mo, write_mo)):
        fresh = path.with_suffix(f".{os.getpid()}")  # whole or not at all: the next run reads what this one wrote
        with fresh.open("wb") as file:
            put(file, catalogue)
        fresh.replace(path)


def _put_po(file: IO[bytes], catalogue: Catalog) -> None:
    write_po(file, catalogue, width=110, include_lineno=False, sort_output=True)
