"""The menu as a reader sees it, and where in it a page belongs.

The tree is the same for everyone and never changes once the pages are registered: its addresses are worked out once. A
page then only asks which names its reader's roles open.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Flask, current_app, request
from flask_babel import LazyString, lazy_gettext
from flask_login import current_user

# Pages of one thing whose address does not begin with that of its list: how theirs begins → the list's.
BELOW = {
    "/case/": "/cases/list/", "/clue/": "/clues/", "/plan/": "/plans/", "/meeting/": "/meetings/",
    "/report/": "/monthly/", "/ledger-packs/": "/ledgers/", "/issues-of-evaluation/": "/issues/",
    "/household/": "/households/list/",
}  # fmt: skip
OPEN_AT_FIRST = ("work", "figures")  # headings, until the reader has opened or closed one
# FAB names icons by FontAwesome; our own views give names of static/vendor/icons.svg directly.
FAB_ICONS = {
    "fa-home": "house", "fa-phone": "telephone", "fa-sitemap": "diagram-3", "fa-list": "list",
    "fa-bar-chart": "bar-chart", "fa-cogs": "gear", "fa-cog": "gear", "fa-user": "person", "fa-group": "people",
    "fa-users": "people", "fa-key": "key", "fa-tasks": "list-task", "fa-bullhorn": "megaphone", "fa-upload": "upload",
    "fa-table": "table", "fa-lock": "lock", "fa-calendar": "calendar-event", "fa-search": "search",
    "fa-envelope": "send", "fa-chain": "shield-lock", "fa-user-plus": "person-plus",
    "fa-check-square-o": "card-checklist", "fa-edit": "pencil", "fa-eye": "eye",
}  # fmt: skip
PLAIN_ICON = "folder2-open"


@dataclass(frozen=True)
class Entry:
    """One line of the menu. `label` is lazy: it is translated when it is shown; `children` make it a heading."""

    name: str
    label: Any
    icon: str
    url: str
    children: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Tree:
    entries: tuple[Entry, ...]

    @cached_property
    def by_url(self) -> dict[str, Entry]:
        leaves = (leaf for entry in self.entries for leaf in (entry.children or (entry,)))
        return {leaf.url: leaf for leaf in leaves if leaf.url}


@dataclass(frozen=True)
class Shown:
    """What one reader sees of an entry on one page."""

    entry: Entry
    children: tuple[Shown, ...]
    is_present: bool
    is_open: bool


def register_navigation(app: Flask) -> None:
    """Let every template ask for the menu and the way up."""
    app.jinja_env.globals["shown_menu"] = shown_menu
    app.jinja_env.globals["way_up"] = way_up


def shown_menu() -> list[Shown]:
    """The reader's menu on the present page. Which headings stand open is the reader's choice, kept in a cookie of
    their own (shared phones), so that the page comes right from the server; the present page's is always open."""
    present = menu_entry_of(request.path)
    chosen = request.cookies.get(f"menu_{current_user.id}")
    standing = OPEN_AT_FIRST if chosen is None else tuple(chosen.split("."))
    allowed = _allowed()
    shown = []
    for entry in _tree().entries:
        if entry.name not in allowed:
            continue
        seen = (child for child in entry.children if child.name in allowed)
        children = tuple(Shown(child, (), child.url == present, False) for child in seen)
        if children or not entry.children:
            holds = any(child.is_present for child in children)
            shown.append(Shown(entry, children, entry.url == present, holds or entry.name in standing))
    return shown


def menu_entry_of(path: str) -> str | None:
    """The URL of the menu's entry that a page belongs to: its own, else the one of the list it hangs below, the nearest
    if there are several; None when the menu has neither."""
    urls = _tree().by_url
    if path in urls:
        return path
    home = next((home for below, home in BELOW.items() if path.startswith(below)), None)
    if home in urls:
        return home
    lists = [url for url in urls if len(stem := url.rsplit("list/", 1)[0]) > 1 and path.startswith(stem)]
    return max(lists, key=len, default=None)


def way_up(path: str) -> list[dict[str, Any]]:
    """The crumb of a page that hangs below an entry of the menu: the entry, for those who see it; else nothing."""
    url = menu_entry_of(path)
    if url is None or url == path:
        return []
    entry = _tree().by_url[url]
    return [{"label": str(entry.label), "href": url}] if entry.name in _allowed() else []


def _allowed() -> set[str]:
    found: set[str] = current_app.appbuilder.sm.get_user_menu_access()  # type: ignore[attr-defined]
    return found


def _tree() -> Tree:
    """FAB's menu with its addresses, which begin with wherever the application is mounted."""
    trees: dict[str, Tree] = current_app.extensions.setdefault("shouwang.menu", {})
    if request.script_root not in trees:
        items = current_app.appbuilder.menu.get_list()  # type: ignore[attr-defined]
        trees[request.script_root] = Tree(tuple(_entry(item) for item in items))
    return trees[request.script_root]


def _entry(item: Any) -> Entry:
    children = tuple(_entry(child) for child in item.childs if child and child.name != "-")
    icon = FAB_ICONS.get(item.icon, item.icon)
    label = item.label if isinstance(item.label, LazyString) else lazy_gettext(item.label)  # FAB's own are plain
    usable = icon if icon and not icon.startswith("fa-") else PLAIN_ICON
    return Entry(item.name, label, usable, item.get_url(), children)
