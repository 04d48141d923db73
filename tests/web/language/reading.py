"""What a page says, in text and attributes, shown or waiting to be shown, less what the county itself wrote into it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask_appbuilder import Model
from openpyxl import load_workbook

from app.sheets.columns import HOUSEHOLD_COLUMNS
from tests.factories.cast import Browser

HAN = re.compile("[\u3400-\u9fff]+")
LATIN = re.compile("[A-Za-z]{2,}")
ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")  # how machines say a day
MACHINE_DATES = ("/imports/",)  # rosters are read back, and say how a date may be typed
CODE_WORD = re.compile("[a-z_]+")  # a stored code: a page that shows one has forgotten its words
SAID = ("title", "aria-label", "placeholder", "alt", "data-confirm", "aria-roledescription")
SILENT = {"script", "style", "pre", "svg"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
LEAVE_OUT = re.compile(r"/(logout|lang|static|back|api)\b|/audio|/export|^/sw\.js")
SLOT = re.compile(r"\{\w+\}")  # where a script puts a time
SHEET = re.compile(r"\.xlsx(\?|$)|/template$")
NUMBER = re.compile(r"\d+")  # kinds of pages are told apart by address without numbers; queries only narrow a page


class Reader(HTMLParser):
    """`texts` a person may read, `links` a person may follow, `strings` that scripts say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.strings: dict[str, str] = {}
        self._open: list[tuple[str, bool]] = []  # (tag, silent from here on)
        self._id = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attributes}
        foreign = tag != "html" and "lang" in known
        silent = bool(self._open and self._open[-1][1]) or tag in SILENT or foreign
        if not silent:
            self.texts += [known[name] for name in SAID if known.get(name)]
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
        if tag not in VOID:
            self._open.append((tag, silent))
            self._id = known.get("id", "") if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "script" and self._id == "ui-strings":
            self.strings = json.loads(data)
        elif self._open and not self._open[-1][1] and data.strip():
            self.texts.append(" ".join(data.split()))


def data_of(session: Any) -> list[str]:
    """Every string the county's database holds, longest first, without stored codes."""
    found: set[str] = {column.heading for column in HOUSEHOLD_COLUMNS}  # the sheet's own, in every language
    for mapper in Model.registry.mappers:
        for row in session.query(mapper.class_):
            for column in mapper.column_attrs:
                found.update(_strings(getattr(row, column.key)))
    return sorted((text for text in found if text and not CODE_WORD.fullmatch(text)), key=len, reverse=True)


def _strings(value: Any) -> Iterator[str]:
    if type(value) is str:  # a member of an enumeration is a code
        yield value
        yield from (" ".join(line.split()) for line in value.splitlines())
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


@dataclass
class Scan:
    """Collects what pages say in the wrong writing: {words: first page they stood on}."""

    browser: Browser
    foreign: re.Pattern[str]
    allowed: frozenset[str]
    data: list[str]
    allowed_at: dict[str, frozenset[str]] = field(default_factory=dict)  # beginning of a path → words
    seen: set[str] = field(default_factory=set)
    sheets: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = [text for text in self.data if self.foreign.search(text) or ISO_DATE.search(text)]

    def open(self, path: str, **options: Any) -> Reader:
        answer = self.browser.get(path, **options)
        return self.read(answer.get_data(as_text=True), path)

    def read(self, page: str, path: str) -> Reader:
        reader = Reader(page)
        self.judge(reader.texts, path)
        said = (text for text in reader.strings.values() if not text.startswith("/static"))
        self.judge([SLOT.sub("", text) for text in said], path)
        return reader

    def crawl(self, start: Iterable[str]) -> None:
        """Every kind of page that can be reached, one of each kind."""
        waiting = list(start)
        while waiting:
            path = waiting.pop()
            kind = NUMBER.sub("#", urlsplit(path).path)
            if kind in self.seen or LEAVE_OUT.search(path):
                continue
            self.seen.add(kind)
            if SHEET.search(path):
                self.sheets.add(path)
                continue
            answer = self.browser.get(path)
            assert answer.status_code < 500, path
            if answer.status_code in (301, 302, 303, 308):
                waiting.append(answer.headers["Location"])
                continue
            if answer.mimetype == "text/html":
                reader = self.read(answer.get_data(as_text=True), path)
                links = (urlsplit(urljoin(f"http://localhost{path}", link)) for link in reader.links)
                waiting += [link.path + (f"?{link.query}" if link.query else "") for link in links
                            if link.netloc == "localhost"]  # fmt: skip

    def read_sheet(self, path: str) -> int:
        """The cells of a workbook; the number of them."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, path
        book = load_workbook(BytesIO(answer.data))
        cells = [
            cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None
        ]
        self.judge([*book.sheetnames, *(cell for cell in cells if isinstance(cell, str))], path)
        return len(cells)

    def judge(self, texts: Iterable[str], path: str) -> None:
        here = self.allowed.union(*(words for start, words in self.allowed_at.items() if path.startswith(start)))
        for text in texts:
            if text in self.found or not (self._wrong(text, here) or ISO_DATE.search(text)):
                continue
            own = without(text, self.data)
            if self._wrong(own, here) or (ISO_DATE.search(own) and not path.startswith(MACHINE_DATES)):
                self.found[text] = path

    def _wrong(self, text: str, allowed: frozenset[str]) -> bool:
        return bool(set(self.foreign.findall(text)) - allowed)


def without(text: str, data: list[str]) -> str:
    for word in data:
        if word in text:
            text = text.replace(word, " ")
    return text
