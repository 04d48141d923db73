"""What people type into cells, read as text, dates, hours and yes or no. Pure; raises CellError with a problem code."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

Cell = str | int | float | bool | date | datetime | time | timedelta | None
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202c\u202d\u202e"))
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of the 1900 date system, the leap-year error of Lotus included
_LAST_EXACT = 2**53  # above it a double, which is all Excel keeps, has lost digits
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_YES = {"是", "y", "yes", "√", "1", "true", "有"}
_NO = {"否", "n", "no", "×", "0", "false", "无"}
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?|\s*月)?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
)
_HOURS = re.compile(r"(\d{1,2})(?:[:点时](\d{1,2})?分?)?\s*(?:-|~|至|到|—+|–)\s*(\d{1,2})(?:[:点时](\d{1,2})?分?)?")
DAYPARTS = {
    "上午": (time(8, 30), time(11, 30)),
    "中午": (time(12, 0), time(13, 30)),
    "下午": (time(14, 0), time(18, 0)),
    "晚上": (time(18, 0), time(20, 0)),
}


class CellError(ValueError):
    """`code`: a key of problems.CELL_PROBLEMS; `params` fill its message."""

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(code)


def text(value: Cell) -> str:
    """The cell as people see it, without spaces around and invisible signs. Whole numbers keep every digit.

    Raises CellError digits_lost for a number that Excel could not hold exactly.
    """
    if isinstance(value, str):
        # Letters and digits alone hold no spaces and no invisible signs; most cells are such.
        return value if value.isalnum() else " ".join(value.translate(_INVISIBLE).split())
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    raise TypeError(f"{type(value).__name__} is no cell")


def _number(value: int | float) -> str:
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if abs(value) > _LAST_EXACT:
        raise CellError("digits_lost")
    return str(int(value))


def narrow(value: Cell) -> str:
    """`text` with full-width letters, digits and signs made half-width."""
    found = text(value)
    return found if found.isascii() else found.translate(_NARROW).strip()


def plain_text(value: Cell, limit: int) -> str:
    """Free text that is safe to write into a sheet again. Raises CellError formula_sign, too_long."""
    found = text(value)
    if found.translate(_NARROW).startswith(FORMULA_SIGNS):
        raise CellError("formula_sign")
    if len(found) > limit:
        raise CellError("too_long", limit=limit)
    return found


def yes_no(value: Cell) -> bool | None:
    """None for an empty cell. Raises CellError unknown_choice."""
    found = narrow(value).lower()
    if not found:
        return None
    if found in _YES or found in _NO:
        return found in _YES
    raise CellError("unknown_choice", choices="是、否")


def civil_date(value: Cell) -> date | None:
    """A date cell, a serial number, or text such as 2026-03-01, 2026/3/1, 2026年3月1日, 20260301, 2026年3月.

    A month alone is its first day. None for an empty cell. Raises CellError bad_date.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool | time | timedelta):
        raise CellError("bad_date")
    found = narrow(value)
    if not found:
        return None
    if re.fullmatch(r"\d{5}", found):
        return _EXCEL_EPOCH + timedelta(days=int(found))
    if re.fullmatch(r"(?:19|20)\d{6}", found):
        found = f"{found[:4]}-{found[4:6]}-{found[6:]}"
    match = _DATE.fullmatch(found)
    if match is None:
        raise CellError("bad_date")
    try:
        return date(int(match[1]), int(match[2]), int(match[3] or 1))
    except ValueError as error:
        raise CellError("bad_date") from error


def hours(value: Cell) -> tuple[time, time] | None:
    """A span of the day such as 18:00-20:00, 18点到20点, 上午. None for an empty cell. Raises CellError bad_hours."""
    found = narrow(value)
    if not found:
        return None
    if found in DAYPARTS:
        return DAYPARTS[found]
    match = _HOURS.fullmatch(found)
    if match is None:
        raise CellError("bad_hours")
    try:
        start, end = time(int(match[1]), int(match[2] or 0)), time(int(match[3]), int(match[4] or 0))
    except ValueError as error:
        raise CellError("bad_hours") from error
    if start >= end:
        raise CellError("bad_hours")
    return start, end


def neutral(value: Any) -> Any:
    """For export: text a spreadsheet would take for a formula gets an apostrophe in front (HOUSE rule 14)."""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value
