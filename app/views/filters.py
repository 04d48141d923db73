"""Search filters of generated lists: safe wildcards, whole local days, no value that can make the database stumble.

FAB's stock filters do not escape `%`, use ILIKE (no index), compare instants with naive text and answer 500 to a value
of the wrong type. Every filter here raises BadRequest for a value it cannot read. Clause: STACK A3, A4 (6).
"""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, has_request_context
from flask_appbuilder.models.filters import BaseFilter, FilterRelation
from flask_appbuilder.models.sqla.filters import (
    FilterRelationManyToManyEqual,
    SQLAFilterConverter,
)
from flask_babel import get_timezone
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Time
from werkzeug.exceptions import BadRequest

LONGEST_TERM = 100  # characters
LARGEST_INTEGER = 2**63 - 1  # beyond it SQLite and PostgreSQL refuse the parameter


def parse_integer(value: str) -> int:
    """A whole number a BIGINT can hold; BadRequest otherwise."""
    try:
        number = int(value) if len(value) <= 20 else LARGEST_INTEGER + 1
    except ValueError:
        raise BadRequest(f"not a whole number: {value[:20]!r}") from None
    if abs(number) > LARGEST_INTEGER:
        raise BadRequest("number out of range")
    return number


def parse_day(value: str) -> date:
    """YYYY-MM-DD (what a native date input sends; a time after it is ignored); BadRequest otherwise."""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise BadRequest(f"not a date: {value[:20]!r}") from None


def user_zone() -> ZoneInfo:
    """Flask-Babel hands out pytz zones, which put plain replace() six minutes off (Shanghai's local mean time)."""
    return ZoneInfo(str(get_timezone()))


def local_midnight(day: date) -> datetime:
    """The instant a civil day begins where the user is, in UTC."""
    return datetime.combine(day, time.min, tzinfo=user_zone()).astimezone(UTC)


def _parse_decimal(value: str) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadRequest(f"not a number: {value[:20]!r}") from None
    if not number.is_finite():
        raise BadRequest("not a finite number")
    return number


def _parse_yes_no(value: str) -> bool:
    if value not in ("y", "n"):
        raise BadRequest("expected y or n")
    return value == "y"


class HouseFilter(BaseFilter):
    """One column, one comparison. Subclasses give `compare(column, value)`."""

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(self.compare(getattr(self.model, self.column_name), value))

    def compare(self, column: Any, value: str) -> ColumnElement[bool]:
        raise NotImplementedError

    def number(self, value: str) -> int | Decimal:
        return parse_integer(value) if self.datamodel.is_integer(self.column_name) else _parse_decimal(value)


def _term(value: str) -> str:
    term = value.strip()
    if len(term) > LONGEST_TERM:
        raise BadRequest("search term too long")
    if "\x00" in term:  # PostgreSQL refuses it in any text
        raise BadRequest("search term with a NUL")
    return term


class TextContains(HouseFilter):
    name = _l("Contains")
    arg_name = "house_contains"

    def compare(self, column: Any, value: str) -> Any:
        return column.contains(_term(value), autoescape=True)


class TextStartsWith(HouseFilter):
    name = _l("Starts with")
    arg_name = "house_starts"

    def compare(self, column: Any, value: str) -> Any:
        return column.startswith(_term(value), autoescape=True)


class TextEquals(HouseFilter):
    name = _l("Equal to")
    arg_name = "house_text_is"

    def compare(self, column: Any, value: str) -> Any:
        return column == _term(value)


class TextDiffers(HouseFilter):
    name = _l("Not Equal to")
    arg_name = "house_text_is_not"

    def compare(self, column: Any, value: str) -> Any:
        return column != _term(value)


class NumberEquals(HouseFilter):
    name = _l("Equal to")
    arg_name = "house_number_is"

    def compare(self, column: Any, value: str) -> Any:
        return column == self.number(value)


class NumberAtLeast(HouseFilter):
    name = _l("At least")
    arg_name = "house_at_least"

    def compare(self, column: Any, value: str) -> Any:
        return column >= self.number(value)


class NumberAtMost(HouseFilter):
    name = _l("At most")
    arg_name = "house_at_most"

    def compare(self, column: Any, value: str) -> Any:
        return column <= self.number(value)


class YesNo(HouseFilter):
    name = _l("Equal to")
    arg_name = "house_yes_no"

    def compare(self, column: Any, value: str) -> Any:
        return column.is_(_parse_yes_no(value))


