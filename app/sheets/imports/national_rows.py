"""One person's row of the national export, from cells to checked values. All problems of a row are found, not just one.

Values are keyed by column and hold register codes, ISO dates and E.164 numbers; a key that is absent means that the
file is silent, and nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from app.domain.id_numbers import IdError, parse_id_number
from app.domain.phones import PhoneError, parse_phone
from app.domain.roundtrip import codes
from app.sheets import cells
from app.sheets.cells import Cell, CellError
from app.sheets.imports.grid import GridIndex, Unit
from app.sheets.imports.national import PersonCells
from app.sheets.imports.national_columns import national_column
from app.sheets.problems import Problem

OLDEST = 120
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+?\d+")
_EMPTY = frozenset({"", "/", "-", "—", "无", "null", "NULL", "#N/A"})
Values = dict[str, Any]


@dataclass(slots=True)
class PersonRow:
    """`unit` None when the place is bad or not stated. `id_unchecked`: the ID number as typed, where its check digit is
    wrong and nothing else: the register may know better."""

    sheet: str
    number: int
    values: Values
    raw: dict[str, str]
    unit: Unit | None
    problems: list[Problem] = field(default_factory=list)
    id_unchecked: str = ""


class NationalParser:
    """Parses row after row. `today` bounds dates."""

    def __init__(self, grid: GridIndex, today: date) -> None:
        self._grid = grid
        self._today = today
        self._readers: dict[str, Callable[[Cell], Any]] = {
            "code": _code, "person_code": _code, "name": lambda cell: cells.plain_text(cell, 40),
            "id_number": self._id_number, "size": lambda cell: _whole(cell, 99), "ethnicity": _short,
            "natural": lambda cell: cells.plain_text(cell, 64),
            "relation": _choice("relation"), "education": _choice("education"), "schooling": _choice("schooling"),
            "health": _choice("health"), "labour": _choice("labour"), "cause": _choice("risks"),
            "category": _category, "monitored": _monitored, "work_months": lambda cell: _whole(cell, 12),
            "illness_insurance": _yes_no, "safe_water": _yes_no, "eliminated": _yes_no, "unsafe_house": _house,
            "income": _money, "phone": _phone, "person_phone": _phone, "first_identified": self._date,
            "identified": self._date, "risk_on": self._date, "eliminated_on": self._date,
        }  # fmt: skip

    def parse(self, row: PersonCells) -> PersonRow:
        found = PersonRow(row.sheet, row.number, {}, {}, None)
        found.problems = [Problem(national_column(key).heading, code) for key, code in row.bad.items()]
        for key, read in self._readers.items():
            cell = row.cells.get(key)
            if cell is None or key in row.bad or (isinstance(cell, str) and cell.strip() in _EMPTY):
                continue
            try:
                value = read(cell)
            except CellError as error:
                if error.code == "id.checksum":
                    found.id_unchecked = cells.narrow(cell).upper()
                found.problems.append(Problem(national_column(key).heading, error.code, error.params))
                continue
            if value is not None and value != "":
                found.values[key] = value
        self._require(found, row)
        found.unit = self._place(found, row)
        self._agree(found)
        found.raw = _raw(row) if found.problems else {}
        return found

    def _require(self, found: PersonRow, row: PersonCells) -> None:
        wrong = {problem.column for problem in found.problems}
        for key in ("code", "name", "id_number", "relation"):
            heading = national_column(key).heading
            if key not in found.values and heading not in wrong:
                found.problems.append(Problem(heading, "required"))

    def _place(self, found: PersonRow, row: PersonCells) -> Unit | None:
        """The village by its own and the names above it; in it the group or natural village, where one has the name."""
        try:
            names = tuple(cells.narrow(row.cells.get(key)) for key in ("county", "town", "village"))
            natural = str(found.values.get("natural", ""))
            if not any(names):
                return None
            return self._grid.place(names, natural)
        except CellError as error:
            column = national_column("village" if row.cells.get("village") else "town").heading
            found.problems.append(Problem(column, error.code, error.params))
            return None

    def _agree(self, found: PersonRow) -> None:
        values = found.values
        begun, ended = values.get("risk_on"), values.get("eliminated_on")
        if begun and ended and ended < begun:
            found.problems.append(Problem(national_column("eliminated_on").heading, "eliminated_before"))
        number = values.get("id_number", "")
        born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
        if number and values.get("identified", born) < born:
            found.problems.append(Problem(national_column("identified").heading, "before_birth"))

    def _id_number(self, cell: Cell) -> str | None:
        given = cell if isinstance(cell, int | float) and not isinstance(cell, bool) else cells.narrow(cell)
        if isinstance(given, str) and "*" in given:
            raise CellError("masked_number")
        try:
            number = parse_id_number(given, self._today)
        except IdError as error:
            raise CellError(f"id.{error.code}") from error
        if number.age_on(self._today) > OLDEST:
            raise CellError("impossible_age", years=OLDEST)
        return number.number

    def _date(self, cell: Cell) -> str | None:
        found = _civil_date(cell) if isinstance(cell, str) else cells.civil_date(cell)
        if found is not None and found > self._today:
            raise CellError("future_date")
        return found.isoformat() if found else None


def _raw(row: PersonCells) -> dict[str, str]:
    return {key: _shown(cell) for key, cell in row.cells.items() if cell is not None and cell != ""}


def _shown(cell: Cell) -> str:
    try:
        return cells.text(cell)
    except CellError:
        return repr(cell)


def _code(cell: Cell) -> str:
    found = cells.narrow(cell).replace(" ", "")
    if _SCIENTIFIC.fullmatch(found):
        raise CellError("digits_lost")
    if not _CODE.fullmatch(found):
        raise CellError("code_characters")
    return found


def _short(cell: Cell) -> str:
    return cells.plain_text(cell, 20)


def _choice(list_name: str) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        found = codes.code_of(list_name, cells.narrow(cell))
        if found is None:
            raise CellError("unknown_choice", choices=codes.words_of(list_name))
        return found

    return read


def _category(cell: Cell) -> str:
    """Also a monitored kind where the export has put it into this column."""
    word = cells.narrow(cell)
    found = codes.code_of("household", word) or codes.code_of("monitored", word)
    if found is None:
        raise CellError("unknown_choice", choices=codes.words_of("household"))
    return found


def _monitored(cell: Cell) -> str | None:
    word = cells.narrow(cell)
    if word in codes.NO_KIND:
        return "none"
    found = codes.code_of("monitored", word)
    if found is None:
        raise CellError("unknown_choice", choices=codes.words_of("monitored"))
    return found


def _yes_no(cell: Cell) -> bool | None:
    word = cells.narrow(cell).lower()
    if word in codes.YES or word in codes.NO:
        return word in codes.YES
    raise CellError("unknown_choice", choices="是、否")


def _house(cell: Cell) -> str:
    """A grade A to D, or whether there is a problem with the house: yes, no."""
    word = cells.narrow(cell).upper().removesuffix("级")
    if word in ("A", "B", "C", "D"):
        return word
    return "yes" if _yes_no(cell) else "no"


def _whole(cell: Cell, most: int) -> int:
    word = cells.narrow(cell).removesuffix("个月").removesuffix("月").removesuffix("人")
    try:
        number = Decimal(word)
    except InvalidOperation as error:
        raise CellError("bad_number", most=most) from error
    if number != number.to_integral_value() or not 0 <= number <= most:
        raise CellError("bad_number", most=most)
    return int(number)


def _money(cell: Cell) -> str:
    word = cells.narrow(cell).replace(",", "").removesuffix("元")
    try:
        amount = Decimal(word).quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise CellError("bad_amount") from error
    if abs(amount) >= 10**8:
        raise CellError("bad_amount")
    return f"{amount.normalize():f}"


def _phone(cell: Cell) -> str:
    if isinstance(cell, str) and "*" in cell:
        raise CellError("masked_number")
    try:
        return _number_of(cell if isinstance(cell, int | float) else cells.text(cell))
    except PhoneError as error:
        raise CellError(f"phone.{error.code}") from error


@lru_cache(maxsize=4096)  # a household's number stands in the row of each of its people
def _number_of(given: str | int | float) -> str:
    return parse_phone(given).e164


@lru_cache(maxsize=4096)
def _civil_date(text: str) -> date | None:
    return cells.civil_date(text)
