"""Dates, instants, months and quarters as people read them: 2026年11月21日, 21 Nov 2026.

Pure, and in both languages, because sheets and pages must say a day in the same way. `chinese` chooses the language;
a page takes it from its reader (app.views.dates), a ledger from its form.
"""

from __future__ import annotations

from datetime import date, datetime

from app.domain.quarters import CHINA, Quarter

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def civil_words(on: date, *, chinese: bool) -> str:
    """'2026年11月21日' or '21 Nov 2026'. Raises TypeError for an instant: its day depends on the zone."""
    if isinstance(on, datetime):
        raise TypeError("civil_words takes a civil date; use moment_words for an instant")
    if chinese:
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def moment_words(at: datetime, *, chinese: bool, seconds: bool = False) -> str:
    """'2026年11月21日 14:05' or '21 Nov 2026, 14:05', on China's clock. Raises ValueError for a naive instant."""
    if at.tzinfo is None:
        raise ValueError("an instant must be aware")
    local = at.astimezone(CHINA)
    day = civil_words(local.date(), chinese=chinese)
    return f"{day}{' ' if chinese else ', '}{local:{'%H:%M:%S' if seconds else '%H:%M'}}"


def month_words(on: date, *, chinese: bool) -> str:
    """'2026年11月' or 'Nov 2026'."""
    return f"{on.year}年{on.month}月" if chinese else f"{_MONTHS[on.month - 1]} {on.year}"


def quarter_words(quarter: Quarter, *, chinese: bool) -> str:
    """'2026年第四季度' or 'Quarter 4 of 2026'."""
    return quarter.label if chinese else f"Quarter {quarter.number} of {quarter.year}"


def period_words(code: str, *, chinese: bool) -> str:
    """A stored period: '2026-10' → '2026年10月', '2026H2' → '2026年下半年', '2026Q4', '2026'; all else as it is."""
    try:
        if code.isdecimal() and len(code) == len("2026"):
            return f"{code}年" if chinese else code
        if code[4:] in ("H1", "H2") and code[:4].isdecimal():
            if chinese:
                return f"{code[:4]}年{'上' if code.endswith('1') else '下'}半年"
            return f"{'First' if code.endswith('1') else 'Second'} half of {code[:4]}"
        if "Q" in code:
            return quarter_words(Quarter.parse(code), chinese=chinese)
        return month_words(date.fromisoformat(f"{code}-01"), chinese=chinese)
    except ValueError:
        return code
