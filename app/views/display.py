"""What one cell of a generated list or record page shows: masked, in words, local, and leading somewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar

from flask import current_app
from flask_babel import gettext as _

from app.domain.labels import LABELS, label_of
from app.models import GridNode, Household
from app.views import cells, dates

PLAIN = "plain"  # a tone: words without a badge, for what is no state


def badge_cell(label: Any, tone: str) -> Any:
    """A code word as the pages show it: a badge of its tone, or plain words."""
    if tone == PLAIN:
        return str(label)
    macros: Any = current_app.jinja_env.get_template("macros/ui.html").module
    return macros.badge(str(label), tone)


class Cells:
    """Mixin of generated views. `masked_columns` and `badges`: see app.views.base."""

    masked_columns: ClassVar[Mapping[str, Callable[[Any], str]]] = {}
    badges: ClassVar[Mapping[str, Mapping[Any, tuple[Any, str]]]] = {}
    datamodel: Any
    list_columns: Any
    formatters_columns: Any

    def can_reveal(self) -> bool:
        """May the user see masked columns in full? Override with a permission; revealing must be audited."""
        return False

    def display(self, item: Any, column: str) -> Any:
        """One cell: masked, translated, local; plain value when FAB's formatters_columns takes over."""
        value = self.datamodel._get_attr_value(item, column)
        if column in self.masked_columns:
            return value if value in (None, "") or self.can_reveal() else self.masked_columns[column](value)
        raw = getattr(item, column, value)
        if column in self.badges and raw in self.badges[column]:
            return badge_cell(*self.badges[column][raw])
        if column in self.formatters_columns:
            return value
        if column == "quarter":
            return dates.quarter(value)
        if column == "household_id" or isinstance(raw, Household):
            return cells.household_cell(item.household_id)
        if isinstance(raw, GridNode):
            return cells.unit_cell(raw)
        if isinstance(raw, StrEnum) and type(raw) in LABELS:
            return _(label_of(raw))
        if isinstance(value, datetime):
            return dates.moment(value)
        if isinstance(value, time):
            return f"{value:%H:%M}"
        return dates.civil(value) if isinstance(value, date) else value

    def _column_kinds(self) -> dict[str, str]:
        data = self.datamodel
        return {
            column: "date" if data.is_date(column) or data.is_datetime(column) else "num"
            for column in self.list_columns
            if data.is_date(column) or data.is_datetime(column) or data.is_integer(column) or data.is_numeric(column)
            if column not in self.badges and column != self.list_columns[0] and not column.endswith("_id")
        }
