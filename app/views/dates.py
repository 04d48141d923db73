"""Dates as pages show them, in the reader's language and in China's time. Also Jinja filters of the same names.

`<input type=date>` and columns that machines read keep ISO 8601.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import Flask
from flask_babel import format_date, get_locale, gettext
from jinja2 import pass_context
from jinja2.runtime import Context

from app.domain import date_words
from app.domain.quarters import CHINA, Quarter
from app.domain.supervision.rounds import is_round

NOTHING = "—"


def civil(on: date | None) -> str:
    """'2026年11月21日' or '21 Nov 2026'; '' for none. TypeError for an instant."""
    return "" if on is None else date_words.civil_words(on, chinese=_chinese())


def moment(at: datetime | None) -> str:
    """'2026年11月21日 14:05' or '21 Nov 2026, 14:05'; '' for none. ValueError for a naive instant."""
    return "" if at is None else date_words.moment_words(at, chinese=_chinese())


def moment_to_the_second(at: datetime | None) -> str:
    """As `moment`, for traces of machines."""
    return "" if at is None else date_words.moment_words(at, chinese=_chinese(), seconds=True)


def weekday_moment(at: datetime | None) -> str:
    """As `moment` with the day of the week, for what lies a few days off: '2026年11月23日 星期一 14:00'."""
    if at is None:
        return ""
    local = at.astimezone(CHINA)
    day, name = civil(local.date()), format_date(local.date(), "EEEE" if _chinese() else "EEE")
    return f"{day} {name} {local:%H:%M}" if _chinese() else f"{name} {day}, {local:%H:%M}"


def month(on: date | None) -> str:
    """'2026年11月' or 'Nov 2026'; '' for none."""
    return "" if on is None else date_words.month_words(on, chinese=_chinese())


def period(code: str | None) -> str:
    """A stored period in words: '2026-10' → '2026年10月', '2026Q4' → '2026年第四季度'; '' for none."""
    return date_words.period_words(code, chinese=_chinese()) if code else ""


def quarter(of: Quarter | str | None) -> str:
    """'2026年第四季度' or 'Quarter 4 of 2026' of a quarter or its stored form '2026Q4'; '' for none."""
    if not of:
        return ""
    if isinstance(of, str) and is_round(of):
        return str(gettext("Call-back round %(number)d", number=int(of[1:])))
    return date_words.quarter_words(Quarter.parse(of) if isinstance(of, str) else of, chinese=_chinese())


def shown(value: Any) -> Any:
    """Any value of a table cell or a fact: dates and quarters in words, nothing as a dash, all else as it is."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return civil(value)
    return quarter(value) if isinstance(value, Quarter) else value


def register_dates(app: Flask) -> None:
    """Make the filters known to every template, and have dates in its sentences written out. After flask-babel."""
    for words in (civil, moment, moment_to_the_second, weekday_moment, month, quarter, period, shown):
        app.jinja_env.filters[words.__name__] = words
    for name in ("gettext", "ngettext"):
        app.jinja_env.globals[name] = _with_dates_in_words(app.jinja_env.globals[name])


def _with_dates_in_words(translate: Any) -> Any:
    """`_("Until %(day)s", day=row.due_on)` must not print ISO 8601 because somebody forgot the filter."""

    @pass_context
    def in_words(context: Context, *texts: Any, **variables: Any) -> Any:
        return translate(context, *texts, **{name: _in_words(value) for name, value in variables.items()})

    return in_words


def _in_words(value: Any) -> Any:
    return shown(value) if isinstance(value, date | Quarter) else value


def _chinese() -> bool:
    """Chinese is the product's first language, outside a request too."""
    locale = get_locale()
    return locale is None or locale.language == "zh"
