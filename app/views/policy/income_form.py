"""The entry form of an income sheet: what was typed, what is wrong with it, and the items it comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext

from app.domain.income import (
    GROUPS,
    Group,
    IncomeProblem,
    Item,
    default_window,
    parse_window,
    parse_yuan,
)
from app.domain.income.totals import MAX_PERSONS
from app.domain.policy import Code, Rules
from app.services.income.sheets import Input

MAX_NOTE = 200
MAX_REMARK = 1000
_SPLIT = str.maketrans({"；": "\n", ";": "\n", "、": "\n"})


@dataclass(slots=True)
class Row:
    """One item on the page, with what was typed into it."""

    code: str
    label: str
    needs_note: bool
    amount: str = ""
    note: str = ""
    evidence: str = ""
    error: str = ""

    @property
    def is_used(self) -> bool:
        return bool(self.amount or self.note or self.evidence or self.error)


@dataclass(slots=True)
class Entry:
    """The whole page as typed; `errors` by field name. `given` is there when nothing is wrong."""

    on: str
    first: str
    last: str
    persons: str
    has_risk: bool
    note: str
    groups: list[tuple[Group, str, list[Row]]]
    errors: dict[str, str] = field(default_factory=dict)
    given: Input | None = None

    @property
    def wrong(self) -> int:
        return len(self.errors) + sum(1 for _g, _t, rows in self.groups for row in rows if row.error)


def blank(rules: Rules, on: date, persons: int) -> Entry:
    window = default_window(on, rules.income.window_months or 12)
    return Entry(on.isoformat(), f"{window.first_on:%Y-%m}", f"{window.last_on:%Y-%m}", str(persons), False, "",
                 _groups(rules, {}))  # fmt: skip


def day_of(form: Mapping[str, str], default: date) -> date:
    """The day typed; the default when it cannot be read (`read` tells so)."""
    try:
        return date.fromisoformat(form.get("on", ""))
    except ValueError:
        return default


def read(rules: Rules, form: Mapping[str, str], today: date) -> Entry:
    entry = Entry(form.get("on", ""), form.get("first", ""), form.get("last", ""), form.get("persons", ""),
                  form.get("has_risk") == "1", form.get("note", "").strip(), _groups(rules, form))  # fmt: skip
    on = _read_day(entry, today)
    persons = _read_persons(entry)
    window = None
    try:
        window = parse_window(entry.first, entry.last, on)
    except IncomeProblem as problem:
        entry.errors["window"] = _words(problem)
    if len(entry.note) > MAX_REMARK:
        entry.errors["note"] = str(gettext("At most %(most)s characters.", most=MAX_REMARK))
    items = [item for group, _title, rows in entry.groups for row in rows if (item := _item(group, row)) is not None]
    if not entry.wrong and not items:
        entry.errors["items"] = str(gettext("Enter at least one amount; write 0 where there is nothing."))
    if not entry.wrong and window is not None:
        entry.given = Input(on, window, persons, entry.has_risk, tuple(items), entry.note)
    return entry


def _read_day(entry: Entry, today: date) -> date:
    try:
        on = date.fromisoformat(entry.on)
    except ValueError:
        entry.errors["on"] = str(gettext("“%(given)s” is not a day; write it as 2026-03-31.", given=entry.on[:20]))
        return today
    if on > today:
        entry.errors["on"] = str(gettext("The day lies in the future."))
    return on


def _read_persons(entry: Entry) -> int:
    text = entry.persons.strip()
    if text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MAX_PERSONS:
        return int(text)
    entry.errors["persons"] = str(gettext("The number of persons must be from 1 to %(most)s.", most=MAX_PERSONS))
    return 1


def _item(group: Group, row: Row) -> Item | None:
    """An item with an amount, 0 included; None for a row left empty."""
    try:
        fen = parse_yuan(row.amount)
    except IncomeProblem as problem:
        row.error = _words(problem)
        return None
    if not row.amount.strip():
        if row.note or row.evidence:
            row.error = str(gettext("Enter the amount this note belongs to."))
        return None
    if max(len(row.note), len(row.evidence)) > MAX_NOTE:
        row.error = str(gettext("At most %(most)s characters.", most=MAX_NOTE))
    elif row.needs_note and fen and not row.note:
        row.error = str(gettext("Say what “%(label)s” is.", label=row.label))
    evidence = tuple(part.strip() for part in row.evidence.translate(_SPLIT).splitlines() if part.strip())
    return Item(row.code, group, fen, row.note, evidence)


def _groups(rules: Rules, form: Mapping[str, str]) -> list[tuple[Group, str, list[Row]]]:
    listed = rules.codes.get("income_items", ())
    return [(group, str(gettext(title)), [_row(code, form) for code in _of_group(listed, group)])
            for group, title in GROUPS.items()]  # fmt: skip


def _of_group(listed: tuple[Code, ...], group: Group) -> list[Code]:
    """The items of the place's code list; one nameless item where its list has none for the group."""
    found = [code for code in listed if code.group == group.value]
    return found or [Code(code=f"{group.value}_sum", label=str(gettext(GROUPS[group])))]


def _row(code: Code, form: Mapping[str, str]) -> Row:
    typed = {part: form.get(f"{part}.{code.code}", "").strip() for part in ("amount", "note", "evidence")}
    return Row(code.code, code.label, code.needs_note, **typed)


def _words(problem: IncomeProblem) -> str:
    values: dict[str, Any] = problem.values
    return str(gettext(problem.message, **values))
