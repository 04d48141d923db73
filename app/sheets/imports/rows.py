"""One row of a household roster, from cells to a checked RosterRow. All problems of a row are found, not just one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from app.domain.enums import HouseholdCategory, PhoneOwner
from app.domain.id_numbers import IdError, parse_id_number
from app.domain.phones import PhoneError, parse_phone
from app.services.rosters_rows import WHOLE, AbsenceEntry, PhoneEntry, RosterRow
from app.sheets import cells
from app.sheets.cells import Cell, CellError
from app.sheets.columns import CATEGORY_WORDS, HOUSEHOLD_COLUMNS, LANGUAGE_WORDS, OWNER_WORDS, column_of
from app.sheets.imports.grid import GridIndex, Unit
from app.sheets.problems import Problem
from app.sheets.reader import SheetRow

T = TypeVar("T")
_CATEGORIES = {word: category for category, word in CATEGORY_WORDS.items()} | {
    "农户": HouseholdCategory.GENERAL,
    "持续关注": HouseholdCategory.WATCH,
    "突发困难户": HouseholdCategory.SUDDEN_HARDSHIP,
    "边缘户": HouseholdCategory.MARGINAL,
}
_LANGUAGES = {word: code for code, word in LANGUAGE_WORDS.items()}
_OWNERS = {word: owner for owner, word in OWNER_WORDS.items()} | {
    "本人": PhoneOwner.HEAD,
    "成员": PhoneOwner.MEMBER,
    **dict.fromkeys(("配偶", "妻子", "丈夫", "儿子", "女儿", "儿媳", "女婿", "父亲", "母亲"), PhoneOwner.MEMBER),
    **dict.fromkeys(("亲属", "邻居"), PhoneOwner.HOME_SIDE_RELATIVE),
}
_WHOLE = {"全家", "整户", "举家", "全户", "所有人"}
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}")
_REQUIRED = frozenset(column.key for column in HOUSEHOLD_COLUMNS if column.is_required)
_LIMITS = {"head_name": 40, "address": 200, "away_place": 100, "owner_name": 40}


@dataclass(slots=True)
class ParsedRow:
    """`roster` None when there are problems. `raw`: the cells as text, for the error file."""

    number: int
    raw: dict[str, str]
    roster: RosterRow | None
    problems: list[Problem] = field(default_factory=list)


class RowParser:
    """Parses row after row of one sheet; remembers the household codes it has met."""

    def __init__(self, grid: GridIndex, today: date) -> None:
        self._grid = grid
        self._today = today
        self._rows_of_codes: dict[str, int] = {}

    def parse(self, row: SheetRow) -> ParsedRow:
        reading = _Reading(row)
        roster = self._roster(reading)
        first = self._rows_of_codes.setdefault(roster.code, row.number) if roster.code else row.number
        if first != row.number:
            reading.add("code", CellError("duplicate_row", row=first))
        ok = not reading.problems
        return ParsedRow(row.number, _raw(row), roster if ok else None, reading.problems)

    def _roster(self, r: _Reading) -> RosterRow:
        unit = self._unit(r)
        is_absent, absence = self._absence(r)
        return RosterRow(
            code=r.get("code", _code) or "",
            area=unit.area if unit else {},
            head_name=r.get("head_name", lambda c: _required(cells.plain_text(c, _LIMITS["head_name"]))) or "",
            head_id=r.get("head_id", self._head_id),
            category=r.get("category", lambda c: _choice(c, _CATEGORIES, tuple(CATEGORY_WORDS.values()))),
            address=r.get("address", lambda c: cells.plain_text(c, _LIMITS["address"]) or None),
            phones=self._phones(r),
            is_absent=is_absent,
            absence=absence,
            language=r.get("language", lambda c: _choice(c, _LANGUAGES, tuple(_LANGUAGES))),
            hours=r.get("hours", cells.hours),
            visit_only=r.get("visit_only", cells.yes_no),
        )

    def _head_id(self, cell: Cell) -> str | None:
        if not _is_given(cell):
            return None
        if isinstance(cell, float) and cell.is_integer() and cell < 10**15:
            cell = int(cell)  # a first-generation number, say: short enough for Excel, refused by its own rule
        try:
            return parse_id_number(cells.narrow(cell) if isinstance(cell, str) else _number(cell), self._today).number
        except IdError as error:
            raise CellError(f"id.{error.code}") from error

    def _unit(self, r: _Reading) -> Unit | None:
        names = tuple(r.get(key, lambda c: cells.narrow(c)) or "" for key in ("county", "town", "village", "group"))
        code = r.get("node_code", cells.narrow)
        if r.has_problem("node_code"):
            return None
        column = (
            "node_code"
            if code
            else next(
                (key for key, name in zip(("group", "village", "town"), names[:0:-1], strict=True) if name), "node_code"
            )
        )
        unit = r.try_(column, lambda: self._grid.by_code(code) if code else self._grid.by_names(*names))
        if unit is not None and code and not self._grid.agrees(unit, names):
            r.add("node_code", CellError("unit_names_differ", unit=unit.title))
        return unit

    def _phones(self, r: _Reading) -> tuple[PhoneEntry, ...]:
        entries = []
        for slot in (0, 1):
            owner, name = r.get(f"owner{slot + 1}", _owner) or (None, "")
            number = r.get(f"phone{slot + 1}", _phone)
            if number:
                entries.append(PhoneEntry(slot, number, owner, name))
        if len(entries) == 2 and entries[0].e164 == entries[1].e164:
            r.add("phone2", CellError("same_number_twice"))
        return tuple(entries)

    def _absence(self, r: _Reading) -> tuple[bool | None, AbsenceEntry | None]:
        is_absent = r.get("absent", cells.yes_no)
        since = r.get("away_since", cells.civil_date)
        until = r.get("away_return", cells.civil_date)
        who = r.get("away_who", lambda c: cells.plain_text(c, 40))
        place = r.get("away_place", lambda c: cells.plain_text(c, _LIMITS["away_place"]))
        if since is not None and is_absent is False:
            r.add("away_since", CellError("not_absent_with_date"))
        if since is None:
            if is_absent and not r.has_problem("away_since"):
                r.add("away_since", CellError("absent_without_date"))
            return is_absent, None
        if since > self._today:
            r.add("away_since", CellError("future_date"))
        if until is not None and until < since:
            r.add("away_return", CellError("return_before_leaving"))
        return True, AbsenceEntry(since, WHOLE if who in _WHOLE else who or None, place or None, until)


class _Reading:
    """Collects the problems of one row while its cells are read."""

    def __init__(self, row: SheetRow) -> None:
        self._row = row
        self.problems = [Problem(column_of(key).heading, code) for key, code in row.bad.items()]

    def get(self, key: str, read: Callable[[Cell], T]) -> T | None:
        """The cell through `read`; None when it is unreadable, and the problem is noted."""
        cell = self._row.cells.get(key)
        if key in self._row.bad or (cell is None and key not in _REQUIRED):
            return None
        try:
            return read(cell)
        except CellError as error:
            self.add(key, error)
            return None

    def try_(self, key: str, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except CellError as error:
            self.add(key, error)
            return None

    def add(self, key: str, error: CellError) -> None:
        self.problems.append(Problem(column_of(key).heading, error.code, error.params))

    def has_problem(self, key: str) -> bool:
        heading = column_of(key).heading
        return any(problem.column == heading for problem in self.problems)


def _raw(row: SheetRow) -> dict[str, str]:
    """The filled cells as text."""
    return {key: _shown(cell) for key, cell in row.cells.items() if cell is not None and cell != ""}


def _shown(cell: Cell) -> str:
    try:
        return cells.text(cell)
    except CellError:
        return repr(cell)


def _is_given(cell: Cell) -> bool:
    return cell is not None and cell != "" and not (isinstance(cell, str) and not cells.text(cell))


def _number(cell: Cell) -> int | float | str:
    return cell if isinstance(cell, int | float) else cells.text(cell)


def _required(found: str) -> str:
    if not found:
        raise CellError("required")
    return found


def _code(cell: Cell) -> str:
    found = _required(cells.narrow(cell).replace(" ", ""))
    if not _CODE.fullmatch(found):
        raise CellError("code_characters")
    return found


def _choice(cell: Cell, words: dict[str, Any], shown: tuple[str, ...]) -> Any:
    found = cells.narrow(cell)
    if not found:
        return None
    if found not in words:
        raise CellError("unknown_choice", choices="、".join(shown))
    return words[found]


def _owner(cell: Cell) -> tuple[PhoneOwner | None, str]:
    """户主 · 家庭成员 李四 · 在家亲属：张三 · 李四 (a bare name is a member's)."""
    found = cells.plain_text(cell, _LIMITS["owner_name"])
    if not found:
        return None, ""
    word, _, name = re.sub(r"[：:，,（(]", " ", found, count=1).rstrip("）)").partition(" ")
    if word in _OWNERS:
        return _OWNERS[word], name.strip()
    return PhoneOwner.MEMBER, found


def _phone(cell: Cell) -> str | None:
    if not _is_given(cell):
        return None
    if isinstance(cell, str) and "*" in cell:
        raise CellError("masked_number")
    try:
        return parse_phone(cell if isinstance(cell, int | float) else cells.text(cell)).e164
    except PhoneError as error:
        raise CellError(f"phone.{error.code}") from error
