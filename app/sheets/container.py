"""The package an XLSX is: refused before anything parses it when it is none, and where its parts lie.

Works on any seekable binary file, so that a large upload needs no copy in memory.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from html import unescape
from typing import IO

from app.sheets.problems import SheetError

MAX_FILE_MB = 30
MAX_UNPACKED_MB = 600
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*"([^"]*)"')
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Part:
    """A worksheet of the workbook: its name as people see it and where it lies in the package."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Workbook:
    """`sheets`: the visible worksheets in order. `is_1904`: dates count from 1904, as old Macs wrote them."""

    sheets: tuple[Part, ...]
    is_1904: bool
    shared_strings: str | None
    styles: str | None


def check_container(file: IO[bytes], *, max_mb: int | None = None) -> None:
    """Refuse what is no XLSX. Raises SheetError saying which. `max_mb` None: MAX_FILE_MB."""
    limit = MAX_FILE_MB if max_mb is None else max_mb
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(8)
    if not start:
        raise SheetError("empty_file")
    if size > limit << 20:
        raise SheetError("too_large", limit=limit)
    if start.startswith(_OLE):
        raise SheetError("encrypted" if _is_encrypted(file) else "old_xls")
    if not start.startswith(b"PK"):
        raise SheetError("not_xlsx")
    with open_package(file) as package:
        if sum(entry.file_size for entry in package.infolist()) > MAX_UNPACKED_MB << 20:
            raise SheetError("bomb", limit=MAX_UNPACKED_MB)
        if any(entry.flag_bits & 1 for entry in package.infolist()):
            raise SheetError("encrypted")
        if "xl/workbook.xml" not in package.namelist():
            raise SheetError("not_xlsx")


def _is_encrypted(file: IO[bytes]) -> bool:
    """Office keeps a workbook with a password as a stream of this name in an OLE file."""
    file.seek(0)
    wanted, before = "EncryptedPackage".encode("utf-16-le"), b""
    while piece := file.read(1 << 20):
        if wanted in before + piece:
            return True
        before = piece[-len(wanted) :]
    return False


def open_package(file: IO[bytes]) -> zipfile.ZipFile:
    """Raises SheetError damaged."""
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise SheetError("damaged") from error


def attributes(tag: bytes) -> dict[str, str]:
    """Without name spaces: `r:id` is `id`."""
    return {name.decode().rpartition(":")[2]: unescape(value.decode()) for name, value in _ATTRIBUTE.findall(tag)}


def read_workbook(package: zipfile.ZipFile) -> Workbook:
    """Raises KeyError, ValueError for a package that hangs together badly; the caller calls it damaged."""
    book = package.read("xl/workbook.xml")
    targets: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", package.read("xl/_rels/workbook.xml.rels")):
        found = attributes(tag)
        target = found["Target"]
        targets[found["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        kinds[found["Id"]] = found.get("Type", "").rpartition("/")[2]
    parts = []
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", book):
        found = attributes(tag)
        relation = found["id"]  # r:id, the relation; `sheetId` is another attribute
        if found.get("state", "visible") == "visible" and kinds[relation] == "worksheet":
            parts.append(Part(found["name"], targets[relation]))
    props = re.search(rb"<(?:\w+:)?workbookPr\b[^>]*>", book)
    dates = attributes(props[0]).get("date1904", "0") if props else "0"
    by_kind = {kind: targets[key] for key, kind in kinds.items()}
    return Workbook(tuple(parts), dates in ("1", "true"), by_kind.get("sharedStrings"), by_kind.get("styles"))
