"""What a page says, in text and attributes, shown or waiting to be shown, less what the county itself wrote into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask_appbuilder import Model
from playwright.sync_api import Page

from app.sheets.columns import HOUSEHOLD_COLUMNS
from tests.browser.conftest import Live

# Reads this page, or one fetched and parsed without running its scripts: [status, texts, links].
READ = """async (path) => {
  const answer = path && await fetch(path);
  const page = path ? new DOMParser().parseFromString(await answer.text(), "text/html") : document;
  const said = [page.title];
  const walk = (root) => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = nodes.currentNode; node; node = nodes.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!node.parentElement?.closest("script, style, pre, [lang]:not(html)")) said.push(node.data);
        continue;
      }
      if (node.nodeName === "TEMPLATE") walk(node.content);
      for (const name of ["title", "aria-label", "placeholder", "alt", "data-confirm", "aria-roledescription"])
        if (node.getAttribute?.(name)) said.push(node.getAttribute(name));
    }
  };
  walk(page.body);
  const links = [...page.querySelectorAll("a[href]")].map((link) => link.getAttribute("href"));
  return [answer ? answer.status : 200, said.map((text) => text.trim().replace(/\\s+/g, " ")).filter(Boolean), links];
}"""
HAN = re.compile("[\u3400-\u9fff]+")
LATIN = re.compile("[A-Za-z]{2,}")
CODE_WORD = re.compile("[a-z_]+")  # a stored code: a page that shows one has forgotten its words
LEAVE_OUT = re.compile(r"/(logout|lang|static|back|api)\b|\.xlsx|\.csv|/export|/template|/audio")
# Kinds of pages are told apart by address without numbers; queries only narrow a page down.
NUMBER = re.compile(r"\d+")


def data_of(live: Live) -> list[str]:
    """Every string the county's database holds, longest first, without stored codes."""
    found: set[str] = {column.heading for column in HOUSEHOLD_COLUMNS}  # the sheet's own, in every language
    with live.database() as session:
        for mapper in Model.registry.mappers:
            for row in session.query(mapper.class_):
                for column in mapper.column_attrs:
                    found.update(_strings(getattr(row, column.key)))
    return sorted((text for text in found if text and not CODE_WORD.fullmatch(text)), key=len, reverse=True)


def _strings(value: Any) -> Iterator[str]:
    if type(value) is str:  # a member of an enumeration is a code
        yield value
        yield from (line.strip() for line in value.splitlines())
    elif isinstance(value, dict):
        for part in (*value.keys(), *value.values()):
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


@dataclass
class Scan:
    """Collects what pages say in the wrong writing: {words: first page they stood on}."""

    live: Live
    page: Page
    foreign: re.Pattern[str]
    allowed: frozenset[str]
    data: list[str]
    allowed_at: dict[str, frozenset[str]] = field(default_factory=dict)  # beginning of a path → words
    seen: set[str] = field(default_factory=set)
    found: dict[str, str] = field(default_factory=dict)

    def open(self, path: str) -> None:
        """The page as it is after its scripts have run."""
        answer = self.page.goto(self.live.address(path))
        assert answer is None or answer.status < 500, path
        self.read()

    def read(self) -> None:
        """What the open page says now."""
        _status, texts, _links = self.page.evaluate(READ, "")
        self._judge(texts, urlsplit(self.page.url).path)

    def crawl(self, start: Iterable[str]) -> None:
        """Every kind of page that can be reached, one of each kind, as the server sends it."""
        waiting = list(start)
        while waiting:
            path = waiting.pop()
            kind = NUMBER.sub("#", urlsplit(path).path)
            if kind in self.seen or LEAVE_OUT.search(path):
                continue
            self.seen.add(kind)
            status, texts, links = self.page.evaluate(READ, path)
            assert status < 500, path
            self._judge(texts, path)
            host = urlsplit(self.live.url).netloc
            for link in (urlsplit(urljoin(self.live.address(path), link)) for link in links):
                if link.netloc == host:
                    waiting.append(link.path + (f"?{link.query}" if link.query else ""))

    def _judge(self, texts: list[str], path: str) -> None:
        here = self.allowed.union(*(words for start, words in self.allowed_at.items() if path.startswith(start)))
        for text in texts:
            if set(self.foreign.findall(without(text, self.data))) - here:
                self.found.setdefault(text, path)


def without(text: str, data: list[str]) -> str:
    for word in data:
        if word in text:
            text = text.replace(word, " ")
    return text
