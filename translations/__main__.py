"""Extract every message, keep what is translated, tell what is not, compile.

`translations/parts/*.po-fragment` hold translations that wait to be taken into the catalogue.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ZH = Path(__file__).parent / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract"),
           ("**.js", "javascript")]  # fmt: skip
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None, "N_": None, "msgid": None}
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}


def extract() -> Catalog:
    """Every message of app/, telephony/ and tasks/, with where it stands."""
    found = Catalog(project="shouwang", charset="utf-8")
    for room in ("app", "telephony", "tasks"):
        rows = extract_from_dir(ROOT / room, METHODS, OPTIONS, KEYWORDS, comment_tags=("i18n:",),
                                directory_filter=_is_ours)  # fmt: skip
        for file, _line, message, comments, context in rows:
            found.add(message, None, [(f"{room}/{file}", 0)], auto_comments=comments, context=context)
    return found


def _is_ours(folder: str | Path) -> bool:
    return Path(folder).name not in ("vendor", "__pycache__")


def known() -> dict[str, str]:
    """Translations at hand: the catalogue's own, then the fragments'."""
    texts: dict[str, str] = {}
    fragments = sorted((Path(__file__).parent / "parts").glob("*.po-fragment"))
    for path in ([ZH] if ZH.exists() else []) + fragments:
        with path.open("rb") as file:
            for message in read_po(file, charset="utf-8"):
                if message.id and message.string and not message.fuzzy:
                    key = message.id[0] if isinstance(message.id, tuple) else message.id
                    text = message.string[0] if isinstance(message.string, (tuple, list)) else message.string
                    texts[key] = text
    return texts


def extra() -> set[str]:
    """msgids of the framework's that its own Chinese catalogue lacks: kept though nothing of ours says them."""
    path = Path(__file__).parent / "framework.txt"
    return {line for line in path.read_text(encoding="utf-8").splitlines() if line} if path.exists() else set()


def build() -> tuple[Catalog, list[str]]:
    """The catalogue as it should be, and the msgids that have no translation yet."""
    texts, missing = known(), []
    catalogue = Catalog(locale="zh", project="shouwang", charset="utf-8", fuzzy=False)
    catalogue._num_plurals, catalogue._plural_expr = 1, "0"
    source: dict[Any, Message | None] = {m.id: m for m in extract() if m.id}
    for identity in extra():
        source.setdefault(identity, None)
    for identity in sorted(source, key=lambda i: i[0] if isinstance(i, tuple) else i):
        key = identity[0] if isinstance(identity, tuple) else identity
        if key not in texts:
            missing.append(key)
        string: object = texts.get(key, "")
        found = source[identity]
        places = sorted({(place, 0) for place, _ in found.locations}) if found else []
        catalogue.add(identity, (string,) if isinstance(identity, tuple) else string, locations=places)
    return catalogue, missing


def main() -> int:
    catalogue, missing = build()
    ZH.parent.mkdir(parents=True, exist_ok=True)
    with ZH.open("wb") as file:
        write_po(file, catalogue, width=110, omit_header=False, include_lineno=False, sort_output=True)
    with ZH.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    for msgid in missing:
        sys.stderr.write(f"untranslated: {msgid}\n")
    sys.stderr.write(f"{len(catalogue)} messages, {len(missing)} untranslated\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