class DayIs(HouseFilter):
    """A civil date, or an instant within that local day."""

    name = _l("On")
    arg_name = "house_on"

    def compare(self, column: Any, value: str) -> Any:
        day = parse_day(value)
        if self.datamodel.is_date(self.column_name):
            return column == day
        return (column >= local_midnight(day)) & (column < local_midnight(day + timedelta(days=1)))


class DayFrom(HouseFilter):
    name = _l("From")
    arg_name = "house_from"

    def compare(self, column: Any, value: str) -> Any:
        day = parse_day(value)
        return column >= (day if self.datamodel.is_date(self.column_name) else local_midnight(day))


class DayUntil(HouseFilter):
    """Up to and including that day."""

    name = _l("Until")
    arg_name = "house_until"

    def compare(self, column: Any, value: str) -> Any:
        day = parse_day(value)
        if self.datamodel.is_date(self.column_name):
            return column <= day
        return column < local_midnight(day + timedelta(days=1))


def _member(filter_: HouseFilter, value: str) -> Any:
    """The value as the column's enumeration knows it; free text passes for columns that only have `choices`."""
    kind = filter_.datamodel.list_columns[filter_.column_name].type
    members: type[StrEnum] | None = getattr(kind, "members", None)
    try:
        if members is not None:
            return members(value)
        allowed = getattr(kind, "enums", None)
        if allowed is not None and value not in allowed:
            raise ValueError(value)
    except ValueError:
        raise BadRequest("not one of the choices") from None
    return _term(value)


class ChoiceIs(HouseFilter):
    name = _l("Equal to")
    arg_name = "house_choice_is"

    def compare(self, column: Any, value: str) -> Any:
        return column == _member(self, value)


class ChoiceIsNot(HouseFilter):
    name = _l("Not Equal to")
    arg_name = "house_choice_is_not"

    def compare(self, column: Any, value: str) -> Any:
        return column != _member(self, value)


class RelationIs(FilterRelation):
    """Compares the foreign key itself: a row outside the scope is never loaded, its children are out of scope too."""

    name = _l("Equal to")
    arg_name = "house_relation_is"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(self.datamodel.get_relation_fk(self.column_name) == parse_integer(value))


class RelationIsNot(FilterRelation):
    name = _l("Not Equal to")
    arg_name = "house_relation_is_not"

    def apply(self, query: Any, value: str) -> Any:
        return query.filter(self.datamodel.get_relation_fk(self.column_name) != parse_integer(value))


CHOICE_FILTERS: tuple[type[HouseFilter], ...] = (ChoiceIs, ChoiceIsNot)
_TEXT = [TextContains, TextStartsWith, TextEquals, TextDiffers]
_NUMBER = [NumberEquals, NumberAtLeast, NumberAtMost]
_DAY = [DayIs, DayFrom, DayUntil]


class HouseFilterConverter(SQLAFilterConverter):
    """Which filters a column of each kind offers, in the order the page lists them."""

    conversion_table = (
        ("is_relation_many_to_one", [RelationIs, RelationIsNot]),
        ("is_relation_one_to_one", [RelationIs, RelationIsNot]),
        ("is_relation_many_to_many", [FilterRelationManyToManyEqual]),
        ("is_relation_one_to_many", [FilterRelationManyToManyEqual]),
        ("is_choice", list(CHOICE_FILTERS)),
        ("is_text", _TEXT),
        ("is_string", _TEXT),
        ("is_integer", _NUMBER),
        ("is_float", _NUMBER),
        ("is_numeric", _NUMBER),
        ("is_date", _DAY),
        ("is_boolean", [YesNo]),
        ("is_datetime", _DAY),
        ("is_json", [TextContains]),
        ("is_binary", [TextEquals]),
    )

    def convert(self, col_name: str) -> Any:
        """FAB asks for filters of every column and complains about times of day, which nobody searches by."""
        column = self.datamodel.list_columns.get(col_name)
        if column is not None and isinstance(column.type, Time):
            return None
        return super().convert(col_name)


class RequestFilters:
    """Mixin for views: FAB keeps a request's filters on the view singleton; give every request its own copy.

    With the stock attribute two threads can exchange their search results (FAB issue 2366; STACK A3).
    """

    __dict__: dict[str, Any]

    @property
    def _filters(self) -> Any:
        template = self.__dict__.get("_filters_template")
        if template is None or not has_request_context():
            return template
        mine: dict[int, Any] = g.setdefault("shouwang_filters", {})
        if id(self) not in mine:
            fresh = copy.copy(template)
            fresh.clear_filters()
            mine[id(self)] = fresh
        return mine[id(self)]

    @_filters.setter
    def _filters(self, value: Any) -> None:
        if value is not None:
            self.__dict__["_filters_template"] = value
