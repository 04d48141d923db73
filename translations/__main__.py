"""`python -m translations [--take-in]`: bring the Chinese catalogue up to date and compile it.

Extracts every message of the source, keeps what is translated, takes new translations from `parts/*.po-fragment`, and
names what is missing, what nothing says any more and where a fragment says otherwise than the catalogue (the catalogue
wins: one term, one word). Exit code 1 while anything is untranslated. `--take-in` removes the fragments afterwards.
"""

from __future__ import annotations

import sys
from pathlib import Path

from translations.catalogue import MO, PO, build, fragments, known, msgid_of, read, text_of, write


def main(arguments: list[str]) -> int:
    if set(arguments) - {"--take-in"}:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    texts, waiting = known(), fragments()
    catalogue = build(texts)
    _tell_of_fragments(texts, waiting, {msgid_of(message) for message in catalogue})
    write(catalogue, PO, MO)
    missing = [msgid_of(message) for message in catalogue if message.id and not text_of(message)]
    for msgid in missing:
        sys.stderr.write(f"untranslated: {msgid}\n")
    sys.stderr.write(f"{len(catalogue)} messages, {len(missing)} untranslated\n")
    if "--take-in" in arguments and not missing:
        for path in waiting:
            path.unlink()
    return 1 if missing else 0


def _tell_of_fragments(texts: dict[str, str], waiting: list[Path], said: set[str]) -> None:
    for path in waiting:
        for msgid, text in read(path).items():
            if msgid not in said:
                sys.stderr.write(f"{path.name}: nothing says “{msgid}”\n")
            elif texts[msgid] != text:
                sys.stderr.write(f"{path.name}: “{text}” is “{texts[msgid]}” in the catalogue\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
